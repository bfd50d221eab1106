/** Bounds of what is kept for clients that are away, per kernel and over all kernels of this process. */
export const RETAINED_SESSIONS = 16;
/** Milliseconds. */
export const RETAINED_FOR = 3_600_000;
/** Bytes. */
export const RETAINED_PER_KERNEL = 16 * 1024 * 1024;
export const RETAINED_IN_ALL = 256 * 1024 * 1024;

export interface Retainer {
  readonly retainedBytes: number;
  /** Cuts what is kept down to `bytes`. */
  trim(bytes: number): void;
}

export class RetentionBudget {
  readonly #most: number;
  readonly #retainers = new Set<Retainer>();
  #total = 0;

  constructor(most: number = RETAINED_IN_ALL) {
    this.#most = most;
  }

  join(retainer: Retainer): void {
    this.#retainers.add(retainer);
  }

  leave(retainer: Retainer): void {
    if (this.#retainers.delete(retainer)) this.#total -= retainer.retainedBytes;
  }

  /** A member keeps `by` bytes more (or less). */
  changed(by: number): void {
    this.#total += by;
  }

  /** Called when something has been kept: cuts the largest ones by half until all fit together. */
  enforce(): void {
    for (let rounds = this.#retainers.size; rounds > 0 && this.#total > this.#most; rounds -= 1) {
      const largest = [...this.#retainers].reduce((a, b) => (b.retainedBytes > a.retainedBytes ? b : a));
      largest.trim(Math.floor(largest.retainedBytes / 2));
    }
  }
}
