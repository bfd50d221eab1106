/**
 * A Jupyter client that costs next to nothing, so that it is not what is measured: `ws` in the v1 format, of each message only the
 * two headers are parsed; contents stay bytes until somebody asks. Times are `performance.now()` of this process.
 */
import { randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';
import { encode, type Server } from '../../test/support/jupyter.ts';

const V1 = 'v1.kernel.websocket.jupyter.org';
const LARGEST = 512 * 2 ** 20;

export interface Received {
  readonly at: number;
  readonly channel: string;
  readonly type: string;
  readonly id: string;
  readonly parent: string;
  /** JSON. */
  readonly content: Buffer;
  /** Of the whole WebSocket message, in bytes. */
  readonly size: number;
}

export const isIdle = ({ type, content }: Received): boolean => type === 'status' && content.includes('"idle"');

/** A cell that was sent: when what came of it. */
export class Cell {
  readonly id = randomUUID();
  sent = 0;
  received: Received[] = [];
  readonly done: Promise<this>;
  #settle: (cell: this) => void = () => {};
  #waiting: { test: (message: Received) => boolean; done: (message: Received) => void }[] = [];
  replied = 0;
  idle = 0;

  constructor() {
    this.done = new Promise((settle) => {
      this.#settle = settle;
    });
  }

  take(message: Received): void {
    this.received.push(message);
    if (message.type === 'execute_reply') this.replied = message.at;
    if (isIdle(message)) this.idle = message.at;
    this.#waiting = this.#waiting.filter(({ test, done }) => !test(message) || done(message));
    if (this.replied > 0 && this.idle > 0) this.#settle(this);
  }

  /** The first message from now on that passes. */
  next(test: (message: Received) => boolean): Promise<Received> {
    return new Promise((done) => this.#waiting.push({ test, done }));
  }

  of(type: string): Received[] {
    return this.received.filter((message) => message.type === type);
  }

  /** Milliseconds from the send until reply and idle were both there. */
  get took(): number {
    return Math.max(this.replied, this.idle) - this.sent;
  }

  /** Milliseconds from the send to the result; throws where the cell had none. */
  get toResult(): number {
    const [result] = this.of('execute_result');
    if (result === undefined) throw new Error(`expected a result, got ${this.summary}`);
    return result.at - this.sent;
  }

  /** stdout and stderr, each message once: a client that comes back may get one a second time. */
  get text(): string {
    const once = new Map(this.of('stream').map((message) => [message.id, message]));
    return [...once.values()].map(({ content }) => JSON.parse(content.toString()).text).join('');
  }

  /** The reply's content. */
  get reply(): { status: string; ename?: string; evalue?: string } {
    const [reply] = this.of('execute_reply');
    if (reply === undefined) throw new Error(`expected a reply, got ${this.summary}`);
    return JSON.parse(reply.content.toString());
  }

  get summary(): string {
    return this.received.map(({ type }) => type).join(' ') || 'nothing';
  }
}

export class Channels {
  readonly session: string;
  readonly #socket: WebSocket;
  readonly #cells = new Map<string, Cell>();
  readonly #ended: Promise<never>;
  /** Bytes of the largest message. */
  largest = 0;

  private constructor(socket: WebSocket, session: string, cells: readonly Cell[]) {
    this.#socket = socket;
    this.session = session;
    for (const cell of cells) this.#cells.set(cell.id, cell);
    this.#ended = new Promise((_, fail) => {
      socket.on('close', (code) => fail(new Error(`the socket was closed with ${code}`)));
    });
    this.#ended.catch(() => {});
    socket.on('error', () => {});
    socket.on('message', (data: Buffer) => this.#take(data));
  }

  /** `cells` were sent on an earlier socket, and what comes of them is theirs. */
  static async open(server: Server, kernel: string, session: string = randomUUID(), cells: readonly Cell[] = []) {
    const url = `${server.url.replace(/^http/, 'ws')}/api/kernels/${kernel}/channels?session_id=${session}`;
    const headers = { Authorization: `token ${server.token}` };
    const socket = new WebSocket(url, [V1], { headers, maxPayload: LARGEST, perMessageDeflate: false });
    const channels = new Channels(socket, session, cells);
    await new Promise<void>((done, fail) => {
      socket.once('open', done);
      socket.once('error', fail);
      socket.once('unexpected-response', (_, { statusCode }) => fail(new Error(`upgrade refused with ${statusCode}`)));
    });
    return channels;
  }

  send(code: string): Cell {
    const cell = new Cell();
    this.#cells.set(cell.id, cell);
    const frame = encode('shell', executeRequest(cell.id, this.session, code));
    cell.sent = performance.now();
    this.#socket.send(frame);
    return cell;
  }

  /** Sends a cell and waits for reply and idle; fails where the socket ends before. */
  async run(code: string, seconds = 60): Promise<Cell> {
    return await this.until(this.send(code).done, `the end of ${code.slice(0, 40)}`, seconds);
  }

  /** Waits no longer than this socket lives and than some seconds. */
  async until<T>(wanted: Promise<T>, what: string, seconds = 60): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, fail) => {
      timer = setTimeout(() => fail(new Error(`not within ${seconds} s: ${what}`)), seconds * 1000);
    });
    return await Promise.race([wanted, this.#ended, late]).finally(() => clearTimeout(timer));
  }

  /** Round trip of a WebSocket ping in milliseconds. */
  async ping(): Promise<number> {
    const begun = performance.now();
    const pong = new Promise((done) => this.#socket.once('pong', done));
    this.#socket.ping();
    await this.until(pong, 'a pong', 10);
    return performance.now() - begun;
  }

  /** As a lost network does. */
  drop(): void {
    this.#socket.terminate();
  }

  #take(data: Buffer): void {
    const at = performance.now();
    if (data.length > this.largest) this.largest = data.length;
    const message = readMessage(data, at);
    this.#cells.get(message.parent)?.take(message);
  }
}

export function executeRequest(id: string, session: string, code: string): object[] {
  const date = new Date().toISOString();
  const header = { msg_id: id, msg_type: 'execute_request', username: '', session, date, version: '5.3' };
  const flags = { silent: false, store_history: true, user_expressions: {}, allow_stdin: false, stop_on_error: true };
  return [header, {}, {}, { code, ...flags }];
}

/** A message in the v1 layout; of what a gateway or an agent sent, so its offsets are taken as they are. */
export function readMessage(data: Buffer, at: number): Received {
  const offset = (index: number) => data.readUInt32LE(8 * (index + 1));
  const part = (index: number) => data.subarray(offset(index), offset(index + 1));
  const { msg_type: type, msg_id: id } = JSON.parse(part(1).toString());
  const parent: string = JSON.parse(part(2).toString()).msg_id ?? '';
  return { at, channel: part(0).toString(), type, id, parent, content: part(4), size: data.length };
}
