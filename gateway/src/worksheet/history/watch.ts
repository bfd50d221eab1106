/**
 * Looks at an open document: who edited what people make (cells, texts, metadata; not outputs), and its state for a version.
 * Outputs are read again only where they have changed, so that the state of a large worksheet is at hand.
 */
import * as Y from 'yjs';
import type { CodeCell } from '../../wire/notebook.ts';
import { readOutputs } from '../document/cells.ts';
import { cellsOf, readDocument } from '../document/document.ts';
import type { Taken } from './content.ts';
import { type OutputParts, outputParts } from './parts.ts';

/** Keys of a cell that runs write. */
const OF_RUNS = new Set<string | null>(['outputs', 'execution_count', 'execution_state', 'metadata']);
/** Milliseconds of work after which others get their turn. */
const SLICE = 4;

export interface WatchOptions {
  readonly document: Y.Doc;
  /** The name of the person whose edit has this origin; undefined for what the server does by itself. */
  readonly personOf: (origin: unknown) => string | undefined;
  readonly edited: (name: string) => void;
}

export class Watch {
  readonly #options: WatchOptions;
  readonly #cells: Y.Array<Y.Map<unknown>>;
  readonly #outputs = new WeakMap<Y.Map<unknown>, readonly OutputParts[]>();
  readonly #listener = (events: Y.YEvent<Y.AbstractType<unknown>>[], transaction: Y.Transaction) =>
    this.#changed(events, transaction);

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#cells = cellsOf(options.document);
    this.#cells.observeDeep(this.#listener as Parameters<Y.Array<Y.Map<unknown>>['observeDeep']>[0]);
  }

  close(): void {
    this.#cells.unobserveDeep(this.#listener as Parameters<Y.Array<Y.Map<unknown>>['observeDeep']>[0]);
  }

  /** Reads outputs ahead of `take`, a little at a time. */
  async prepare(): Promise<void> {
    let begun = performance.now();
    for (const cell of this.#cells.toArray()) {
      if (cell instanceof Y.Map && !this.#outputs.has(cell)) this.#outputsOf(cell);
      if (performance.now() - begun < SLICE) continue;
      await new Promise((next) => setImmediate(next));
      begun = performance.now();
    }
  }

  /** The document as it is in this turn. */
  take(): Taken {
    const outputs: (readonly OutputParts[])[] = [];
    const remember = (cell: Y.Map<unknown>): CodeCell['outputs'] => {
      outputs.push(this.#outputsOf(cell));
      return [];
    };
    const notebook = readDocument(this.#options.document, remember);
    let next = 0;
    return {
      notebook,
      outputs: notebook.cells.map((cell) => (cell.cell_type === 'code' ? (outputs[next++] ?? []) : [])),
    };
  }

  /** Lets go of the texts of large values, which are stored. */
  stored(): void {
    for (const cell of this.#cells.toArray()) {
      const parts = this.#outputs.get(cell);
      if (parts?.some(({ pieces }) => pieces.length > 0)) this.#outputs.set(cell, parts.map(light));
    }
  }

  /** Values are needed again that were let go. */
  forget(): void {
    for (const cell of this.#cells.toArray()) this.#outputs.delete(cell);
  }

  #outputsOf(cell: Y.Map<unknown>): readonly OutputParts[] {
    const found = this.#outputs.get(cell) ?? readOutputs(cell).map(outputParts);
    this.#outputs.set(cell, found);
    return found;
  }

  #changed(events: readonly Y.YEvent<Y.AbstractType<unknown>>[], { origin }: Y.Transaction): void {
    let isEdit = false;
    for (const event of events) {
      const { target } = event;
      if (target === (this.#cells as unknown)) isEdit = true;
      const cell = this.#cellOf(target);
      if (cell === undefined) continue;
      const keys = event instanceof Y.YMapEvent ? event.keysChanged : undefined;
      if (target === cell) {
        if (keys?.has('outputs')) this.#outputs.delete(cell);
        if (keys !== undefined && [...keys].some((key) => !OF_RUNS.has(key))) isEdit = true;
      } else if (isWithin(target, cell.get('outputs'))) this.#outputs.delete(cell);
      else if (target !== cell.get('metadata') || [...(keys ?? [])].some((key) => key !== 'execution')) isEdit = true;
    }
    const person = isEdit ? this.#options.personOf(origin) : undefined;
    if (person !== undefined) this.#options.edited(person);
  }

  #cellOf(target: Y.AbstractType<unknown>): Y.Map<unknown> | undefined {
    for (let type: Y.AbstractType<unknown> | null = target; type !== null; type = type.parent)
      if (type.parent === (this.#cells as unknown)) return type instanceof Y.Map ? type : undefined;
    return undefined;
  }
}

function isWithin(target: Y.AbstractType<unknown>, whole: unknown): boolean {
  for (let type: Y.AbstractType<unknown> | null = target; type !== null; type = type.parent)
    if (type === whole) return true;
  return false;
}

const light = ({ pieces, ...parts }: OutputParts): OutputParts => ({
  ...parts,
  pieces: pieces.map((piece) => ({ ...piece, json: '' })),
});
