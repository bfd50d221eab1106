import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseControl, readAgentControl } from './agent-control.ts';
import { encodeAbort, encodeControl, encodePart, FrameDecoder, type FrameEvent } from './agent-frames.ts';
import { FrameViolation } from './agent-violation.ts';
import { splitV1 } from './jupyter-v1.ts';
import { isChannel } from './message-parts.ts';

interface Part {
  seq: number;
  more: boolean;
  abort: boolean;
  body?: string;
  length?: number;
}
interface Golden {
  title: string;
  rules: string[];
  to?: 'agent' | 'gateway' | 'both';
  received?: number;
  bytes: [string, number][];
  events?: ({ control: object } | { data: { transfer: number; body?: string; length?: number } } | { part: Part })[];
  violation?: string | null;
  layout?: Record<string, unknown> | null;
}

const folder = resolve(import.meta.dirname, '../../../test/golden/agent-frames');
const golden = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => JSON.parse(readFileSync(resolve(folder, name), 'utf8')) as Golden);
const bytesOf = (file: Golden) =>
  Buffer.concat(file.bytes.flatMap(([hex, times]) => Array<Buffer>(times).fill(Buffer.from(hex, 'hex'))));

describe('golden streams', () => {
  for (const file of golden.filter((each) => each.events !== undefined)) {
    for (const side of ['agent', 'gateway'] as const) {
      if (file.to !== 'both' && file.to !== side) continue;
      it(`${file.rules.join(' ')} to the ${side}: ${file.title}`, () => {
        const bytes = bytesOf(file);
        for (const cut of cuts(bytes.length)) {
          const seen = decode([bytes.subarray(0, cut), bytes.subarray(cut)], file.received ?? 0, side === 'agent');
          expect(seen).toEqual({ events: expected(file), violation: file.violation });
        }
      });
    }
  }
});

describe('golden layouts', () => {
  for (const file of golden.filter((each) => each.layout !== undefined)) {
    it(`${file.rules.join(' ')}: ${file.title}`, () => {
      expect(layout(bytesOf(file))).toEqual(file.layout);
    });
  }
});

describe('decoder', () => {
  it('AF4 joins a message of parts that come in single bytes, controls between them', () => {
    const stream = Buffer.concat([
      ...encodePart(1, Buffer.from('ab'), true),
      encodeControl({ type: 'pong' }),
      ...encodePart(2, Buffer.from('cd'), false),
    ]);
    const { events } = decode(
      [...stream].map((byte) => Buffer.from([byte])),
      0,
      false,
    );
    expect(events).toEqual([{ control: { type: 'pong' } }, { message: '61626364', first: 1, last: 2 }]);
  });

  it('AF4 ends a message that grows beyond 128 MiB, or comes in more than 1024 parts', () => {
    const part = Buffer.alloc(1024 * 1024);
    const decoder = new FrameDecoder(0);
    const feed = (seq: number, body: Buffer) =>
      encodePart(seq, body, true).map((piece) => decoder.push(piece, ({ kind }) => expect(kind).toBe('part')));
    for (let seq = 1; seq <= 128; seq += 1) feed(seq, part);
    expect(() => feed(129, Buffer.from('x'))).toThrow(/length: a message grew beyond/);

    const crumbs = new FrameDecoder(0);
    expect(() => {
      for (let seq = 1; seq <= 1025; seq += 1)
        crumbs.push(Buffer.concat(encodePart(seq, Buffer.alloc(0), true)), ({ kind }) => expect(kind).toBe('part'));
    }).toThrow(/length: a message came in more than 1024 parts/);
  });

  it('AF2 starts where the agent says on the first connection of a process', () => {
    const decoder = new FrameDecoder(0);
    decoder.expect(7);
    const numbers: number[] = [];
    for (const seq of [7, 8])
      decoder.push(Buffer.concat(encodePart(seq, Buffer.from('x'), false)), (event) => {
        if (event.kind === 'message') numbers.push(event.last);
      });
    expect(numbers).toEqual([7, 8]);
  });

  it('AF5 tells the number of an ABORT, so that it can be acknowledged', () => {
    const stream = Buffer.concat([...encodePart(1, Buffer.from('x'), true), encodeAbort(2)]);
    expect(decode([stream], 0, false).events).toEqual([{ aborted: 2 }]);
  });
});

describe('control bodies of an agent', () => {
  it('AF7 refuses unknown types and unknown keys, naming them', () => {
    const read = (body: object) => readAgentControl(Buffer.from(JSON.stringify(body)));
    expect(read({ type: 'ack', seq: 3 })).toEqual({ type: 'ack', seq: 3 });
    expect(() => read({ type: 'ack', seq: 3, more: 1 })).toThrow(/control: .*"more"/);
    expect(() => read({ type: 'mount' })).toThrow(FrameViolation);
    expect(() => read({ type: 'ack', seq: -1 })).toThrow(/seq/);
    expect(() => read({ type: 'ack', seq: 2 ** 60 })).toThrow(/seq/);
    expect(() => readAgentControl(Buffer.from('{"type":"ack","seq":1,"__proto__":{"x":1}}'))).toThrow(FrameViolation);
  });
});

function decode(chunks: Buffer[], received: number, zeros: boolean) {
  const decoder = new FrameDecoder(received, zeros);
  const events: object[] = [];
  try {
    for (const chunk of chunks)
      decoder.push(chunk, (event) => {
        if (event.kind !== 'part') events.push(plain(event));
      });
    return { events, violation: null };
  } catch (error) {
    if (!(error instanceof FrameViolation)) throw error;
    return { events, violation: error.broken };
  }
}

function plain(event: Exclude<FrameEvent, { kind: 'part' }>): object {
  if (event.kind === 'control') return { control: parseControl(event.body) };
  if (event.kind === 'data') {
    const { transfer, body } = event;
    return { data: { transfer, ...(body.length > 1000 ? { length: body.length } : { body: body.toString('hex') }) } };
  }
  if (event.kind === 'aborted') return { aborted: event.last };
  const long = event.body.length > 1000;
  return { message: long ? event.body.length : event.body.toString('hex'), first: event.first, last: event.last };
}

/** The files list parts; the decoder gives whole messages. */
function expected(file: Golden): object[] {
  const events: object[] = [];
  let begun: { body: string; length: number; first: number } | undefined;
  for (const event of file.events ?? []) {
    if ('control' in event || 'data' in event) {
      events.push(event);
      continue;
    }
    const { seq, more, abort, body, length } = event.part;
    begun ??= { body: '', length: 0, first: seq };
    begun.body += body ?? '';
    begun.length += length ?? (body ?? '').length / 2;
    if (more) continue;
    const whole = begun.length > 1000 ? begun.length : begun.body;
    events.push(abort ? { aborted: seq } : { message: whole, first: begun.first, last: seq });
    begun = undefined;
  }
  return events;
}

function layout(body: Buffer): object | null {
  try {
    const { channel, parts } = splitV1(body);
    if (!isChannel(channel)) return null;
    const { header, parent, metadata, content, buffers } = parts;
    const texts = { header: `${header}`, parent_header: `${parent}`, metadata: `${metadata}`, content: `${content}` };
    return { channel, ...texts, buffers: buffers.map((buffer) => buffer.toString('hex')) };
  } catch {
    return null;
  }
}

/** Every place of a short stream, some places of a long one. */
const cuts = (length: number): number[] =>
  length <= 2000 ? Array.from({ length: length + 1 }, (_, at) => at) : [0, 1, 8, 15, 16, 17, length >> 1, length - 1];
