/** The outline of the open worksheet, kept as its text cells change. */
import * as Y from 'yjs';
import { cellsOf, kindOf, sourceOf, type YCell } from '../document/schema.ts';
import { Value } from '../shared/value.ts';
import type { CellMarks } from './cell-marks.ts';
import { type Heading, headingsOf, type OutlineState, outlineOf } from './outline-state.ts';
import type { PageCell } from './page-cell.ts';

const NONE: readonly Heading[] = [];

export class Outline {
  readonly value = new Value<OutlineState>(outlineOf([]));
  readonly #cells: Value<readonly PageCell[]>;
  readonly #marks: CellMarks;
  /** Until the cell's text changes. */
  readonly #known = new WeakMap<YCell, readonly Heading[]>();

  constructor(doc: Y.Doc, cells: Value<readonly PageCell[]>, marks: CellMarks) {
    this.#cells = cells;
    this.#marks = marks;
    marks.own.subscribe(() => this.#read());
    cells.subscribe(() => this.#read());
    cellsOf(doc).observeDeep((events) => {
      if (events.filter(({ target }) => this.#concerns(target)).length > 0) this.#read();
    });
  }

  /** Outputs come often and change nothing here. A cell's own keys change when marks of a run are set. */
  #concerns(target: Y.AbstractType<unknown>): boolean {
    const cell = target.parent;
    if (!(cell instanceof Y.Map) || kindOf(cell) !== 'markdown') return false;
    if (target instanceof Y.Text) this.#known.delete(cell);
    return target instanceof Y.Text || target === cell.get('metadata');
  }

  #read(): void {
    const before = this.value.get();
    const next = outlineOf(
      this.#cells.get().map(({ key, cell }) => ({
        key,
        headings: kindOf(cell) === 'markdown' ? this.#headings(cell) : NONE,
        folded: kindOf(cell) === 'markdown' && this.#marks.has(cell, 'folded'),
      })),
    );
    if (!isSame(before, next)) this.value.set(next);
  }

  #headings(cell: YCell): readonly Heading[] {
    const found = this.#known.get(cell) ?? headingsOf(sourceOf(cell));
    this.#known.set(cell, found);
    return found;
  }
}

/** Typing in a text without headings changes nothing. */
const isSame = (one: OutlineState, other: OutlineState): boolean =>
  one.cells.length === other.cells.length &&
  one.hidden.size === other.hidden.size &&
  [...one.hidden].every((key) => other.hidden.has(key)) &&
  [...one.sections].join() === [...other.sections].join() &&
  one.cells.every(({ key, headings, folded }, at) => {
    const beside = other.cells[at];
    return key === beside?.key && headings === beside.headings && folded === beside.folded;
  });
