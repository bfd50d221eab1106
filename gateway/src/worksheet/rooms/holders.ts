/** Who keeps a worksheet open: sockets, work of this process, and the document itself while something runs. */
import type { WorksheetId } from '../../base/ids.ts';

export class Holders {
  readonly #of = new Map<WorksheetId, Set<unknown>>();
  readonly #left: (id: WorksheetId) => void;

  /** `left`: the last one has let go. */
  constructor(left: (id: WorksheetId) => void) {
    this.#left = left;
  }

  hold(id: WorksheetId, holder: unknown): void {
    this.#of.set(id, (this.#of.get(id) ?? new Set()).add(holder));
  }

  release(id: WorksheetId, holder: unknown): void {
    const holders = this.#of.get(id);
    if (holders?.delete(holder) !== true || holders.size > 0) return;
    this.#of.delete(id);
    this.#left(id);
  }

  /** Whoever holds it holds it no longer, and `left` is not called: it is being closed. */
  forget(id: WorksheetId): void {
    this.#of.delete(id);
  }

  of(id: WorksheetId): ReadonlySet<unknown> {
    return this.#of.get(id) ?? NOBODY;
  }
}

const NOBODY: ReadonlySet<unknown> = new Set();
