/**
 * One client's WebSocket as the relay sees it. Reads pause while the relay holds a message back, so that a client that sends
 * faster than its kernel reads is slowed down by TCP and not kept in memory.
 */
import type { Duplex } from 'node:stream';
import type { RawData, WebSocket } from 'ws';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/ports.ts';
import type { KernelClient } from '../../kernel/client.ts';
import type { KernelConnection } from '../../kernel/contract.ts';
import type { KernelMessage } from '../../wire/kernel-message.ts';
import { decodeFrame, encodeFrame } from './formats.ts';
import type { WireFormat } from './negotiate.ts';
import { bytesOf, Network } from './network.ts';
import { Pulse } from './pulse.ts';

/** RFC 6455 §7.4.1: data that cannot be what the type promises. */
const UNREADABLE = 1007;
const INTERNAL = 1011;

export class KernelSocket implements KernelClient {
  readonly #socket: WebSocket;
  readonly #network: Network;
  readonly #format: WireFormat;
  readonly #logger: Logger;
  readonly #pulse: Pulse;
  /** Frames of one read of the network that arrive although the socket is paused; bounded by the size of that read. */
  #inbox: { data: RawData; binary: boolean }[] = [];
  #holding = false;
  #connection: KernelConnection | undefined;

  /** `network`: the connection below the WebSocket. */
  constructor(socket: WebSocket, network: Duplex, format: WireFormat, clock: Clock, logger: Logger) {
    this.#socket = socket;
    this.#network = new Network(socket, network, clock);
    this.#format = format;
    this.#logger = logger;
    this.#pulse = new Pulse(socket, clock);
    socket.on('message', (data, binary) => this.#take(data, binary));
    socket.on('pong', (payload) => this.#pulse.pong(payload));
    socket.on('ping', () => this.#pulse.heard());
    socket.on('error', (error) => logger.debug({ err: error }, 'a socket failed'));
    socket.once('close', () => this.#closed());
  }

  /** Called once, right after the relay knows this client. */
  attach(connection: KernelConnection): void {
    this.#connection = connection;
    this.#read();
  }

  send(message: KernelMessage): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    const frame = encodeFrame(this.#format, message);
    this.#network.gather();
    this.#socket.send(frame, { binary: typeof frame !== 'string' });
    this.#pulse.wrote(frame.length);
  }

  sync(delivered: () => void): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#pulse.sync(delivered);
  }

  get bufferedAmount(): number {
    return this.#socket.bufferedAmount;
  }

  close(code: number, reason: string): void {
    this.#network.close(code, reason);
  }

  #take(data: RawData, binary: boolean): void {
    this.#pulse.heard();
    this.#inbox.push({ data, binary });
    this.#read();
  }

  #read(): void {
    if (this.#holding || this.#connection === undefined) return;
    try {
      for (let next = this.#inbox.shift(); next !== undefined; next = this.#inbox.shift()) {
        if (this.#socket.readyState !== this.#socket.OPEN) return;
        const message = this.#decode(next.data, next.binary);
        if (message === undefined) continue;
        const held = this.#connection.receive(message);
        if (held === undefined) continue;
        void this.#hold(held);
        return;
      }
    } catch (error) {
      this.#failed(error);
    }
  }

  /** The client is not read until `held` resolves. */
  async #hold(held: Promise<void>): Promise<void> {
    this.#holding = true;
    this.#socket.pause();
    this.#pulse.hold(true);
    try {
      await held;
    } catch (error) {
      this.#failed(error);
    }
    this.#holding = false;
    this.#pulse.hold(false);
    this.#read();
    if (!this.#holding && this.#socket.isPaused) this.#socket.resume();
  }

  #failed(error: unknown): void {
    this.#logger.error({ err: error }, 'a message of a client could not be passed on');
    this.close(INTERNAL, 'the message could not be passed on');
  }

  #decode(data: RawData, binary: boolean): KernelMessage | undefined {
    try {
      return decodeFrame(this.#format, bytesOf(data), binary);
    } catch (error) {
      this.#logger.info({ err: error }, 'a client sent a frame that is no Jupyter message');
      this.close(UNREADABLE, `not a message of the ${this.#format} format`);
      return undefined;
    }
  }

  #closed(): void {
    this.#pulse.stop();
    this.#inbox = [];
    this.#connection?.closed();
  }
}
