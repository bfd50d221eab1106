/** A small Jupyter client of the tests: REST by fetch, channels by `ws` in the v1 format. */
import { randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';

const V1 = 'v1.kernel.websocket.jupyter.org';

export interface Message {
  readonly channel: string;
  readonly header: { msg_id: string; msg_type: string; session: string };
  readonly parent_header: { msg_id?: string };
  // biome-ignore lint/suspicious/noExplicitAny: the content differs by message type
  readonly content: any;
  readonly buffers: Buffer[];
  readonly size: number;
}

export interface Run {
  readonly id: string;
  readonly reply: Message;
  readonly messages: Message[];
  /** stdout and stderr in the order in which they came. */
  readonly text: string;
}

/** `default`: JSON texts, for servers that select no subprotocol; without buffers here. */
export type Format = 'v1' | 'default';

export interface Server {
  readonly url: string;
  readonly token: string;
}

// biome-ignore lint/suspicious/noExplicitAny: answers differ by route
export type Answer = { status: number; headers: Headers; text: string; json: any };

export async function rest(server: Server, method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(server.url + path, {
    method,
    headers: { Authorization: `token ${server.token}`, 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    redirect: 'manual',
  });
  const text = await response.text();
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  return { status: response.status, headers: response.headers, text, json };
}

/** Starts a kernel and connects to it; disposing deletes it. */
export async function openKernel(server: Server, body: object = {}, format: Format = 'v1'): Promise<Kernel> {
  const answer = await rest(server, 'POST', '/api/kernels', body);
  if (answer.status !== 201) throw new Error(`POST /api/kernels answered ${answer.status}: ${answer.text}`);
  const kernel = new Kernel(server, answer.json.id, format);
  await kernel.connect();
  return kernel;
}

/** What a client sends to run a cell. */
export const executeContent = (code: string, options: object = {}) => ({
  code,
  silent: false,
  store_history: true,
  user_expressions: {},
  allow_stdin: false,
  stop_on_error: true,
  ...options,
});

export class Kernel implements AsyncDisposable {
  readonly server: Server;
  readonly id: string;
  session: string = randomUUID();
  messages: Message[] = [];
  closed: { code: number; reason: string } | undefined;
  #socket: WebSocket | undefined;
  readonly #format: Format;
  #wake: (() => void)[] = [];

  constructor(server: Server, id: string, format: Format = 'v1') {
    this.server = server;
    this.id = id;
    this.#format = format;
  }

  /** Opens the socket, again where there was one; messages seen so far are kept. */
  async connect(session: string = this.session): Promise<void> {
    this.session = session;
    this.closed = undefined;
    const url = `${this.server.url.replace(/^http/, 'ws')}/api/kernels/${this.id}/channels?session_id=${session}`;
    const socket = new WebSocket(url, this.#format === 'v1' ? [V1] : [], {
      headers: { Authorization: `token ${this.server.token}` },
      maxPayload: 512 * 2 ** 20,
    });
    socket.on('message', (data: Buffer) => {
      if (socket !== this.#socket) return;
      this.messages.push(this.#format === 'v1' ? decode(data) : { size: data.length, ...JSON.parse(String(data)) });
      this.#notify();
    });
    socket.on('close', (code, reason) => {
      if (socket !== this.#socket) return;
      this.closed = { code, reason: String(reason) };
      this.#notify();
    });
    this.#socket = socket;
    await new Promise<void>((done, fail) => {
      socket.once('open', () => done());
      socket.once('error', fail);
      socket.once('unexpected-response', (_, response) =>
        fail(new Error(`upgrade refused with ${response.statusCode}`)),
      );
    });
    socket.on('error', () => {});
  }

  /** Cuts the connection as a lost network does. */
  drop(): void {
    this.#socket?.terminate();
  }

  /** Stops or resumes reading from the network. */
  pause(paused: boolean): void {
    if (paused) this.#socket?.pause();
    else this.#socket?.resume();
  }

  close(): void {
    this.#socket?.close(1000);
  }

  get socket(): WebSocket {
    if (this.#socket === undefined) throw new Error('not connected');
    return this.#socket;
  }

  send(channel: string, type: string, content: object, buffers: Buffer[] = []): string {
    const id = randomUUID();
    const header = {
      msg_id: id,
      msg_type: type,
      username: '',
      session: this.session,
      date: new Date().toISOString(),
      version: '5.3',
    };
    if (this.#format === 'v1') this.socket.send(encode(channel, [header, {}, {}, content], buffers));
    else this.socket.send(JSON.stringify({ channel, header, parent_header: {}, metadata: {}, content, buffers: [] }));
    return id;
  }

  execute(code: string, options: object = {}): string {
    return this.send('shell', 'execute_request', executeContent(code, options));
  }

  of(id: string, type?: string): Message[] {
    return this.messages.filter(
      (message) => message.parent_header.msg_id === id && (type === undefined || message.header.msg_type === type),
    );
  }

  text(id: string): string {
    return this.of(id, 'stream')
      .map((message) => message.content.text)
      .join('');
  }

  async until(what: string, test: (message: Message) => boolean, ms = 30_000): Promise<Message> {
    const deadline = Date.now() + ms;
    let seen = 0;
    for (;;) {
      for (; seen < this.messages.length; seen += 1) {
        const message = this.messages[seen];
        if (message !== undefined && test(message)) return message;
      }
      if (this.closed !== undefined)
        throw new Error(`socket closed with ${this.closed.code} ${this.closed.reason} while waiting for ${what}`);
      const left = deadline - Date.now();
      if (left <= 0)
        throw new Error(
          `no ${what} within ${ms} ms; saw ${this.messages
            .slice(-8)
            .map((m) => m.header.msg_type)
            .join(' ')}`,
        );
      await new Promise<void>((next) => {
        const timer = setTimeout(next, left);
        this.#wake.push(() => {
          clearTimeout(timer);
          next();
        });
      });
    }
  }

  reply(id: string, ms?: number): Promise<Message> {
    return this.until(
      'reply',
      (message) =>
        message.parent_header.msg_id === id &&
        message.channel !== 'iopub' &&
        message.header.msg_type.endsWith('_reply'),
      ms,
    );
  }

  idle(id: string, ms?: number): Promise<Message> {
    return this.until(
      'idle',
      (message) => message.parent_header.msg_id === id && message.content.execution_state === 'idle',
      ms,
    );
  }

  /** Executes and waits for the reply and idle. */
  async run(code: string, options: object = {}, ms?: number): Promise<Run> {
    const id = this.execute(code, options);
    const [reply] = await Promise.all([this.reply(id, ms), this.idle(id, ms)]);
    return { id, reply, messages: this.of(id), text: this.text(id) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.drop();
    await rest(this.server, 'DELETE', `/api/kernels/${this.id}`).catch(() => {});
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = [];
    for (const next of wake) next();
  }
}

export function encode(channel: string, parts: object[], buffers: Buffer[] = []): Buffer {
  const bodies = [Buffer.from(channel), ...parts.map((part) => Buffer.from(JSON.stringify(part))), ...buffers];
  const head = Buffer.alloc(8 * (bodies.length + 2));
  head.writeBigUInt64LE(BigInt(bodies.length + 1), 0);
  let offset = head.length;
  for (const [index, body] of bodies.entries()) {
    head.writeBigUInt64LE(BigInt(offset), 8 * (index + 1));
    offset += body.length;
  }
  head.writeBigUInt64LE(BigInt(offset), 8 * (bodies.length + 1));
  return Buffer.concat([head, ...bodies]);
}

export function decode(frame: Buffer): Message {
  const count = Number(frame.readBigUInt64LE(0));
  const offsets = Array.from({ length: count }, (_, index) => Number(frame.readBigUInt64LE(8 * (index + 1))));
  const part = (index: number) => frame.subarray(offsets[index], offsets[index + 1]);
  const json = (index: number) => JSON.parse(part(index).toString());
  const buffers = Array.from({ length: count - 6 }, (_, index) => part(5 + index));
  return {
    channel: part(0).toString(),
    header: json(1),
    parent_header: json(2),
    content: json(4),
    buffers,
    size: frame.length,
  };
}
