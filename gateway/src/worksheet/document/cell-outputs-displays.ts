/**
 * Which outputs of a document have which display id. nbformat has no place for it: in the shared document it stands under `transient`
 * of the output, as in the kernel's message, where no file shows it and the next process of the gateway finds it again.
 */
import * as Y from 'yjs';
import type { DisplayOutput, Json, MimeBundle, ResultOutput } from '../../wire/notebook.ts';
import { isObject } from '../../wire/notebook-values.ts';
import { readOutput, TRANSIENT } from './cells.ts';
import { cellOf, cellsOf } from './document.ts';
import { isGone, outputsOf, plainOf } from './values.ts';

/** A kernel that makes displays without end has the oldest ones forgotten. */
const MOST = 10_000;

const PURGE_EVERY = 64;
const LONGEST_ID = 256;

export interface Display {
  /** Undefined for one without. */
  readonly id: string | undefined;
  readonly cell: string;
  output: DisplayOutput | ResultOutput;
  /** Undefined until it is in the document. */
  shared: Y.Map<unknown> | undefined;
}

const documents = new WeakMap<Y.Doc, Displays>();

export class Displays {
  readonly #doc: Y.Doc;
  readonly #ids = new Map<string, Set<Display>>();

  private constructor(doc: Y.Doc) {
    this.#doc = doc;
    for (const cell of cellsOf(doc)) {
      if (!(cell instanceof Y.Map)) continue;
      for (const shared of outputsOf(cell)) {
        const id = displayIdOf(shared.get(TRANSIENT));
        const [output] = id === undefined ? [] : readOutput(plainOf(shared));
        if (output?.output_type === 'display_data' || output?.output_type === 'execute_result')
          this.add({ id, cell: String(cell.get('id')), output, shared });
      }
    }
  }

  static of(doc: Y.Doc): Displays {
    const known = documents.get(doc) ?? new Displays(doc);
    documents.set(doc, known);
    return known;
  }

  add(display: Display): void {
    const { id } = display;
    if (id === undefined) return;
    const all = this.#ids.get(id) ?? new Set();
    if (all.size % PURGE_EVERY === 0)
      for (const old of all) if (old.shared !== undefined && isGone(old.shared)) all.delete(old);
    this.#ids.delete(id);
    this.#ids.set(id, all.add(display));
    const [oldest] = this.#ids.keys();
    if (this.#ids.size > MOST && oldest !== undefined) this.#ids.delete(oldest);
  }

  forget(display: Display): void {
    if (display.id !== undefined) this.#ids.get(display.id)?.delete(display);
  }

  /** Changes every output of this id; answers what `publish` is to be called with for those that are in the document. */
  update(id: string, data: MimeBundle, metadata: Json): Display[] {
    const all = this.#ids.get(id) ?? new Set();
    for (const display of all) {
      display.shared = this.#place(display);
      if (display.shared !== undefined && isGone(display.shared)) all.delete(display);
      display.output = { ...display.output, data, metadata };
    }
    if (all.size === 0) this.#ids.delete(id);
    return [...all];
  }

  /** Within a transaction. What is not in the document yet is put there as it is by now. */
  publish(display: Display): void {
    const { shared, output } = display;
    if (shared === undefined || isGone(shared)) return;
    for (const key of ['data', 'metadata']) if (shared.get(key) !== output[key]) shared.set(key, output[key]);
  }

  /** A cell that was moved is another one with equal outputs. */
  #place({ shared, cell, output }: Display): Y.Map<unknown> | undefined {
    if (shared === undefined || !isGone(shared)) return shared;
    const data = JSON.stringify(output.data);
    const twin = outputsOf(cellOf(this.#doc, cell)).find((other) => JSON.stringify(other.get('data')) === data);
    return twin ?? shared;
  }
}

/** The display id under an output's, or a message's, `transient`. */
export function displayIdOf(transient: unknown): string | undefined {
  const id = isObject(transient) ? transient['display_id'] : undefined;
  return typeof id === 'string' && id !== '' && id.length <= LONGEST_ID ? id : undefined;
}
