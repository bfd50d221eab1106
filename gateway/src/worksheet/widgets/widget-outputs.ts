/**
 * What Output widgets hold. While the kernel says that one takes the outputs of a request (its `msg_id`), they go into its state, as
 * in nbclient and JupyterLab; of several that want them, the one that asked last has them. Pure.
 */

import type { Json } from '../../wire/notebook.ts';
import { isObject, storableBundle, storableObject, without } from '../../wire/notebook-values.ts';
import type { OutputBound } from '../document/cell-outputs.ts';
import { type Entry, isStream, OutputModel } from '../document/cell-outputs-model.ts';
import { StreamText } from '../document/cell-outputs-stream.ts';
import { readOutput } from '../document/cells.ts';

/** Bytes of streams that a widget keeps; all of it goes to every page with every change. */
const BOUND: OutputBound = { head: 64 * 1024, tail: 64 * 1024 };
const LONGEST_NAME = 64;

interface Captured {
  readonly model: OutputModel;
  /** The request whose outputs it takes; empty where none. */
  claim: string;
  clearsNext: boolean;
  changed: boolean;
}

export class WidgetOutputs {
  readonly #widgets = new Map<string, Captured>();
  /** Ids of widgets, by the msg_id whose outputs they take. */
  readonly #claims = new Map<string, string[]>();

  /** What the kernel says of an Output widget: `msg_id` and `outputs`, where they are part of the change. */
  hear(id: string, state: Json): void {
    const widget = this.#widgets.get(id) ?? this.#make(id);
    if (Array.isArray(state['outputs'])) {
      widget.model.clear();
      widget.model.load(state['outputs'].flatMap(entryOf));
      widget.clearsNext = false;
      widget.changed = false;
    }
    const claim = state['msg_id'];
    if (typeof claim !== 'string' || claim === widget.claim) return;
    this.#release(id, widget);
    widget.claim = claim;
    if (claim !== '') this.#claims.set(claim, [...(this.#claims.get(claim) ?? []), id]);
  }

  forget(id: string): void {
    const widget = this.#widgets.get(id);
    if (widget === undefined) return;
    this.#release(id, widget);
    this.#widgets.delete(id);
  }

  clear(): void {
    this.#widgets.clear();
    this.#claims.clear();
  }

  /** The requests whose outputs are taken, with the widgets that take them. */
  get claims(): ReadonlyMap<string, readonly string[]> {
    return this.#claims;
  }

  has(id: string): boolean {
    return this.#widgets.has(id);
  }

  isChanged(id: string): boolean {
    return this.#widgets.get(id)?.changed === true;
  }

  /** What the widget holds. */
  of(id: string): object[] {
    return this.#widgets.get(id)?.model.entries.map(outputOf) ?? [];
  }

  /** It counts as changed. */
  touch(id: string): void {
    const widget = this.#widgets.get(id);
    if (widget !== undefined) widget.changed = true;
  }

  /** An output that this widget takes. */
  add(id: string, type: string, content: Json): void {
    const widget = this.#widgets.get(id);
    if (widget === undefined) return;
    if (type === 'clear_output' && content['wait'] === true) widget.clearsNext = true;
    else if (type === 'clear_output') this.#empty(widget);
    else if (type === 'update_display_data') this.refresh(content);
    else this.#append(widget, type, content);
  }

  /** An `update_display_data`: changes what is shown under its display id. */
  refresh(content: Json): void {
    const wanted = displayId(content);
    if (wanted === undefined) return;
    for (const widget of this.#widgets.values())
      for (const entry of widget.model.entries) {
        if (!('id' in entry) || entry.id !== wanted) continue;
        const shown = { data: storableBundle(content['data']), metadata: storableObject(content['metadata']) };
        entry.output = { ...entry.output, ...shown };
        widget.changed = true;
      }
  }

  /** The outputs of the widgets that have changed since the last call; those that are not `known` wait. */
  changes(known: (id: string) => boolean): Map<string, object[]> {
    const found = new Map<string, object[]>();
    for (const [id, widget] of this.#widgets) {
      if (!widget.changed || !known(id)) continue;
      widget.changed = false;
      widget.model.cut();
      found.set(id, widget.model.entries.map(outputOf));
    }
    return found;
  }

  /** Its outputs do not fit; it begins anew. */
  drop(id: string): void {
    this.#widgets.get(id)?.model.clear();
  }

  #make(id: string): Captured {
    const made: Captured = {
      model: new OutputModel(BOUND),
      claim: '',
      clearsNext: false,
      changed: false,
    };
    this.#widgets.set(id, made);
    return made;
  }

  #append(widget: Captured, type: string, content: Json): void {
    if (widget.clearsNext) this.#empty(widget);
    if (type === 'stream') {
      const { name, text } = content;
      if (typeof text !== 'string' || text === '') return;
      const stream = typeof name === 'string' && name !== '' ? name.slice(0, LONGEST_NAME).toWellFormed() : 'stdout';
      widget.model.write(stream, text.toWellFormed());
      widget.changed = true;
      return;
    }
    const [output] = readOutput({ ...without(storableObject(content), ['transient']), output_type: type });
    if (output === undefined || output.output_type === 'stream') return;
    if (output.output_type === 'error') widget.model.add({ output, shared: undefined });
    else widget.model.add({ id: displayId(content), cell: '', output, shared: undefined });
    widget.changed = true;
  }

  #empty(widget: Captured): void {
    widget.model.clear();
    widget.clearsNext = false;
    widget.changed = true;
  }

  #release(id: string, { claim }: Captured): void {
    const left = (this.#claims.get(claim) ?? []).filter((each) => each !== id);
    if (left.length > 0) this.#claims.set(claim, left);
    else this.#claims.delete(claim);
  }
}

const outputOf = (entry: Entry): object =>
  isStream(entry) ? { output_type: 'stream', name: entry.stream.name, text: entry.stream.begun() } : entry.output;

function entryOf(value: unknown): Entry[] {
  return readOutput(value).map((output) => {
    if (output.output_type === 'stream')
      return { stream: new StreamText(output.name, output.text), shared: undefined, changed: false };
    if (output.output_type === 'error') return { output, shared: undefined };
    return { id: undefined, cell: '', output, shared: undefined };
  });
}

function displayId(content: Json): string | undefined {
  const { transient } = content;
  const id = isObject(transient) ? transient['display_id'] : undefined;
  return typeof id === 'string' && id !== '' ? id : undefined;
}
