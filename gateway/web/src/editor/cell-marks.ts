/**
 * What of cells is hidden or folded. Who may edit changes the worksheet's own marks, which everybody sees; for others the change
 * is this page's alone.
 */
import type * as Y from 'yjs';
import { type CellMark, isMarked, mark } from '../document/edits.ts';
import type { YCell } from '../document/schema.ts';
import { Value } from '../shared/value.ts';

export class CellMarks {
  /** By cell: what this page shows otherwise than the worksheet says. Replaced at each change. */
  readonly own = new Value<ReadonlyMap<YCell, ReadonlyMap<CellMark, boolean>>>(new Map());
  readonly #doc: Y.Doc;
  readonly #mayEdit: () => boolean;

  constructor(doc: Y.Doc, mayEdit: () => boolean) {
    this.#doc = doc;
    this.#mayEdit = mayEdit;
  }

  has(cell: YCell, as: CellMark): boolean {
    return this.own.get().get(cell)?.get(as) ?? isMarked(cell, as);
  }

  /** Sets the mark; where `on` is undefined, on all unless all have it. */
  set(cells: readonly YCell[], as: CellMark, on = !cells.every((cell) => this.has(cell, as))): void {
    if (this.#mayEdit()) {
      mark(this.#doc, cells, as, on);
      return;
    }
    const changed = cells.map((cell) => [cell, new Map([...(this.own.get().get(cell) ?? []), [as, on]])] as const);
    this.own.set(new Map([...this.own.get(), ...changed]));
  }
}
