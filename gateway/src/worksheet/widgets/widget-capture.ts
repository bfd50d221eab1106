/**
 * Outputs that Output widgets take: kept beside the models, told to the kernel's half of each widget, and written down so that another
 * process of the gateway goes on with them.
 */
import type * as Y from 'yjs';
import type { KernelMessage } from '../../wire/kernel-message.ts';
import type { WidgetModel } from '../../wire/widget-models.ts';
import type { Outgoing } from '../run/kernel-client.ts';
import { readRun } from '../run/runner-messages.ts';
import { CaptureRecord } from './capture-record.ts';
import { WidgetOutputs } from './widget-outputs.ts';
import type { Merged } from './widget-states.ts';
import { WidgetSync } from './widget-sync.ts';

export interface WidgetCaptureOptions {
  readonly doc: Y.Doc;
  readonly send: (message: Outgoing) => string | undefined;
  readonly modelOf: (id: string) => WidgetModel | undefined;
  readonly merge: (change: WidgetModel) => Merged;
  /** A message that an earlier process has dealt with. */
  readonly heard: (id: string) => void;
}

export class WidgetCapture {
  readonly #options: WidgetCaptureOptions;
  readonly #outputs = new WidgetOutputs();
  readonly #record: CaptureRecord;
  readonly #sync: WidgetSync;

  constructor(options: WidgetCaptureOptions) {
    this.#options = options;
    this.#sync = new WidgetSync(options.send);
    this.#record = new CaptureRecord(options.doc);
    for (const { widget, run, outputs, taken, heard } of this.#record.left) {
      this.#outputs.hear(widget, { outputs, msg_id: run });
      for (const { type, content } of taken) this.#outputs.add(widget, type, content);
      for (const id of [...heard, ...taken.map((one) => one.id)]) options.heard(id);
    }
  }

  /** What the kernel says of a model. One that is not known yet counts where an earlier process has left something of it. */
  hear({ id, state }: WidgetModel): void {
    const model = this.#options.modelOf(id);
    if (model === undefined ? this.#outputs.has(id) : isOutput(model)) this.#outputs.hear(id, state);
  }

  /** The model as the kernel was asked for it, with the outputs that are known here, which are newer. */
  recalled(model: WidgetModel): WidgetModel {
    if (!isOutput(model)) return model;
    if (!this.#outputs.has(model.id)) {
      this.#outputs.hear(model.id, model.state);
      return model;
    }
    this.#outputs.hear(model.id, { msg_id: model.state['msg_id'] });
    this.#outputs.touch(model.id);
    return { ...model, state: { ...model.state, outputs: this.#outputs.of(model.id) } };
  }

  takes(request: string): boolean {
    return this.#outputs.claims.has(request);
  }

  take(request: string, { header, content }: KernelMessage): void {
    const widget = this.#outputs.claims.get(request)?.at(-1);
    if (widget === undefined) return;
    const { msg_id: id, msg_type: type } = header;
    this.keep();
    this.#outputs.add(widget, type, content);
    this.#record.add(widget, { id, type, content }, () => this.#outputs.of(widget));
  }

  /** An `update_display_data`, which may be about a display within a widget. */
  refresh({ content }: KernelMessage): void {
    this.#outputs.refresh(content);
  }

  /** What was taken since the last time goes into the models. */
  flush(): void {
    const { modelOf, merge } = this.#options;
    for (const [id, outputs] of this.#outputs.changes((each) => modelOf(each) !== undefined)) {
      if (merge({ id, state: { outputs }, buffers: [] }) === 'done') this.#sync.changed(id, outputs);
      else this.#outputs.drop(id);
    }
  }

  /** The kernel has dealt with this message. */
  quiet(request: string): void {
    this.#sync.quiet(request, (id) => this.#options.modelOf(id)?.state['outputs']);
  }

  /** Writes down who takes what, in the change of the document that holds what was printed up to now. */
  keep(): void {
    const recorded = new Set(this.#record.widgets);
    if (recorded.size === 0 && this.#outputs.claims.size === 0) return;
    const taking = new Map<string, string>();
    for (const [request, widgets] of this.#outputs.claims)
      if (readRun(request) !== undefined) for (const widget of widgets) taking.set(widget, request);
    for (const [widget, run] of taking)
      if (!recorded.has(widget)) this.#record.begin(widget, run, this.#outputs.of(widget));
    for (const widget of recorded) {
      const done = !taking.has(widget) && this.#options.modelOf(widget) !== undefined;
      if (done && !this.#sync.isUnderWay(widget) && !this.#outputs.isChanged(widget)) this.#record.end(widget);
      else this.#record.claim(widget, taking.get(widget) ?? '');
    }
  }

  forget(id: string): void {
    this.#outputs.forget(id);
    this.#record.end(id);
  }

  clear(): void {
    this.#outputs.clear();
    this.#sync.clear();
    for (const widget of this.#record.widgets) this.#record.end(widget);
  }
}

const isOutput = ({ state }: WidgetModel): boolean => state['_model_name'] === 'OutputModel';
