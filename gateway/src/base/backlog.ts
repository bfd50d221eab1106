/** What waits to go out, bounded beside its largest message: that may be a whole document, which goes out as one. */
export class Backlog {
  readonly #most: number;
  /** Bytes of the largest message since nothing waited. */
  #largest = 0;

  /** `most`: bytes beside the largest message. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Whether a message of `size` bytes may be added to the `waiting` ones; where it may, it has been. */
  takes(waiting: number, size: number): boolean {
    const largest = Math.max(waiting === 0 ? 0 : this.#largest, size);
    if (waiting + size - largest > this.#most) return false;
    this.#largest = largest;
    return true;
  }
}
