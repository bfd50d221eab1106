/**
 * Which frames of the agent may be acknowledged (AF14): those up to the first one that some client has not confirmed, but never
 * so few that the agent's journal fills: beyond half of it the gateway alone keeps the oldest. Pure.
 */
interface Open {
  readonly frame: number;
  readonly size: number;
  /** Whether a later frame ends the message. */
  readonly more: boolean;
}

export class FrameLedger {
  readonly #most: number;
  #open: Open[] = [];
  readonly #done = new Set<number>();
  #bytes = 0;

  /** `most`: bytes that may stay unacknowledged. */
  constructor(most: number) {
    this.#most = most;
  }

  /** `size` of this frame alone. */
  add(frame: number, size: number, more = false): void {
    this.#open.push({ frame, size, more });
    this.#bytes += size;
  }

  /** The message that this frame ends needs no keeping by the agent. */
  done(frame: number): void {
    this.#done.add(frame);
  }

  /** The frame up to which to acknowledge now; undefined where nothing is new. */
  advance(): number | undefined {
    let acknowledged = 0;
    let count = 0;
    let parts = 0;
    let left = this.#bytes;
    for (const [i, { frame, size, more }] of this.#open.entries()) {
      const forced = this.#bytes > this.#most;
      if (!forced && !more && !this.#done.has(frame)) break;
      left -= size;
      parts = more ? parts + 1 : 0;
      if (!forced && parts > 0) continue;
      this.#bytes = left;
      acknowledged = frame;
      count = i + 1;
      this.#done.delete(frame);
    }
    this.#open.splice(0, count);
    for (const frame of this.#done) if (frame <= acknowledged) this.#done.delete(frame);
    return count === 0 ? undefined : acknowledged;
  }
}
