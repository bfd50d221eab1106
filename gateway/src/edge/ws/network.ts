/** What both kinds of our WebSockets do with the connection below them: gather writes, close, and join what came in pieces. */
import type { Duplex } from 'node:stream';
import type { RawData, WebSocket } from 'ws';
import type { Clock } from '../../base/clock.ts';

/** A client that does not answer the closing handshake is cut off after this time, in milliseconds. */
const FAREWELL = 2000;
/** A close frame has room for so many bytes of reason. */
const LONGEST_REASON = 123;

export class Network {
  readonly #socket: WebSocket;
  readonly #below: Duplex;
  readonly #clock: Clock;
  #corked = false;

  /** `below`: the connection below the WebSocket. */
  constructor(socket: WebSocket, below: Duplex, clock: Clock) {
    this.#socket = socket;
    this.#below = below;
    this.#clock = clock;
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  /** To be called before each send: what is sent in one turn is one write to the network. */
  gather(): void {
    if (this.#corked) return;
    this.#corked = true;
    this.#below.cork();
    process.nextTick(() => {
      this.#corked = false;
      this.#below.uncork();
    });
  }

  close(code: number, reason: string): void {
    this.#socket.resume();
    this.#socket.close(code, shortened(reason));
    this.#clock.after(FAREWELL, () => this.#socket.terminate());
  }
}

/** The bytes of a frame, whatever `ws` hands out. */
export function bytesOf(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}

/** Whole characters, as many as fit. */
function shortened(reason: string): string {
  const bytes = Buffer.from(reason);
  if (bytes.length <= LONGEST_REASON) return reason;
  let end = LONGEST_REASON;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.toString('utf8', 0, end);
}
