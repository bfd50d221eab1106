/** One simulated sandbox: speaks docs/spec/agent-stream.md as an agent whose kernel answers at once. */
import type { Duplex } from 'node:stream';
import { type GatewayControl, parseControl } from '../../gateway/src/wire/agent-control.ts';
import { encodeControl, encodePart, FrameDecoder, MAX_BODY } from '../../gateway/src/wire/agent-frames.ts';
import { readV1 } from '../../gateway/src/wire/jupyter-v1.ts';
import { answer, kernelMessage, type Say } from './simulated-kernel.ts';

const KEY = 32;
const STATS = {
  ...{ type: 'stats', memory: { used: 2 ** 25, peak: 2 ** 25, limit: 2 ** 28 }, cpu: { usec: 123_456 } },
  ...{ pids: { used: 4, limit: 64 }, oomKills: 0 },
};

export class SimulatedAgent {
  #stream: Duplex | undefined;
  #keyBytes = 0;
  #inbound = new FrameDecoder(0, true);
  #received = 0;
  #generation = 0;
  #next = 1;
  #stats: NodeJS.Timeout | undefined;
  #held: { seq: number; frame: Buffer }[] = [];
  /** Frames of this turn, written together. */
  #out: Buffer[] = [];

  /** The warden's attach. What it says while nobody is attached is kept until it is acknowledged. */
  attach(stream: Duplex): void {
    this.#stream = stream;
    this.#keyBytes = 0;
    this.#inbound.forget();
    stream.on('data', (chunk: Buffer) => this.#take(chunk));
    stream.on('error', () => {});
    stream.once('close', () => {
      if (this.#stream === stream) this.#stream = undefined;
    });
  }

  /** AF13. */
  begin(): void {
    this.#stream?.write('carrel/1\r\n');
  }

  end(): void {
    clearInterval(this.#stats);
    this.#stream?.end();
    this.#stream = undefined;
  }

  #take(chunk: Buffer): void {
    let at = 0;
    /** AF8, AF9: zeros, then the key. A gateway that comes back writes key and attach as the first bytes of a chunk. */
    if (this.#keyBytes === 0) while (chunk[at] === 0) at += 1;
    if (this.#keyBytes < KEY) {
      const taken = Math.min(KEY - this.#keyBytes, chunk.length - at);
      this.#keyBytes += taken;
      at += taken;
    }
    this.#inbound.push(chunk.subarray(at), (event) => {
      if (event.kind === 'control') this.#control(parseControl(event.body) as unknown as GatewayControl);
      else if (event.kind !== 'data') this.#message(event.last, event.kind === 'message' ? event.body : undefined);
    });
    this.#flush();
  }

  #control(body: GatewayControl): void {
    if (body.type === 'attach') this.#attached(body.nonce, body.received);
    else if (body.type === 'ping') this.#out.push(encodeControl({ type: 'pong' }));
    else if (body.type === 'ack') this.#held = this.#held.filter(({ seq }) => seq > body.seq);
    else if (body.type === 'start' || body.type === 'restart') this.#start(body.generation);
    else if (body.type === 'stats') this.#statsEvery(body.every);
  }

  #statsEvery(seconds: number): void {
    clearInterval(this.#stats);
    if (seconds === 0) return;
    this.#out.push(encodeControl(STATS));
    this.#stats = setInterval(() => {
      this.#out.push(encodeControl(STATS));
      this.#flush();
    }, seconds * 1000);
  }

  #attached(nonce: string, received: number): void {
    this.#held = this.#held.filter(({ seq }) => seq > received);
    const numbers = { received: this.#received, first: this.#held[0]?.seq ?? this.#next, next: this.#next };
    const state = this.#generation === 0 ? 'none' : 'running';
    const hello = {
      ...{ type: 'hello', agent: 'simulated', protocol: 1, ...numbers, generation: this.#generation, state },
      ...{ kernels: ['python3'], confinement: { landlock: 7, split: false } },
    };
    this.#out.push(Buffer.from(nonce, 'hex'), encodeControl(hello), ...this.#held.map(({ frame }) => frame));
  }

  #start(generation: number): void {
    this.#generation = generation;
    this.#out.push(encodeControl({ type: 'started', generation, kernel: 'python3', pid: 7, standby: true }));
  }

  #message(seq: number, body: Buffer | undefined): void {
    this.#received = seq;
    this.#out.push(encodeControl({ type: 'ack', seq }));
    const request = body === undefined ? undefined : readV1(body);
    if (request === undefined) return;
    answer(request, this.#say, this.#flush);
  }

  readonly #say: Say = (channel, type, parent, content) => {
    const body = kernelMessage(channel, type, parent, content).toV1();
    for (let at = 0; at < body.length; at += MAX_BODY) {
      const end = Math.min(body.length, at + MAX_BODY);
      const frame = Buffer.concat(encodePart(this.#next, body.subarray(at, end), end < body.length));
      this.#held.push({ seq: this.#next, frame });
      this.#out.push(frame);
      this.#next += 1;
    }
  };

  readonly #flush = (): void => {
    const out = this.#out;
    this.#out = [];
    if (out.length > 0) this.#stream?.write(out.length === 1 && out[0] !== undefined ? out[0] : Buffer.concat(out));
  };
}
