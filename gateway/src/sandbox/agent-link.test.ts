/** The gateway's end of docs/spec/agent-stream.md, against an agent that keeps the rules and one that does not. */
import { describe, expect, it } from 'vitest';
import { FakeAgent } from '../../../test/support/fake-agent.ts';
import { turns } from '../../../test/support/kernel-world.ts';
import { ManualClock } from '../base/clock.ts';
import { CarrelError } from '../base/errors.ts';
import { silentLogger } from '../base/ports.ts';
import { encodeAbort, encodeControl, encodePart } from '../wire/agent-frames.ts';
import type { KernelMessage } from '../wire/kernel-message.ts';
import { makeMessage } from '../wire/wire-message.ts';
import { AgentLink, type LinkEnd } from './agent-link.ts';

const MiB = 2 ** 20;

class Bench {
  readonly clock = new ManualClock();
  readonly agent = new FakeAgent();
  readonly messages: KernelMessage[] = [];
  readonly frames: number[] = [];
  readonly seen: string[] = [];
  ended: LinkEnd | undefined;
  alive = true;
  link: AgentLink;

  constructor() {
    this.link = this.open();
  }

  open(): AgentLink {
    return new AgentLink({
      key: Buffer.alloc(32, 0x91),
      connect: async () => {
        if (!this.alive) throw new CarrelError('not_found', 'there is no such sandbox');
        return this.agent.connect();
      },
      rate: 2 ** 40,
      clock: this.clock,
      logger: silentLogger,
      handlers: {
        hello: (hello, first) => void this.seen.push(`hello ${first} ${hello.state}`),
        message: (message, frame) => {
          this.messages.push(message);
          this.frames.push(frame);
        },
        part: () => {},
        nothing: (frame) => void this.frames.push(frame),
        lost: () => void this.seen.push('lost'),
        control: (body) => void this.seen.push(body.type),
        settled: () => {},
        ended: (why) => {
          this.ended = why;
        },
      },
    });
  }

  async pass(seconds: number): Promise<void> {
    await turns();
    for (let i = 0; i < seconds; i += 1) {
      this.clock.advance(1000);
      await turns();
    }
  }

  get texts(): unknown[] {
    return this.messages.map((message) => message.content['text']);
  }
}

const request = (text: string): KernelMessage =>
  makeMessage('shell', { msg_id: text.slice(0, 20), msg_type: 'comm_msg', session: 's' }, {}, { text });
const stream = (agent: FakeAgent, text: string) => agent.say('iopub', 'stream', undefined, { text });

describe('a good agent', () => {
  it('AF9 AF10 AF11 begins with the key and attach, and discards what comes before the nonce', async () => {
    const bench = new Bench();
    await turns();
    expect(bench.agent.keys).toEqual(['91'.repeat(32)]);
    expect(bench.agent.controls[0]).toMatchObject({ type: 'attach', received: 0, journal: 4 * MiB });
    expect(bench.seen).toEqual(['hello true none']);
  });

  it('AF10 AF12 after a broken stream both sides send again what the other has not', async () => {
    const bench = new Bench();
    await turns();
    stream(bench.agent, 'one');
    void bench.link.send(request('first'));
    await turns();
    bench.link.acknowledge(1);
    await turns();
    bench.agent.mute = true;
    void bench.link.send(request('second'));
    await turns();
    bench.agent.messages.length = 0;
    bench.agent.drop();
    stream(bench.agent, 'two');
    bench.agent.mute = false;
    await bench.pass(2);
    expect(bench.texts).toEqual(['one', 'two']);
    expect(bench.frames).toEqual([1, 2]);
    expect(bench.agent.controls.filter((body) => body.type === 'attach').at(-1)).toMatchObject({ received: 1 });
  });

  it('AF12 sends again what the agent did not receive', async () => {
    const bench = new Bench();
    await turns();
    bench.agent.hello = (body) => ({ ...body, received: 0 });
    bench.agent.drop();
    void bench.link.send(request('lost on the way'));
    await bench.pass(2);
    expect(bench.agent.messages.map((message) => message.content['text'])).toEqual(['lost on the way']);
  });

  it('AF15 keeps at most 2 MiB unacknowledged and holds the sender up', async () => {
    const bench = new Bench();
    await turns();
    bench.agent.mute = true;
    let taken = false;
    void bench.link.send(request('x'.repeat(5 * MiB)))?.then(() => {
      taken = true;
    });
    await turns();
    expect(taken).toBe(false);
    bench.agent.mute = false;
    bench.agent.control({ type: 'ack', seq: 2 });
    await turns(40);
    expect(taken).toBe(true);
    expect(bench.agent.messages[0]?.content['text']).toHaveLength(5 * MiB);
  });

  it('AF4 a long message keeps its parts over a broken stream', async () => {
    const bench = new Bench();
    await turns();
    const body = makeMessage('iopub', { msg_id: 'm', msg_type: 'stream' }, {}, { text: 'y'.repeat(2 * MiB) }).toV1();
    const parts = [0, 1, 2].map((i) => Buffer.concat(encodePart(i + 1, body.subarray(i * MiB, (i + 1) * MiB), i < 2)));
    for (const part of parts.slice(0, 2)) bench.agent.raw(part);
    await turns();
    bench.agent.hello = (hello) => ({ ...hello, first: 3, next: 3 });
    bench.agent.drop();
    await bench.pass(1);
    bench.agent.raw(parts[2] ?? Buffer.alloc(0));
    await turns();
    expect(bench.messages[0]?.content['text']).toHaveLength(2 * MiB);
  });

  it('AF5 a gateway that starts in the middle of a message goes on behind it, and ends one that it may have begun', async () => {
    const bench = new Bench();
    bench.agent.heardBefore(4);
    bench.agent.hello = (hello) => ({ ...hello, first: 8, next: 9 });
    void bench.link.send(request('what comes next'));
    await turns();
    bench.agent.raw(Buffer.concat(encodePart(8, Buffer.from('the end of a message'), false)));
    await turns();
    expect([bench.seen, bench.frames, bench.ended]).toEqual([['hello true none', 'lost'], [8], undefined]);
    expect(bench.agent.messages.map((message) => message.content['text'])).toEqual(['what comes next']);
    const within = new Bench();
    within.agent.hello = (hello) => ({ ...hello, first: 8, next: 9 });
    await turns();
    within.agent.raw(encodeAbort(8));
    await turns();
    expect([within.frames, within.ended]).toEqual([[8], undefined]);
  });

  it('AF18 pings every half minute, every second while it holds back acknowledgements', async () => {
    const bench = new Bench();
    const pings = () => bench.agent.controls.filter((body) => body.type === 'ping').length;
    await bench.pass(61);
    expect(pings()).toBe(2);
    stream(bench.agent, 'unacknowledged');
    await bench.pass(5);
    expect(pings()).toBe(7);
    bench.link.acknowledge(1);
    await bench.pass(5);
    expect(pings()).toBe(7);
  });

  it('AF18 at rest a link waits for the time of its next ping and for nothing else', async () => {
    const bench = new Bench();
    await bench.pass(1);
    let timers = 0;
    const after = bench.clock.after.bind(bench.clock);
    bench.clock.after = (ms, task) => {
      timers += 1;
      return after(ms, task);
    };
    await bench.pass(300);
    expect(bench.agent.controls.filter((body) => body.type === 'ping')).toHaveLength(10);
    /** One for the ping, one for its answer. */
    expect(timers).toBeLessThanOrEqual(20);
  });

  it('a sandbox that has ended is told as gone', async () => {
    const bench = new Bench();
    await turns();
    bench.alive = false;
    bench.agent.drop();
    await bench.pass(1);
    expect(bench.ended).toEqual({ kind: 'gone' });
  });
});

describe('a hostile agent costs its own link and says why', () => {
  const header = (length: number, seq = 1) => {
    const bytes = Buffer.from('ca010200000000000000000000000000', 'hex');
    bytes.writeUInt32LE(length, 4);
    bytes.writeBigUInt64LE(BigInt(seq), 8);
    return bytes;
  };
  const message = (seq: number, body = request('x').toV1()) => Buffer.concat(encodePart(seq, body, false));
  const nested = `{"type":"pong","x":${'['.repeat(100_000)}`;
  const text = (json: string) => {
    const frame = header(json.length, 0);
    frame[2] = 1;
    return Buffer.concat([frame, Buffer.from(json)]);
  };

  it.each<[string, Buffer, RegExp]>([
    ['a length of 4 GiB', header(0xffff_ffff), /length/],
    ['something else than frames', Buffer.from('GET / HTTP/1.1'), /magic/],
    ['a number left out', message(2), /sequence: expected 1, got 2/],
    ['a layout that lies', message(1, Buffer.alloc(64, 0xff)), /layout/],
    ['deep JSON', text(nested), /control: .* 32 deep/],
    ['huge JSON', text(`{"type":"failed","generation":1,"reason":"${'x'.repeat(900_000)}"}`), /control: .*reason/],
    ['an unknown control', encodeControl({ type: 'exec', argv: ['sh'] }), /control/],
    ['an acknowledgement of what was never sent', encodeControl({ type: 'ack', seq: 9 }), /sequence: ack of 9/],
    ['a second hello', encodeControl(hello({})), /second hello/],
  ])('%s', async (_, bytes, reason) => {
    const bench = new Bench();
    await turns();
    bench.agent.raw(bytes);
    await turns();
    expect(bench.ended).toEqual({ kind: 'violation', message: expect.stringMatching(reason) });
    expect(bench.messages).toEqual([]);
  });

  it('AF2 a repeated number is ignored, not delivered twice', async () => {
    const bench = new Bench();
    await turns();
    for (const seq of [1, 1, 2, 1, 2]) bench.agent.raw(message(seq));
    await turns();
    expect([bench.frames, bench.ended]).toEqual([[1, 2], undefined]);
  });

  it('a message before hello', async () => {
    const bench = new Bench();
    bench.agent.hello = () => ({ type: 'pong' });
    await turns();
    expect(bench.ended).toMatchObject({ kind: 'violation', message: expect.stringContaining('before hello') });
  });

  it('a hello that forgets what was acknowledged, or has lost what was not', async () => {
    const forgetful = new Bench();
    await turns();
    void forgetful.link.send(request('x'));
    await turns();
    forgetful.agent.hello = (body) => ({ ...body, received: 0 });
    forgetful.agent.drop();
    await forgetful.pass(1);
    expect(forgetful.ended).toMatchObject({ message: expect.stringContaining('1 were acknowledged') });
    const lossy = new Bench();
    await turns();
    lossy.agent.hello = (body) => ({ ...body, first: 5, next: 5 });
    lossy.agent.drop();
    await lossy.pass(1);
    expect(lossy.ended).toMatchObject({ message: expect.stringContaining('frames from 1 are missing') });
  });

  it('RL38 silence: no hello within 15 s', async () => {
    const bench = new Bench();
    bench.agent.mute = true;
    await bench.pass(14);
    expect(bench.ended).toBeUndefined();
    await bench.pass(2);
    expect(bench.ended).toEqual({ kind: 'violation', message: 'silence: no hello within 15 s' });
  });

  it('RL38 silence: no answer to pings, then no hello', async () => {
    const bench = new Bench();
    await bench.pass(1);
    bench.agent.mute = true;
    await bench.pass(100);
    expect(bench.ended).toEqual({ kind: 'violation', message: 'silence: no hello within 15 s' });
  });

  it('an agent that is merely not read is not taken for silent', async () => {
    const bench = new Bench();
    await bench.pass(1);
    bench.link.pause('clients');
    bench.agent.mute = true;
    await bench.pass(200);
    bench.agent.mute = false;
    bench.link.resume('clients');
    await bench.pass(60);
    expect(bench.ended).toBeUndefined();
  });
});

function hello(changes: object) {
  const numbers = { received: 0, first: 1, next: 1, generation: 0 };
  const rest = { state: 'none', kernels: [], confinement: { landlock: 7, split: false } };
  return { type: 'hello', agent: 'x', protocol: 1, ...numbers, ...rest, ...changes };
}
