/**
 * A sandbox's agent without a gateway in front: the stream of docs/spec/agent-stream.md over whatever carries the bytes, no more
 * of it than running cells needs.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { newSandboxId } from '../../gateway/src/base/ids.ts';
import { sandboxKey } from '../../gateway/src/sandbox/key.ts';
import { encodeControl, encodePart, FrameDecoder, type FrameEvent } from '../../gateway/src/wire/agent-frames.ts';
import { Marker } from '../../gateway/src/wire/marker.ts';
import { encode } from '../../test/support/jupyter.ts';
import { executeRequest, isIdle, readMessage } from './client.ts';

const JOURNAL = 4 * 2 ** 20;
const KERNEL = 'python3';

export class AgentStream implements Disposable {
  readonly #stream: Duplex;
  readonly #nonce = randomBytes(32);
  readonly #marker = new Marker(this.#nonce);
  readonly #decoder = new FrameDecoder(0);
  #attached = false;
  #sent = 0;
  #cell = { id: '', replied: false, idle: false, done: () => {} };
  readonly #started: Promise<void>;
  #begin: () => void = () => {};

  private constructor(stream: Duplex) {
    this.#stream = stream;
    this.#started = new Promise((begin) => {
      this.#begin = begin;
    });
    stream.on('error', () => {});
    stream.on('data', (chunk: Buffer) => this.#take(chunk));
  }

  /** Attaches and starts a kernel, which has run a cell when this resolves. */
  static async start(stream: Duplex): Promise<AgentStream> {
    const agent = new AgentStream(stream);
    const attach = { type: 'attach', nonce: agent.#nonce.toString('hex'), received: 0, journal: JOURNAL };
    stream.write(Buffer.concat([sandboxKey(randomBytes(32), newSandboxId()), encodeControl(attach)]));
    stream.write(encodeControl({ type: 'start', generation: 1, kernel: KERNEL, env: {} }));
    await agent.#started;
    await agent.run('1+1');
    return agent;
  }

  /** Milliseconds from the write of the request until reply and idle have come. */
  async run(code: string): Promise<number> {
    const id = randomUUID();
    const done = new Promise<void>((resolve) => {
      this.#cell = { id, replied: false, idle: false, done: resolve };
    });
    this.#sent += 1;
    const frame = Buffer.concat(encodePart(this.#sent, encode('shell', executeRequest(id, 'bench', code)), false));
    const begun = performance.now();
    this.#stream.write(frame);
    await done;
    return performance.now() - begun;
  }

  [Symbol.dispose](): void {
    this.#stream.destroy();
  }

  #take(chunk: Buffer): void {
    let rest = chunk;
    if (!this.#attached) {
      const end = this.#marker.find(chunk);
      if (end === undefined) return;
      this.#attached = true;
      rest = chunk.subarray(end);
    }
    this.#decoder.push(rest, (event) => this.#event(event));
  }

  #event(event: FrameEvent): void {
    if (event.kind === 'control' && event.body.includes('"started"')) this.#begin();
    if (event.kind !== 'message') return;
    const message = readMessage(event.body, 0);
    const cell = this.#cell;
    if (message.parent !== cell.id) return;
    if (message.type === 'execute_reply') cell.replied = true;
    if (isIdle(message)) cell.idle = true;
    if (!cell.replied || !cell.idle) return;
    this.#stream.write(encodeControl({ type: 'ack', seq: event.last }));
    cell.done();
  }
}
