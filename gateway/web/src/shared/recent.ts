/** What was made last from texts, up to a bound on their characters, so that it need not be made again: pure. */
export class Recent<T> {
  readonly #most: number;
  readonly #made = new Map<string, T>();
  #size = 0;

  /** `most`: characters of all texts together. */
  constructor(most: number) {
    this.#most = most;
  }

  /** What was made from the text, or is made now; a text that is longer than the bound is not kept. */
  get(text: string, make: (text: string) => T): T {
    const found = this.#made.get(text);
    if (found !== undefined) {
      this.#made.delete(text);
      this.#made.set(text, found);
      return found;
    }
    const made = make(text);
    if (text.length > this.#most) return made;
    this.#made.set(text, made);
    this.#size += text.length;
    for (const [oldest] of this.#made) {
      if (this.#size <= this.#most) break;
      this.#made.delete(oldest);
      this.#size -= oldest.length;
    }
    return made;
  }
}
