/**
 * An agent without a container: speaks docs/spec/agent-stream.md over streams in memory and runs a scripted kernel. Its hostile
 * use: `raw` writes any bytes where a frame is expected, `mute` keeps it silent.
 */
import { randomUUID } from 'node:crypto';
import { type Duplex, duplexPair } from 'node:stream';
import { type GatewayControl, parseControl } from '../../gateway/src/wire/agent-control.ts';
import { encodeControl, encodePart, FrameDecoder, MAX_BODY } from '../../gateway/src/wire/agent-frames.ts';
import { readV1 } from '../../gateway/src/wire/jupyter-v1.ts';
import type { Channel, KernelMessage } from '../../gateway/src/wire/kernel-message.ts';
import { makeMessage } from '../../gateway/src/wire/wire-message.ts';

/** What a cell does: called with the request, uses the agent to speak. */
export type Cell = (agent: FakeAgent, request: KernelMessage) => void;

export class FakeAgent {
  readonly keys: string[] = [];
  readonly controls: GatewayControl[] = [];
  readonly messages: KernelMessage[] = [];
  /** Code of an execute_request → what happens; unknown code ends well. */
  readonly cells = new Map<string, Cell>();
  /** False: `start` and `restart` are heard and not answered. */
  autoStart = true;
  mute = false;
  /** Changes hello before it is written. */
  hello: (body: Record<string, unknown>) => Record<string, unknown> = (body) => body;
  kernelSession = randomUUID();
  generation = 0;
  acked = 0;
  #state = 'none';
  #stream: Duplex | undefined;
  #inbound = new FrameDecoder(0, true);
  #inboundLast = 0;
  #next = 1;
  #held: { seq: number; frame: Buffer }[] = [];

  /** A new connection; answers the gateway's end. */
  connect(): Duplex {
    const [ours, theirs] = duplexPair();
    this.#stream = ours;
    this.#inbound.forget();
    let key = Buffer.alloc(0);
    ours.on('error', () => {});
    const take = (chunk: Buffer) => {
      let rest = chunk;
      if (key.length < 32) {
        const missing = 32 - key.length;
        key = Buffer.concat([key, chunk.subarray(0, missing)]);
        rest = chunk.subarray(missing);
        if (key.length === 32) this.keys.push(key.toString('hex'));
      }
      this.#inbound.push(rest, (event) => {
        if (event.kind === 'control') this.#control(parseControl(event.body) as unknown as GatewayControl);
        else if (event.kind !== 'data') this.#frame(event.last, event.kind === 'message' ? event.body : undefined);
      });
    };
    /** A pair of streams hands bytes over within the write; a network does not. */
    ours.on('data', (chunk: Buffer) => setImmediate(take, chunk));
    return theirs;
  }

  /** An earlier gateway has sent this many frames. */
  heardBefore(frames: number): void {
    this.#inbound.expect(frames + 1);
    this.#inboundLast = frames;
  }

  /** The stream breaks. */
  drop(): void {
    this.#stream?.end();
    this.#stream = undefined;
  }

  /** Any bytes, in the place of a frame. */
  raw(bytes: Buffer): void {
    this.#stream?.write(bytes);
  }

  control(body: object): void {
    this.raw(encodeControl(body));
  }

  started(): void {
    this.#state = 'running';
    this.control({ type: 'started', generation: this.generation, kernel: 'python3', pid: 7, standby: true });
  }

  /** The kernel's process ends by itself. */
  exit(facts: object = {}): void {
    this.#state = 'ended';
    const memory = { peak: 500, limit: 512 };
    const exited = {
      generation: this.generation,
      code: null,
      signal: 9,
      oom: false,
      expected: false,
      memory,
      detail: '',
    };
    this.control({ type: 'exited', ...exited, ...facts });
  }

  /** A message of the kernel about a request, in parts where it is long. */
  say(channel: Channel, type: string, parent: KernelMessage | undefined, content: object): void {
    const header = { msg_id: randomUUID(), msg_type: type, session: this.kernelSession, username: 'k', version: '5.3' };
    const body = makeMessage(channel, header, parent?.rawHeader ?? Buffer.from('{}'), content).toV1();
    for (let at = 0; at < body.length; at += MAX_BODY) {
      const end = Math.min(body.length, at + MAX_BODY);
      const frame = Buffer.concat(encodePart(this.#next, body.subarray(at, end), end < body.length));
      this.#held.push({ seq: this.#next, frame });
      this.#next += 1;
      this.raw(frame);
    }
  }

  status(state: string, parent?: KernelMessage): void {
    this.say('iopub', 'status', parent, { execution_state: state });
  }

  print(text: string, parent: KernelMessage): void {
    this.say('iopub', 'stream', parent, { name: 'stdout', text });
  }

  /** The reply and the idle that end a request. */
  end(parent: KernelMessage, content: object = { status: 'ok' }): void {
    this.say(parent.channel, parent.header.msg_type.replace(/_request$/, '_reply'), parent, content);
    this.status('idle', parent);
  }

  requests(type: string): KernelMessage[] {
    return this.messages.filter((message) => message.header.msg_type === type);
  }

  #control(body: GatewayControl): void {
    this.controls.push(body);
    if (this.mute) return;
    if (body.type === 'attach') this.#attach(body);
    else if (body.type === 'ping') this.control({ type: 'pong' });
    else if (body.type === 'ack') this.#acknowledged(body.seq);
    else if (body.type === 'interrupt') this.control({ type: 'interrupted', generation: this.generation, killed: 0 });
    else if (body.type === 'start' || body.type === 'restart') this.#begin(body.generation);
  }

  #attach(body: { nonce: string; received: number }): void {
    this.#acknowledged(body.received);
    const first = this.#held[0]?.seq ?? this.#next;
    const hello = {
      ...{ type: 'hello', agent: 'fake', protocol: 1, received: this.#inboundLast, first, next: this.#next },
      ...{ generation: this.generation, state: this.#state, kernels: ['python3'] },
      confinement: { landlock: 7, split: false },
    };
    this.raw(Buffer.from('what was under way before'));
    this.raw(Buffer.from(body.nonce, 'hex'));
    this.control(this.hello(hello));
    for (const { frame } of this.#held) this.raw(frame);
  }

  #acknowledged(seq: number): void {
    this.acked = Math.max(this.acked, seq);
    this.#held = this.#held.filter((held) => held.seq > seq);
  }

  #begin(generation: number): void {
    if (generation <= this.generation) return;
    this.generation = generation;
    this.#state = 'starting';
    this.kernelSession = randomUUID();
    if (this.autoStart) this.started();
  }

  #frame(seq: number, body: Buffer | undefined): void {
    this.#inboundLast = seq;
    if (this.mute) return;
    this.control({ type: 'ack', seq });
    const message = body === undefined ? undefined : readV1(body);
    if (message === undefined) return;
    this.messages.push(message);
    const type = message.header.msg_type;
    if (!type.endsWith('_request')) return;
    const cell = type === 'execute_request' ? this.cells.get(String(message.content['code'])) : undefined;
    this.status('busy', message);
    if (cell === undefined) this.end(message);
    else cell(this, message);
  }
}
