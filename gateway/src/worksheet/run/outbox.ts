/**
 * What goes to a kernel because of a change of the document, held back until the change is stored (WR31): code that ran and of which
 * nothing was written down would be run again by the process that comes after this one. The order is kept.
 */
type Work = () => void;

export class Outbox {
  readonly #stored: () => Promise<void> | undefined;
  /** Of the change that is being made. */
  #waiting: Work[] = [];
  /** Held until their change is stored, the oldest first. */
  #held: Work[][] = [];

  /** `stored` resolves when all changes so far are stored; undefined where they are. */
  constructor(stored: () => Promise<void> | undefined) {
    this.#stored = stored;
  }

  /** After the change that is being made is stored. */
  afterStore(work: Work): void {
    this.#waiting.push(work);
  }

  /** At once, or behind what waits. */
  inOrder(work: Work): void {
    if (this.#waiting.length > 0) this.#waiting.push(work);
    else if (this.#held.length > 0) this.#held.at(-1)?.push(work);
    else work();
  }

  /** Nobody will hear what waits: the kernel is another one. */
  drop(): void {
    this.#waiting = [];
    this.#held = [];
  }

  /** The change was made. */
  flush(): void {
    if (this.#waiting.length === 0) return;
    const batch = this.#waiting;
    this.#waiting = [];
    const stored = this.#stored();
    if (stored === undefined && this.#held.length === 0) {
      for (const work of batch) work();
      return;
    }
    this.#held.push(batch);
    /** A document that could not be stored is given up, and what was held with it. */
    void Promise.resolve(stored).then(
      () => this.#release(batch),
      () => this.#release(batch, false),
    );
  }

  /** Changes are stored in order, so that what is released is the oldest, unless it was dropped. */
  #release(batch: Work[], perform = true): void {
    if (this.#held[0] !== batch) return;
    this.#held.shift();
    if (perform) for (const work of batch) work();
  }
}
