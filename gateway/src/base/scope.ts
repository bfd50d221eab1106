/**
 * One `Scope` goes down each request: a deadline, a signal, and a place for results that come after both. Nothing awaits
 * the engine or the warden without one.
 */
import { CarrelError } from './errors.ts';

export class Scope {
  readonly signal: AbortSignal;
  readonly #what: string;
  readonly #ms: number;

  private constructor(what: string, ms: number, signal: AbortSignal) {
    this.#what = what;
    this.#ms = ms;
    this.signal = signal;
  }

  /** `what` completes the message "WHAT took longer than N s". */
  static withDeadline(what: string, ms: number, parent?: AbortSignal): Scope {
    const limit = AbortSignal.timeout(ms);
    return new Scope(what, ms, parent === undefined ? limit : AbortSignal.any([limit, parent]));
  }

  /**
   * Waits for `work`, or fails with `timeout` when the scope ends first. `onLate` receives a result that arrives after that,
   * so that a half-made thing is removed by whoever began it.
   */
  async race<T>(work: Promise<T>, onLate?: (value: T) => void): Promise<T> {
    let ended = false;
    let stop = () => {};
    const end = new Promise<never>((_, reject) => {
      const fail = () => {
        ended = true;
        reject(this.error());
      };
      if (this.signal.aborted) return fail();
      this.signal.addEventListener('abort', fail, { once: true });
      stop = () => this.signal.removeEventListener('abort', fail);
    });
    work.then(
      (value) => {
        if (ended) onLate?.(value);
      },
      () => {},
    );
    try {
      return await Promise.race([work, end]);
    } finally {
      stop();
    }
  }

  error(): CarrelError {
    const seconds = Math.round(this.#ms / 100) / 10;
    return new CarrelError('timeout', `${this.#what} took longer than ${seconds} s or was cancelled`);
  }
}
