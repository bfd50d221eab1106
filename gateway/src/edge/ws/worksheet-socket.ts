/** One page's WebSocket for the documents of worksheets: what comes goes to the rooms, which say what goes back. */
import type { Duplex } from 'node:stream';
import type { RawData, WebSocket } from 'ws';
import { Backlog } from '../../base/backlog.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/ports.ts';
import type { Outlet, RoomsSocket } from '../../worksheet/rooms/socket.ts';
import { bytesOf, Network } from './network.ts';
import type { OpenSocket } from './open-sockets.ts';
import { Pulse } from './pulse.ts';

/** RFC 6455 §7.4.1 and the registry behind it. */
const UNSUPPORTED = 1003;
const COME_BACK = 1013;
/** Bytes that wait for a slow client, which finds all of it in the document when it comes back. */
const MOST_BUFFERED = 64 * 1024 * 1024;

export class WorksheetSocket implements Outlet, OpenSocket {
  readonly #socket: WebSocket;
  readonly #network: Network;
  readonly #pulse: Pulse;
  #room: RoomsSocket | undefined;
  readonly #backlog = new Backlog(MOST_BUFFERED);

  /** `network`: the connection below the WebSocket. */
  constructor(socket: WebSocket, network: Duplex, clock: Clock, logger: Logger) {
    this.#socket = socket;
    this.#network = new Network(socket, network, clock);
    this.#pulse = new Pulse(socket, clock);
    socket.on('message', (data, binary) => this.#take(data, binary));
    socket.on('pong', (payload) => this.#pulse.pong(payload));
    socket.on('ping', () => this.#pulse.heard());
    socket.on('error', (error) => logger.debug({ err: error }, 'a socket failed'));
    socket.once('close', (code, reason) => {
      this.#pulse.stop();
      this.#room?.closed(code, String(reason));
    });
  }

  /** Called once, before anything can come. */
  attach(room: RoomsSocket): void {
    this.#room = room;
  }

  send(bytes: Uint8Array): void {
    if (!this.#network.isOpen) return;
    if (!this.#backlog.takes(this.#socket.bufferedAmount, bytes.length)) {
      this.close(COME_BACK, 'the connection is too slow');
      return;
    }
    this.#network.gather();
    this.#socket.send(bytes, { binary: true });
    this.#pulse.wrote(bytes.length);
  }

  close(code: number, reason: string): void {
    this.#network.close(code, reason);
  }

  #take(data: RawData, binary: boolean): void {
    this.#pulse.heard();
    if (!binary) {
      this.close(UNSUPPORTED, 'messages here are binary');
      return;
    }
    const held = this.#room?.receive(bytesOf(data));
    if (held !== undefined) void this.#hold(held);
  }

  /** The client is not read meanwhile; where `held` fails, the socket is being closed. */
  async #hold(held: Promise<void>): Promise<void> {
    this.#socket.pause();
    this.#pulse.hold(true);
    await held.catch(() => {});
    this.#pulse.hold(false);
    this.#socket.resume();
  }
}
