/**
 * The widgets of a worksheet as gateway, page and notebook file know them: models with their state, what changes them, and which of
 * them belong together. The gateway keeps them, pages follow by events; both merge with the functions here. Pure.
 */
import { isObject } from './notebook-values.ts';

/** The mime type of an output that shows a widget, and of the states that a notebook file keeps in its metadata. */
export const WIDGET_VIEW = 'application/vnd.jupyter.widget-view+json';
export const WIDGET_STATE = 'application/vnd.jupyter.widget-state+json';

const REFERENCE = 'IPY_MODEL_';

/** A binary part of a state: the place where it belongs, and its bytes as base64. */
export interface WidgetBuffer {
  readonly path: readonly (string | number)[];
  readonly data: string;
}

export interface WidgetModel {
  readonly id: string;
  /** `_model_name`, `_model_module` and `_model_module_version` among it; without what stands in `buffers`. */
  readonly state: Readonly<Record<string, unknown>>;
  readonly buffers: readonly WidgetBuffer[];
}

export type WidgetEvent =
  | { readonly is: 'open'; readonly model: WidgetModel }
  /** `parent`: the command of a page that asked for this change, and which this event repeats to every page. */
  | ({ readonly is: 'update'; readonly parent?: string } & WidgetModel)
  /** A message between the two halves of a widget, of no interest to others. */
  | { readonly is: 'custom'; readonly id: string; readonly content: unknown; readonly buffers: readonly string[] }
  | { readonly is: 'close'; readonly id: string }
  /** No widget lives any more. */
  | { readonly is: 'gone' }
  /** What a page knows is out of date: it asks for all of it again. */
  | { readonly is: 'stale' };

export const nameOf = (
  { state }: WidgetModel,
  key: '_model_name' | '_model_module' | '_model_module_version',
): string => (typeof state[key] === 'string' ? state[key] : '');

/** The model after an update: each key of the state or of a buffer's path replaces what that key had. */
export function withUpdate(
  model: WidgetModel,
  { state, buffers }: Pick<WidgetModel, 'state' | 'buffers'>,
): WidgetModel {
  const changed = keysOf({ state, buffers });
  const kept = Object.entries(model.state).filter(([key]) => !changed.has(key));
  return {
    id: model.id,
    state: Object.fromEntries([...kept, ...Object.entries(state)]),
    buffers: [...model.buffers.filter(({ path }) => !changed.has(String(path[0]))), ...buffers],
  };
}

/** The names of the state that an update is about. */
export const keysOf = ({ state, buffers }: Pick<WidgetModel, 'state' | 'buffers'>): Set<string> =>
  new Set([...Object.keys(state), ...buffers.map(({ path }) => String(path[0]))]);

/** Ids of the models that a value names: by reference, or as the views that stand in the outputs of an Output widget. */
export function referencesOf(value: unknown, found = new Set<string>()): Set<string> {
  if (typeof value === 'string') {
    if (value.startsWith(REFERENCE)) found.add(value.slice(REFERENCE.length));
  } else if (Array.isArray(value)) {
    for (const item of value) referencesOf(item, found);
  } else if (isObject(value)) {
    const shown = viewOf(value);
    if (shown !== undefined) found.add(shown);
    for (const item of Object.values(value)) referencesOf(item, found);
  }
  return found;
}

/** The model that a mime bundle shows; undefined where it shows none. */
export function viewOf(bundle: unknown): string | undefined {
  const view = isObject(bundle) ? bundle[WIDGET_VIEW] : undefined;
  const id = isObject(view) ? view['model_id'] : undefined;
  return typeof id === 'string' && id !== '' && id.length <= 128 ? id : undefined;
}

/**
 * The models that are needed to show `roots`, themselves among them: what they name, and links between widgets, which nobody names
 * and which name both ends. Unknown ids are left out.
 */
export function belongingTo(roots: Iterable<string>, models: ReadonlyMap<string, WidgetModel>): Set<string> {
  const found = new Set<string>();
  const links = [...models.values()].filter(isLink).map((model) => ({ id: model.id, ends: referencesOf(model.state) }));
  const add = (first: Iterable<string>) => {
    const waiting = [...first];
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      const model = models.get(id);
      if (model === undefined || found.has(id)) continue;
      found.add(id);
      waiting.push(...referencesOf(model.state));
    }
  };
  add(roots);
  for (let before = -1; before < found.size; ) {
    before = found.size;
    for (const { id, ends } of links) if (!found.has(id) && [...ends].some((end) => found.has(end))) add([id]);
  }
  return found;
}

const isLink = (model: WidgetModel): boolean => /^(Directional)?LinkModel$/.test(nameOf(model, '_model_name'));

/** The models in a notebook's metadata; what is none is left out. */
export function savedModels(metadata: unknown): Map<string, WidgetModel> {
  const kept = isObject(metadata) ? metadata[WIDGET_STATE] : undefined;
  const states = isObject(kept) && isObject(kept['state']) ? kept['state'] : {};
  const models = new Map<string, WidgetModel>();
  for (const [id, one] of Object.entries(states)) {
    if (!isObject(one) || !isObject(one['state'])) continue;
    const named = {
      _model_name: one['model_name'],
      _model_module: one['model_module'],
      _model_module_version: one['model_module_version'],
    };
    const buffers = Array.isArray(one['buffers']) ? one['buffers'].flatMap(readBuffer) : [];
    models.set(id, { id, state: { ...one['state'], ...named }, buffers });
  }
  return models;
}

/** Base64 and, of old files, hexadecimal digits. */
function readBuffer(value: unknown): WidgetBuffer[] {
  if (!isObject(value)) return [];
  const { path, data, encoding } = value;
  if (!Array.isArray(path) || !path.every(isStep) || typeof data !== 'string') return [];
  if (encoding !== 'hex') return [{ path, data }];
  const bytes = (data.match(/[0-9a-f]{2}/gi) ?? []).map((pair) => String.fromCharCode(Number.parseInt(pair, 16)));
  return [{ path, data: btoa(bytes.join('')) }];
}

export const isStep = (value: unknown): value is string | number =>
  typeof value === 'string' || (Number.isSafeInteger(value) && Number(value) >= 0);

/** As a notebook's metadata keeps them (the schema of @jupyter-widgets/schema, version 2). */
export function savedForm(models: Iterable<WidgetModel>): Readonly<Record<string, unknown>> {
  const states = [...models].map(({ id, state, buffers }) => {
    const named = {
      model_name: state['_model_name'] ?? '',
      model_module: state['_model_module'] ?? '',
      model_module_version: state['_model_module_version'] ?? '',
    };
    const binary = buffers.map(({ path, data }) => ({ encoding: 'base64', path, data }));
    return [id, { ...named, state, ...(binary.length > 0 && { buffers: binary }) }] as const;
  });
  return { version_major: 2, version_minor: 0, state: Object.fromEntries(states) };
}
