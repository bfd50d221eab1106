/**
 * Which frames of the agent may be acknowledged (AF14): those up to the first one that some client has not confirmed, but never
 * so few that the agent's journal fills: beyond half of it the gateway's own log alone keeps the oldest. Pure.
 */
interface Open {
  readonly frame: number;
  readonly size: number;
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

  add(frame: number, size: number): void {
    this.#open.push({ frame, size });
    this.#bytes += size;
  }

  done(frame: number): void {
    this.#done.add(frame);
  }

  /** The frame up to which to acknowledge now; undefined where nothing is new. */
  advance(): number | undefined {
    let last: number | undefined;
    let count = 0;
    for (const { frame, size } of this.#open) {
      if (!this.#done.delete(frame) && this.#bytes <= this.#most) break;
      last = frame;
      count += 1;
      this.#bytes -= size;
    }
    this.#open.splice(0, count);
    const acknowledged = last ?? 0;
    for (const frame of this.#done) if (frame <= acknowledged) this.#done.delete(frame);
    return last;
  }
}
