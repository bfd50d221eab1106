/**
 * Puts what a kernel publishes for one cell into the document. Messages are gathered; `flush` writes what has changed since the last
 * one, in one transaction. A cell that is not there is ignored, one that was moved gets its outputs at its new place. An object
 * that is made for a cell with outputs goes on behind them; `begin` starts anew.
 */
import * as Y from 'yjs';
import type { ErrorOutput, Json } from '../../wire/notebook.ts';
import { isCount, isObject, storableBundle, storableObject, storableText } from '../../wire/notebook-values.ts';
import { type Display, Displays, displayIdOf } from './cell-outputs-displays.ts';
import { type Entry, isStream, type OutputBound, OutputModel } from './cell-outputs-model.ts';
import { StreamText } from './cell-outputs-stream.ts';
import { readOutput, TRANSIENT } from './cells.ts';
import { cellOf, makeOutput } from './document.ts';
import { isGone, outputsOf, plainOf } from './values.ts';

export type { OutputBound } from './cell-outputs-model.ts';

/** UTF-16 units of streams after which their bound is looked at before the next flush. */
const MUCH = 64 * 1024;
const LONGEST_NAME = 64;

export class CellOutputs {
  readonly #doc: Y.Doc;
  readonly #cell: string;
  readonly #displays: Displays;
  readonly #model: OutputModel;
  /** Where the entries of the model stand; undefined until the cell was seen. */
  #array: Y.Array<unknown> | undefined;
  /** The cell's outputs go when it is written next. */
  #cleared = false;
  /** They go when another output comes. */
  #clearsNext = false;
  #count: number | null | undefined;
  #changed = false;
  #written = 0;
  readonly #gone = new Set<unknown>();
  readonly #updated = new Set<Display>();

  constructor(doc: Y.Doc, cell: string, bound: OutputBound) {
    this.#doc = doc;
    this.#cell = cell;
    this.#displays = Displays.of(doc);
    this.#model = new OutputModel(bound);
    this.#load();
  }

  /** The cell starts: its outputs and its count go. */
  begin(): void {
    this.#clear();
    this.#count = null;
  }

  count(n: number): void {
    this.#count = n;
    this.#changed = true;
  }

  /** A message's type and content, and its `transient` where that is not in the content. What is no output is ignored. */
  apply(type: string, content: unknown, transient?: unknown): void {
    if (!isObject(content)) return;
    if (type === 'stream') this.#stream(content);
    else if (type === 'display_data' || type === 'execute_result')
      this.#display(type, content, displayId(content, transient));
    else if (type === 'error') this.#add(() => this.#model.add({ output: errorOf(content), shared: undefined }));
    else if (type === 'update_display_data') this.#update(content, displayId(content, transient));
    else if (type === 'clear_output' && content['wait'] === true) this.#clearsNext = true;
    else if (type === 'clear_output') this.#clear();
  }

  flush(): void {
    if (!this.#changed) return;
    if (this.#written > 0) this.#bound();
    this.#doc.transact(() => {
      const cell = cellOf(this.#doc, this.#cell);
      const outputs = cell?.get('outputs');
      if (cell?.get('cell_type') === 'code' && outputs instanceof Y.Array) this.#writeTo(cell, outputs);
      for (const display of this.#updated) this.#displays.publish(display);
    });
    this.#updated.clear();
    this.#changed = false;
  }

  #stream(content: Json): void {
    const { name, text } = content;
    if (typeof text !== 'string' || text === '') return;
    const stream = typeof name === 'string' && name !== '' ? name.slice(0, LONGEST_NAME).toWellFormed() : 'stdout';
    this.#add(() => this.#model.write(stream, text.toWellFormed()));
    this.#written += text.length;
    if (this.#written > MUCH) this.#bound();
  }

  #display(type: 'display_data' | 'execute_result', content: Json, id: string | undefined): void {
    const shown = { data: storableBundle(content['data']), metadata: storableObject(content['metadata']) };
    const count = content['execution_count'];
    const display: Display = {
      id,
      cell: this.#cell,
      output:
        type === 'display_data'
          ? { output_type: type, ...shown }
          : { output_type: type, ...shown, execution_count: isCount(count) ? count : null },
      shared: undefined,
    };
    this.#add(() => {
      if (this.#model.add(display)) this.#displays.add(display);
    });
  }

  #update(content: Json, id: string | undefined): void {
    if (id === undefined) return;
    const [data, metadata] = [storableBundle(content['data']), storableObject(content['metadata'])];
    for (const display of this.#displays.update(id, data, metadata)) {
      this.#updated.add(display);
      this.#changed = true;
    }
  }

  #add(add: () => void): void {
    if (this.#clearsNext) this.#clear();
    this.#forgetGone();
    add();
    this.#changed = true;
  }

  #clear(): void {
    for (const entry of this.#model.entries) if ('id' in entry) this.#displays.forget(entry);
    this.#model.clear();
    this.#gone.clear();
    this.#clearsNext = false;
    this.#cleared = true;
    this.#changed = true;
  }

  #bound(): void {
    this.#written = 0;
    for (const entry of this.#model.cut()) if (entry.shared !== undefined) this.#gone.add(entry.shared);
  }

  /** Somebody may have cleared the cell while it runs: what comes then stands alone. */
  #forgetGone(): void {
    const last = this.#model.entries.at(-1);
    if (last?.shared === undefined || !isGone(last.shared) || this.#wasMoved()) return;
    this.#model.keepOnly(({ shared }) => shared === undefined || !isGone(shared));
  }

  #wasMoved(): boolean {
    return cellOf(this.#doc, this.#cell)?.get('outputs') !== this.#array;
  }

  #load(): void {
    const cell = cellOf(this.#doc, this.#cell);
    const outputs = cell?.get('outputs');
    if (!(outputs instanceof Y.Array)) return;
    this.#array = outputs;
    this.#model.load(outputsOf(cell).flatMap((shared) => entryOf(shared, this.#cell)));
  }

  #writeTo(cell: Y.Map<unknown>, outputs: Y.Array<unknown>): void {
    if (this.#count !== undefined && cell.get('execution_count') !== this.#count)
      cell.set('execution_count', this.#count);
    this.#count = undefined;
    const moved = outputs !== this.#array;
    if (moved && this.#array === undefined && !this.#cleared) this.#load();
    else if (moved || this.#cleared) {
      outputs.delete(0, outputs.length);
      for (const entry of this.#model.entries) entry.shared = undefined;
    } else {
      this.#model.keepOnly(({ shared }) => shared === undefined || !isGone(shared));
      deleteFrom(outputs, this.#gone);
    }
    this.#array = outputs;
    this.#cleared = false;
    this.#gone.clear();
    this.#writeEntries(outputs);
  }

  #writeEntries(outputs: Y.Array<unknown>): void {
    const added: Y.Map<unknown>[] = [];
    for (const entry of this.#model.entries) {
      if (entry.shared === undefined) {
        entry.shared = makeOutput(isStream(entry) ? begun(entry.stream) : entry.output);
        if ('id' in entry && entry.id !== undefined) entry.shared.set(TRANSIENT, { display_id: entry.id });
        added.push(entry.shared);
      } else if (isStream(entry) && entry.changed) {
        const text = entry.shared.get('text');
        if (text instanceof Y.Text) entry.stream.writeTo(text);
        else entry.shared.set('text', new Y.Text(entry.stream.begun()));
      }
      if (isStream(entry)) entry.changed = false;
    }
    if (added.length > 0) outputs.push(added);
  }
}

const begun = (stream: StreamText) => ({ output_type: 'stream', name: stream.name, text: stream.begun() }) as const;

function deleteFrom(outputs: Y.Array<unknown>, gone: ReadonlySet<unknown>): void {
  if (gone.size === 0) return;
  const all = outputs.toArray();
  for (let from = all.length - 1; from >= 0; from -= 1) {
    if (!gone.has(all[from])) continue;
    const end = from + 1;
    while (from > 0 && gone.has(all[from - 1])) from -= 1;
    outputs.delete(from, end - from);
  }
}

function entryOf(shared: Y.Map<unknown>, cell: string): Entry[] {
  return readOutput(plainOf(shared)).map((output) => {
    if (output.output_type === 'stream')
      return { stream: new StreamText(output.name, output.text), shared, changed: false };
    if (output.output_type === 'error') return { output, shared };
    return { id: displayIdOf(shared.get(TRANSIENT)), cell, output, shared };
  });
}

function errorOf({ ename, evalue, traceback }: Json): ErrorOutput {
  return {
    output_type: 'error',
    ename: storableText(ename ?? ''),
    evalue: storableText(evalue ?? ''),
    traceback: Array.isArray(traceback) ? traceback.map(storableText) : [],
  };
}

function displayId(content: Json, transient: unknown): string | undefined {
  return displayIdOf(isObject(transient) ? transient : content['transient']);
}
