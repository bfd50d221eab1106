/**
 * Pings of one WebSocket. A client answers pings in order with its messages, so that an answer also tells that everything
 * sent before the ping has arrived: `sync` is built on that. At most one such ping is under way; the keepalive ping is another.
 * A ping waits a moment for what follows, since each costs both sides a wake-up in the middle of a cell's work.
 */
import type { Clock, Timer } from '../../base/clock.ts';

/** What jupyter_server does by default: ws_ping_interval 30 s, ws_ping_timeout 90 s. */
const EVERY = 30_000;
const DEAD_AFTER = 90_000;
/** Milliseconds: the messages of a short cell come within this time. */
const LINGER = 5;
/** No moment is waited for beyond these bytes: an agent's journal must not fill up with what has long arrived. */
const ENOUGH = 256 * 1024;

export interface PulseSocket {
  ping(payload: Buffer): void;
  /** Cuts the connection without a closing handshake. */
  terminate(): void;
}

export class Pulse {
  readonly #socket: PulseSocket;
  readonly #clock: Clock;
  #timer: Timer;
  #soon: Timer | undefined;
  /** Bytes written since the last sync ping. */
  #written = 0;
  #heard: number;
  #held = false;
  #count = 0;
  #underWay: (() => void)[] = [];
  #next: (() => void)[] = [];

  constructor(socket: PulseSocket, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
    this.#heard = clock.now();
    this.#timer = clock.after(EVERY, () => this.#beat());
  }

  /** Anything that came from the client shows that it lives. */
  heard(): void {
    this.#heard = this.#clock.now();
  }

  /**
   * While it is `held` nothing is read of the client, so that its answers cannot be heard: its silence says nothing. Pings go on; where
   * nobody is there any more, writing them fails and ends the socket. Time that the client could not use does not count against it.
   */
  hold(held: boolean): void {
    this.#held = held;
    if (!held) this.heard();
  }

  wrote(bytes: number): void {
    this.#written += bytes;
  }

  sync(delivered: () => void): void {
    this.#next.push(delivered);
    this.#sendSoon();
  }

  pong(payload: Buffer): void {
    this.heard();
    if (this.#underWay.length === 0 || !payload.equals(this.#payload())) return;
    const delivered = this.#underWay;
    this.#underWay = [];
    this.#sendSoon();
    for (const call of delivered) call();
  }

  stop(): void {
    this.#timer.cancel();
    this.#soon?.cancel();
    this.#underWay = [];
    this.#next = [];
  }

  #sendSoon(): void {
    if (this.#next.length === 0 || this.#underWay.length > 0) return;
    if (this.#written >= ENOUGH) this.#send();
    else this.#soon ??= this.#clock.after(LINGER, () => this.#send());
  }

  #send(): void {
    this.#soon?.cancel();
    this.#soon = undefined;
    this.#written = 0;
    this.#underWay = this.#next;
    this.#next = [];
    this.#count += 1;
    this.#socket.ping(this.#payload());
  }

  #payload(): Buffer {
    return Buffer.from(`s${this.#count}`);
  }

  #beat(): void {
    if (!this.#held && this.#clock.now() - this.#heard >= DEAD_AFTER) {
      this.#socket.terminate();
      return;
    }
    this.#socket.ping(Buffer.from('alive'));
    this.#timer = this.#clock.after(EVERY, () => this.#beat());
  }
}
