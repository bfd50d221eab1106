/**
 * The bytes of one sandbox: its attached stdin and stdout on one side, the gateway's stream on the other. They are copied both
 * ways with back-pressure and never looked at. While no gateway is connected the output is read and dropped, because an attach
 * that nobody reads makes the engine hang (moby 41827); the agent keeps what was not acknowledged.
 */
import type { Duplex } from 'node:stream';
import type { Clock } from '../base/clock.ts';

export interface LinkEvents {
  /** The attached stream ended without `detach`. */
  readonly lost: () => void;
  readonly attended: () => void;
  readonly unattended: () => void;
}

const ZERO = Buffer.alloc(1);
/** How long what the sandbox wrote last may take to reach the gateway. */
const FLUSH_MS = 5000;
const STDERR_KEPT = 300;

/** The blocks that come in one turn go on in one write. */
function gather(stream: Duplex): void {
  if (stream.writableCorked > 0) return;
  stream.cork();
  process.nextTick(() => stream.uncork());
}

export class StdioLink {
  readonly #events: LinkEvents;
  readonly #clock: Clock;
  #container: Duplex | undefined;
  #gateway: Duplex | undefined;
  #stderr = '';
  readonly #firstByte = Promise.withResolvers<void>();
  #closed = Promise.withResolvers<void>();

  constructor(events: LinkEvents, clock: Clock) {
    this.#events = events;
    this.#clock = clock;
  }

  /** Resolves when the sandbox has written anything: the agent is ready. */
  get firstByte(): Promise<void> {
    return this.#firstByte.promise;
  }

  /** Resolves when the attached stream is gone. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  get attached(): boolean {
    return this.#container !== undefined;
  }

  /** The beginning of what the sandbox complained of, as one printable line. */
  get stderr(): string {
    return this.#stderr.replace(/[^\x21-\x7e]+/g, ' ').trim();
  }

  addStderr(text: string): void {
    if (this.#stderr.length < STDERR_KEPT) this.#stderr = (this.#stderr + text).slice(0, STDERR_KEPT);
  }

  attach(container: Duplex): void {
    this.#container = container;
    this.#closed = Promise.withResolvers<void>();
    container.on('data', (chunk: Buffer) => {
      this.#firstByte.resolve();
      const gateway = this.#gateway;
      if (gateway === undefined) return;
      gather(gateway);
      if (!gateway.write(chunk)) container.pause();
    });
    container.on('drain', () => this.#gateway?.resume());
    container.on('end', () => container.destroy());
    container.on('error', () => {});
    container.once('close', () => {
      if (this.#container !== container) return;
      this.#container = undefined;
      this.#dismiss();
      this.#closed.resolve();
      this.#events.lost();
    });
  }

  /** The newest gateway counts: an earlier stream is cut. Answers false when there is nothing to connect it to. */
  connect(gateway: Duplex): boolean {
    const container = this.#container;
    if (container === undefined) return false;
    const earlier = this.#gateway;
    this.#gateway = gateway;
    earlier?.destroy();
    gateway.on('data', (chunk: Buffer) => {
      if (this.#gateway === gateway && this.#container?.write(chunk) === false) gateway.pause();
    });
    gateway.on('drain', () => {
      if (this.#gateway === gateway) this.#container?.resume();
    });
    gateway.on('end', () => gateway.destroy());
    gateway.on('error', () => {});
    gateway.once('close', () => {
      if (this.#gateway !== gateway) return;
      this.#gateway = undefined;
      this.#container?.resume();
      this.#events.unattended();
    });
    if (container.writableNeedDrain) gateway.pause();
    container.resume();
    if (earlier === undefined) this.#events.attended();
    return true;
  }

  /** A zero byte tells the agent that somebody still wants it (AF8). Only while no gateway has ever been connected. */
  keepAlive(): void {
    if (this.#gateway === undefined && this.#container?.writableNeedDrain === false) this.#container.write(ZERO);
  }

  /** Closes the attached stream; with `patience` (ms), what the sandbox has written may first flow to the gateway. */
  async detach(patience: number): Promise<void> {
    const container = this.#container;
    if (container === undefined) return;
    if (patience > 0 && this.#gateway !== undefined) {
      const timer = Promise.withResolvers<void>();
      const waiting = this.#clock.after(patience, timer.resolve);
      await Promise.race([this.closed, timer.promise]);
      waiting.cancel();
    }
    this.#container = undefined;
    container.destroy();
    this.#dismiss();
    this.#closed.resolve();
  }

  /** Lets the gateway have what is on its way, then closes its stream. */
  #dismiss(): void {
    const gateway = this.#gateway;
    if (gateway === undefined) return;
    this.#gateway = undefined;
    const limit = this.#clock.after(FLUSH_MS, () => gateway.destroy());
    gateway.once('close', () => limit.cancel());
    gateway.end(() => gateway.destroy());
    this.#events.unattended();
  }
}
