/**
 * One sandbox's stream: connects, attaches, hands on what the agent says, sends what it is given, and connects again while the
 * sandbox lives (docs/spec/agent-stream.md). The agent is taken to be hostile: whatever breaks a rule ends this link, and
 * whoever holds it ends the sandbox.
 */
import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { Clock, Timer } from '../base/clock.ts';
import { CarrelError } from '../base/errors.ts';
import type { Logger } from '../base/ports.ts';
import { type AgentControl, type GatewayControl, type Hello, readAgentControl } from '../wire/agent-control.ts';
import { encodeControl, encodeData, FrameDecoder, type FrameEvent } from '../wire/agent-frames.ts';
import { FrameViolation } from '../wire/agent-violation.ts';
import { readV1 } from '../wire/jupyter-v1.ts';
import type { KernelMessage } from '../wire/kernel-message.ts';
import { Marker } from '../wire/marker.ts';
import { MessageFormatError } from '../wire/message-parts.ts';
import { FileTransfers } from './file-transfers.ts';
import { Outgoing } from './outgoing.ts';
import { RateBucket } from './rate.ts';

/** AF16: what the agent may keep for a gateway that is away, in bytes. */
export const JOURNAL = 4 * 1024 * 1024;

/** An agent that was starved of its processor needs seconds; milliseconds. */
const HELLO_WITHIN = 15_000;
const PONG_WITHIN = 30_000;
const PING_EVERY = 30_000;
/** AF18, while acknowledgements are held back or a pong is missing. */
const TICK = 1000;
const BACKOFF = [20, 100, 300, 1000, 2000];

export interface LinkHandlers {
  /** Attached. `first`: the first time in this process, which may not be the first in the agent's life. */
  hello(hello: Hello, first: boolean): void;
  /** `frame` is the number to acknowledge once the message is where it belongs. */
  message(message: KernelMessage, frame: number): void;
  /** A part of a message that is not complete, `size` bytes of it. */
  part(frame: number, size: number): void;
  /** A frame that carries nothing to deliver. */
  nothing(frame: number): void;
  /** A message of which an earlier process of the gateway had the beginning, and nobody the whole. */
  lost(): void;
  control(body: AgentControl): void;
  /** What came at once has been handed on. */
  settled(): void;
  /** The link has ended by itself and will not come back. */
  ended(why: LinkEnd): void;
}

export type LinkEnd =
  /** The warden says that there is no such sandbox. */
  | { readonly kind: 'gone' }
  /** The agent broke a rule or keeps silent; the sandbox is to be closed. */
  | { readonly kind: 'violation'; readonly message: string };

export interface LinkOptions {
  readonly key: Buffer;
  /** Opens the stream; fails with `not_found` or `gone` where the sandbox has ended. */
  readonly connect: () => Promise<Duplex>;
  /** Bytes a second. */
  readonly rate: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly handlers: LinkHandlers;
}

/** Why reading is paused; it goes on when no reason is left. */
export type Pause = 'rate' | 'clients';

export class AgentLink {
  readonly files: FileTransfers;
  readonly #options: LinkOptions;
  readonly #outgoing = new Outgoing();
  readonly #rate: RateBucket;
  readonly #paused = new Set<Pause>();
  #stream: Duplex | undefined;
  readonly #decoder = new FrameDecoder(0);
  /** Searched for until it has come; then undefined. */
  #nonce: Marker | undefined;
  #attached = false;
  #everAttached = false;
  #ended = false;
  /** Last frame that this side holds. */
  #received = 0;
  /** Whether the next message may be the end of one that an earlier process had the beginning of. */
  #headless = false;
  #acked = 0;
  #failures = 0;
  #timers = new Set<Timer>();
  #helloTimer: Timer | undefined;
  #pinged: number | undefined;
  #lastPing = 0;
  #ticking: { readonly timer: Timer; readonly often: boolean } | undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#rate = new RateBucket(options.rate, options.clock.now());
    this.files = new FileTransfers({
      control: (body) => void this.control(body),
      piece: (transfer, piece) => {
        for (const part of encodeData(transfer, piece)) this.#stream?.write(part);
      },
      clock: options.clock,
    });
    void this.#connect();
  }

  get attached(): boolean {
    return this.#attached;
  }

  /** Queues a message; resolves when more may be sent, undefined where that is at once. */
  send(message: KernelMessage): Promise<void> | undefined {
    const taken = this.#outgoing.add(message.toV1());
    this.#pump();
    return taken;
  }

  /** Forgets messages that have not been begun: the kernel for which they were meant is gone. */
  clearUnsent(): void {
    this.#outgoing.clear();
  }

  /** False while there is no stream; the frame is then lost, and whoever sent it learns of the state by the next hello. */
  control(body: GatewayControl): boolean {
    if (!this.#attached) return false;
    this.#stream?.write(encodeControl(body));
    return true;
  }

  /** AF14: all frames up to this one are delivered or kept. */
  acknowledge(frame: number): void {
    if (frame <= this.#acked) return;
    this.#acked = frame;
    this.control({ type: 'ack', seq: frame });
  }

  pause(reason: Pause): void {
    this.#paused.add(reason);
    this.#stream?.pause();
  }

  resume(reason: Pause): void {
    if (!this.#paused.delete(reason) || this.#paused.size > 0) return;
    this.#pinged = undefined;
    this.#stream?.resume();
  }

  /** Ends the link; handlers hear nothing any more. */
  close(): void {
    this.#ended = true;
    for (const timer of this.#timers) timer.cancel();
    this.#outgoing.clear();
    this.#drop();
  }

  async #connect(): Promise<void> {
    try {
      const stream = await this.#options.connect();
      if (this.#ended) stream.destroy();
      else this.#attach(stream);
    } catch (error) {
      if (this.#ended) return;
      if (error instanceof CarrelError && (error.code === 'not_found' || error.code === 'gone'))
        this.#end({ kind: 'gone' });
      else this.#again(error);
    }
  }

  #again(error: unknown): void {
    const wait = BACKOFF[Math.min(this.#failures, BACKOFF.length - 1)] ?? 0;
    this.#failures += 1;
    this.#options.logger.debug({ err: error, wait }, 'the stream of a sandbox is not open; trying again');
    this.#after(wait, () => void this.#connect());
  }

  #attach(stream: Duplex): void {
    const nonce = randomBytes(32);
    this.#stream = stream;
    this.#nonce = new Marker(nonce);
    this.#decoder.forget();
    this.#helloTimer = this.#after(HELLO_WITHIN, () =>
      this.#violated(new FrameViolation('silence', `no hello within ${HELLO_WITHIN / 1000} s`)),
    );
    stream.on('error', (error) => this.#options.logger.debug({ err: error }, 'the stream of a sandbox failed'));
    stream.once('end', () => stream.destroy());
    stream.once('close', () => this.#broken(stream));
    stream.on('data', (chunk: Buffer) => this.#take(stream, chunk));
    if (this.#paused.size > 0) stream.pause();
    const attach = { type: 'attach', nonce: nonce.toString('hex'), received: this.#received, journal: JOURNAL };
    stream.write(Buffer.concat([this.#options.key, encodeControl(attach)]));
  }

  #take(stream: Duplex, chunk: Buffer): void {
    if (stream !== this.#stream || this.#ended) return;
    this.#pinged = undefined;
    const wait = this.#rate.take(chunk.length, this.#options.clock.now());
    if (wait > 0 && !this.#paused.has('rate')) {
      this.pause('rate');
      this.#after(wait, () => this.resume('rate'));
    }
    try {
      this.#decode(chunk);
    } catch (error) {
      if (error instanceof MessageFormatError) this.#violated(new FrameViolation('layout', error.message));
      else if (error instanceof FrameViolation) this.#violated(error);
      else throw error;
    }
    if (this.#ended) return;
    this.#options.handlers.settled();
    if (this.#received !== this.#acked) this.#tickSoon();
  }

  #decode(chunk: Buffer): void {
    let rest = chunk;
    if (this.#nonce !== undefined) {
      const end = this.#nonce.find(chunk);
      if (end === undefined) return;
      this.#nonce = undefined;
      rest = chunk.subarray(end);
    }
    this.#decoder.push(rest, (event) => {
      if (!this.#ended) this.#event(event);
    });
  }

  #event(event: FrameEvent): void {
    if (event.kind === 'control') {
      this.#control(readAgentControl(event.body));
      return;
    }
    if (!this.#attached) throw new FrameViolation('resume', 'a message came before hello');
    if (event.kind === 'data') {
      this.files.piece(event.transfer, event.body);
      return;
    }
    const { handlers } = this.#options;
    this.#received = event.last;
    if (event.kind === 'part') {
      handlers.part(event.last, event.size);
      return;
    }
    const message = event.kind === 'message' ? this.#read(event.body) : undefined;
    this.#headless = false;
    if (message === undefined) handlers.nothing(event.last);
    else handlers.message(message, event.last);
  }

  #read(body: Buffer): KernelMessage | undefined {
    try {
      return readV1(body);
    } catch (error) {
      if (!this.#headless || !(error instanceof MessageFormatError)) throw error;
      this.#options.handlers.lost();
      return undefined;
    }
  }

  #control(body: AgentControl): void {
    if (body.type === 'hello') {
      this.#hello(body);
      return;
    }
    if (!this.#attached) throw new FrameViolation('resume', `${body.type} came before hello`);
    if (body.type === 'ack') {
      this.#outgoing.acknowledge(body.seq);
      this.#pump();
    } else if ('transfer' in body) {
      this.files.answer(body);
    } else if (body.type !== 'pong') {
      this.#options.handlers.control(body);
    }
  }

  #hello(hello: Hello): void {
    if (this.#attached) throw new FrameViolation('resume', 'a second hello');
    const first = !this.#everAttached;
    if (first) {
      this.#received = hello.first - 1;
      this.#headless = hello.first > 1;
      this.#acked = this.#received;
      this.#decoder.expect(hello.first);
    } else if (hello.first > this.#received + 1) {
      throw new FrameViolation(
        'resume',
        `frames from ${this.#received + 1} are missing, the first one is ${hello.first}`,
      );
    }
    const again = first ? this.#outgoing.adopt(hello.received) : this.#outgoing.resume(hello.received);
    this.#helloTimer?.cancel();
    this.#failures = 0;
    this.#attached = true;
    this.#everAttached = true;
    this.#lastPing = this.#options.clock.now();
    for (const frame of again) this.#stream?.write(frame);
    this.#tickSoon();
    this.files.attached(hello.files === true);
    this.#options.handlers.hello(hello, first);
    this.#pump();
  }

  #pump(): void {
    if (!this.#attached) return;
    this.#stream?.cork();
    for (const frame of this.#outgoing.take()) this.#stream?.write(frame);
    this.#stream?.uncork();
  }

  /** Thousands of links are at rest: one that has nothing to look after has no timer but that of its next ping. */
  #tickSoon(): void {
    const often = this.#received !== this.#acked || this.#pinged !== undefined;
    if (!this.#attached || this.#ticking?.often === true || this.#ticking?.often === often) return;
    this.#endTicking();
    const wait = often ? TICK : Math.max(TICK, this.#lastPing + PING_EVERY - this.#options.clock.now());
    this.#ticking = { often, timer: this.#after(wait, () => this.#tick()) };
  }

  #endTicking(): void {
    if (this.#ticking === undefined) return;
    this.#ticking.timer.cancel();
    this.#timers.delete(this.#ticking.timer);
    this.#ticking = undefined;
  }

  #tick(): void {
    this.#ticking = undefined;
    const now = this.#options.clock.now();
    if (this.#pinged !== undefined && this.#paused.size === 0 && now - this.#pinged >= PONG_WITHIN) {
      this.#options.logger.warn({}, 'a sandbox does not answer; attaching again');
      this.#stream?.destroy();
      return;
    }
    if (this.#received !== this.#acked || now - this.#lastPing >= PING_EVERY) {
      this.#lastPing = now;
      this.#pinged ??= now;
      this.control({ type: 'ping' });
    }
    this.#tickSoon();
  }

  #broken(stream: Duplex): void {
    if (stream !== this.#stream) return;
    this.#drop();
    if (!this.#ended) this.#again(new Error('the stream was closed'));
  }

  #drop(): void {
    const stream = this.#stream;
    this.#stream = undefined;
    this.#attached = false;
    this.#pinged = undefined;
    this.#helloTimer?.cancel();
    this.#endTicking();
    this.files.broken();
    stream?.destroy();
  }

  #violated(violation: FrameViolation): void {
    this.#end({ kind: 'violation', message: violation.message });
  }

  #end(why: LinkEnd): void {
    this.close();
    this.#options.handlers.ended(why);
  }

  #after(ms: number, task: () => void): Timer {
    const timer = this.#options.clock.after(ms, () => {
      this.#timers.delete(timer);
      task();
    });
    this.#timers.add(timer);
    return timer;
  }
}
