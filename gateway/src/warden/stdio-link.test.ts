import { type Duplex, duplexPair } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../base/clock.ts';
import { StdioLink } from './stdio-link.ts';

const settle = async () => {
  for (let count = 0; count < 20; count += 1) await turn();
};

/** A link with its container's other end. */
function linked() {
  const seen: string[] = [];
  const clock = new ManualClock();
  const tell = (what: string) => () => void seen.push(what);
  const link = new StdioLink({ lost: tell('lost'), attended: tell('attended'), unattended: tell('unattended') }, clock);
  const [ours, container] = duplexPair();
  link.attach(ours);
  return { link, container, seen, clock };
}

function gateway(link: StdioLink) {
  const [ours, theirs] = duplexPair();
  const state = { text: '', closed: false, stream: theirs, connected: link.connect(ours), ours };
  theirs.on('data', (chunk) => {
    state.text += chunk;
  });
  theirs.on('error', () => {});
  ours.on('close', () => {
    state.closed = true;
  });
  return state;
}

const heard = (stream: Duplex) => {
  const state = { text: '' };
  stream.on('data', (chunk) => {
    state.text += chunk;
  });
  return state;
};

describe('the link between a sandbox and its gateway', () => {
  it('SB5 the first byte is the sign of readiness', async () => {
    const { link, container } = linked();
    let ready = false;
    void link.firstByte.then(() => {
      ready = true;
    });
    await settle();
    expect(ready).toBe(false);
    container.write('c');
    await settle();
    expect(ready).toBe(true);
  });

  it('SB20 copies both ways, bytes of every value', async () => {
    const { link, container } = linked();
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, value) => value));
    const input: Buffer[] = [];
    container.on('data', (chunk) => void input.push(chunk));
    const { stream } = gateway(link);
    const output: Buffer[] = [];
    stream.on('data', (chunk) => void output.push(chunk));
    stream.write(bytes);
    container.write(bytes);
    await settle();
    expect(Buffer.concat(input)).toEqual(bytes);
    expect(Buffer.concat(output)).toEqual(bytes);
  });

  it('SB21 without a gateway output is read and dropped, however much', async () => {
    const { link, container } = linked();
    for (let count = 0; count < 100; count += 1) {
      container.write(Buffer.alloc(64 * 1024));
      await turn();
    }
    await settle();
    expect(container.writableLength).toBe(0);
    const late = gateway(link);
    container.write('now');
    await settle();
    expect(late.text).toBe('now');
  });

  it('SB20 a gateway that does not read makes the sandbox wait, and then gets everything', async () => {
    const { link, container } = linked();
    const [ours, theirs] = duplexPair();
    link.connect(ours);
    const chunk = Buffer.alloc(16 * 1024, 'x');
    for (let count = 0; count < 100; count += 1) container.write(chunk);
    await settle();
    expect(container.writableLength).toBeGreaterThan(50 * chunk.length);
    let size = 0;
    theirs.on('data', (data: Buffer) => {
      size += data.length;
    });
    for (let count = 0; count < 50; count += 1) await settle();
    expect(size).toBe(100 * chunk.length);
  });

  it('SB20 a sandbox that does not read makes the gateway wait', async () => {
    const { link, container } = linked();
    const [ours, theirs] = duplexPair();
    link.connect(ours);
    const chunk = Buffer.alloc(16 * 1024, 'x');
    for (let count = 0; count < 100; count += 1) theirs.write(chunk);
    await settle();
    expect(theirs.writableLength).toBeGreaterThan(50 * chunk.length);
    const input = heard(container);
    for (let count = 0; count < 50; count += 1) await settle();
    expect(input.text.length).toBe(100 * chunk.length);
  });

  it('SB21 a gateway that stopped reading and left does not keep the sandbox waiting', async () => {
    const { link, container, seen } = linked();
    const [ours] = duplexPair();
    link.connect(ours);
    for (let count = 0; count < 100; count += 1) container.write(Buffer.alloc(16 * 1024));
    await settle();
    ours.destroy();
    for (let count = 0; count < 50; count += 1) await settle();
    expect(container.writableLength).toBe(0);
    expect(seen).toEqual(['attended', 'unattended']);
  });

  it('SB22 a new stream replaces the old one, and the sandbox was attended all the time', async () => {
    const { link, container, seen } = linked();
    const first = gateway(link);
    const second = gateway(link);
    await settle();
    expect(first.closed).toBe(true);
    container.write('for the second');
    await settle();
    expect([first.text, second.text]).toEqual(['', 'for the second']);
    expect(seen).toEqual(['attended']);
  });

  it('SB23 what was written last reaches the gateway before its stream closes', async () => {
    const { link, container, seen } = linked();
    const { stream } = gateway(link);
    const output = heard(stream);
    container.write('last words');
    container.end();
    await settle();
    expect(output.text).toBe('last words');
    expect(stream.readableEnded).toBe(true);
    expect(seen).toContain('lost');
  });

  it('SB23 a detach with patience waits for the end of the output, one without does not', async () => {
    for (const patience of [1000, 0]) {
      const { link, container, seen } = linked();
      const { stream } = gateway(link);
      const output = heard(stream);
      const detached = link.detach(patience);
      container.write('last words');
      container.end();
      await settle();
      await detached;
      expect(output.text).toBe(patience > 0 ? 'last words' : '');
      expect(link.attached).toBe(false);
      expect(seen.includes('lost')).toBe(patience > 0);
    }
  });

  it('SB23 patience has an end', async () => {
    const { link, clock } = linked();
    gateway(link);
    const detached = link.detach(1000);
    await settle();
    clock.advance(1000);
    await detached;
    expect(link.attached).toBe(false);
  });

  it('SB25 keeps alive with a zero, but never inside a gateway’s stream', async () => {
    const { link, container } = linked();
    const input: number[] = [];
    container.on('data', (chunk: Buffer) => void input.push(...chunk));
    link.keepAlive();
    await settle();
    const { stream } = gateway(link);
    link.keepAlive();
    stream.write(Buffer.from([7]));
    await settle();
    expect(input).toEqual([0, 7]);
  });

  it('connects to nothing while nothing is attached', async () => {
    const { link, container } = linked();
    container.destroy();
    container.end();
    await link.detach(0);
    expect(gateway(link).connected).toBe(false);
  });

  it('what the sandbox complains of is one short printable line', () => {
    const { link } = linked();
    link.addStderr('a\u001b[31m\n\tb\u0000é');
    link.addStderr('x'.repeat(1000));
    expect(link.stderr).toMatch(/^a \[31m b x+$/);
    expect(link.stderr.length).toBeLessThanOrEqual(300);
  });
});
