/**
 * Messages on their way to an agent: cut into parts, numbered, kept until acknowledged, bounded by the window of AF15.
 * Survives the stream: after a broken one, `resume` says what goes again. Pure.
 */
import { encodeAbort, encodePart, MAX_BODY } from '../wire/agent-frames.ts';
import { FrameViolation } from '../wire/agent-violation.ts';

/** AF15: bodies that may be unacknowledged. */
export const WINDOW = 2 * 1024 * 1024;
/** A sender is told to wait while more than this waits for the window. */
const COMFORTABLE = 1024 * 1024;

interface Waiting {
  readonly body: Buffer;
  at: number;
  readonly taken: () => void;
}

interface Sent {
  readonly seq: number;
  readonly frame: readonly Buffer[];
  readonly size: number;
}

export class Outgoing {
  #next = 1;
  #acked = 0;
  #sent: Sent[] = [];
  #sentBytes = 0;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;

  /** Resolves when more may be given, which is when the body has been written; undefined where more may be given at once. */
  add(body: Buffer): Promise<void> | undefined {
    this.#waitingBytes += body.length;
    if (this.#waitingBytes <= COMFORTABLE) {
      this.#waiting.push({ body, at: 0, taken: () => {} });
      return undefined;
    }
    const { promise, resolve: taken } = Promise.withResolvers<void>();
    this.#waiting.push({ body, at: 0, taken });
    return promise;
  }

  /** Frames that may be written now, in order. */
  *take(): Generator<Buffer> {
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      const size = Math.min(MAX_BODY, first.body.length - first.at);
      if (this.#sentBytes + size > WINDOW) return;
      const end = first.at + size;
      yield* this.#send(encodePart(this.#next, first.body.subarray(first.at, end), end < first.body.length), size);
      first.at = end;
      this.#waitingBytes -= size;
      if (end < first.body.length) continue;
      this.#waiting.shift();
      first.taken();
    }
  }

  /** Throws `FrameViolation` for a number that was never given. */
  acknowledge(seq: number): void {
    if (seq >= this.#next)
      throw new FrameViolation('sequence', `ack of ${seq}, the last one sent is ${this.#next - 1}`);
    while (this.#sent[0] !== undefined && this.#sent[0].seq <= seq) this.#sentBytes -= this.#sent.shift()?.size ?? 0;
    this.#acked = Math.max(this.#acked, seq);
  }

  /**
   * AF12: frames to write again after an attach. Throws `FrameViolation` where the agent has fewer than it had acknowledged,
   * or more than were sent.
   */
  resume(received: number): Buffer[] {
    if (received < this.#acked)
      throw new FrameViolation('resume', `hello has ${received} frames, ${this.#acked} were acknowledged`);
    this.acknowledge(received);
    return this.#sent.flatMap((sent) => [...sent.frame]);
  }

  /**
   * For a gateway that knows nothing of an earlier one's frames: numbers go on after `received`. The earlier one may have died
   * within a message, so one that is begun is ended: a part that is valid as a first and as a later one, then ABORT.
   */
  adopt(received: number): Buffer[] {
    this.#next = received + 1;
    this.#acked = received;
    if (received === 0) return [];
    return [
      ...this.#send(encodePart(this.#next, BEGUN, true), BEGUN.length),
      ...this.#send([encodeAbort(this.#next)], 0),
    ];
  }

  /** Messages that are not begun are forgotten; whoever waited for them goes on. */
  clear(): void {
    for (const waiting of this.#waiting) waiting.taken();
    this.#waiting = this.#waiting.filter((waiting) => waiting.at > 0);
    this.#waitingBytes = this.#waiting.reduce((sum, waiting) => sum + waiting.body.length - waiting.at, 0);
  }

  #send(frame: readonly Buffer[], size: number): readonly Buffer[] {
    this.#sent.push({ seq: this.#next, frame, size });
    this.#sentBytes += size;
    this.#next += 1;
    return frame;
  }
}

/** The body of a message but for its last byte. */
const BEGUN = (() => {
  const parts = ['shell', '{}', '{}', '{}', '{}'];
  const head = Buffer.alloc(8 * (parts.length + 2));
  head.writeBigUInt64LE(BigInt(parts.length + 1), 0);
  parts.reduce((at, part, i) => {
    head.writeBigUInt64LE(BigInt(at), 8 * (i + 1));
    head.writeBigUInt64LE(BigInt(at + part.length), 8 * (i + 2));
    return at + part.length;
  }, head.length);
  return Buffer.concat([head, Buffer.from(parts.join('').slice(0, -1))]);
})();
