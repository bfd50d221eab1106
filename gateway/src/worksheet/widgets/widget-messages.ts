/** What is read in a kernel's messages about comms. They come out of a sandbox: everything is checked, nothing is believed. Pure. */
import type { KernelMessage } from '../../wire/kernel-message.ts';
import type { Json } from '../../wire/notebook.ts';
import { isObject } from '../../wire/notebook-values.ts';
import { isStep, type WidgetBuffer, type WidgetModel } from '../../wire/widget-models.ts';

export const WIDGET_TARGET = 'jupyter.widget';
export const CONTROL_TARGET = 'jupyter.widget.control';
const LONGEST_ID = 128;

export const commOf = ({ content }: KernelMessage): string | undefined => idIn(content['comm_id']);

/** The comm's data; of version 7 and 8 alike. */
export const dataOf = ({ content }: KernelMessage): Json => (isObject(content['data']) ? content['data'] : {});

/** The state and its binary parts that an `update`, an `echo_update` or a `comm_open` carries. */
export function changeOf(message: KernelMessage, id: string): WidgetModel {
  const data = dataOf(message);
  const state = isObject(data['state']) ? data['state'] : {};
  return { id, state, buffers: placed(data['buffer_paths'], message.buffers) };
}

/** All models that an `update_states` of the control comm carries. */
export function statesOf(message: KernelMessage): WidgetModel[] {
  const { states, buffer_paths: paths } = dataOf(message);
  const buffers = new Map<string, WidgetBuffer[]>();
  for (const { path, data } of placed(paths, message.buffers)) {
    const [id, part, ...rest] = path;
    if (part !== 'state' || rest.length === 0) continue;
    buffers.set(String(id), [...(buffers.get(String(id)) ?? []), { path: rest, data }]);
  }
  return Object.entries(isObject(states) ? states : {}).flatMap(([id, one]) => {
    if (idIn(id) === undefined || !isObject(one) || !isObject(one['state'])) return [];
    const named = {
      _model_name: one['model_name'],
      _model_module: one['model_module'],
      _model_module_version: one['model_module_version'],
    };
    return [{ id, state: { ...named, ...one['state'] }, buffers: buffers.get(id) ?? [] }];
  });
}

/** Ids of the comms that a comm_info_reply lists. */
export function commsOf({ content }: KernelMessage): string[] {
  const { comms } = content;
  return Object.keys(isObject(comms) ? comms : {}).filter((id) => idIn(id) !== undefined);
}

function placed(paths: unknown, buffers: readonly Buffer[]): WidgetBuffer[] {
  if (!Array.isArray(paths)) return [];
  return paths.slice(0, buffers.length).flatMap((path: unknown, index) => {
    if (!Array.isArray(path) || path.length === 0 || !path.every(isStep)) return [];
    return [{ path, data: buffers[index]?.toString('base64') ?? '' }];
  });
}

const idIn = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' && value.length <= LONGEST_ID ? value : undefined;
