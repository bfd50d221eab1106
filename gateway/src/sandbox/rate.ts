/** Token bucket of a policy's `output.rate`: faster output waits, nothing is lost. Pure. */
export class RateBucket {
  readonly #perSecond: number;
  #tokens: number;
  #at: number;

  /** One second's worth may come at once. */
  constructor(perSecond: number, now: number) {
    this.#perSecond = perSecond;
    this.#tokens = perSecond;
    this.#at = now;
  }

  /** Takes `bytes` and answers for how many milliseconds reading must pause; 0 where it need not. */
  take(bytes: number, now: number): number {
    const earned = ((now - this.#at) * this.#perSecond) / 1000;
    this.#tokens = Math.min(this.#perSecond, this.#tokens + Math.max(0, earned)) - bytes;
    this.#at = now;
    return this.#tokens >= 0 ? 0 : Math.ceil((-this.#tokens * 1000) / this.#perSecond);
  }
}
