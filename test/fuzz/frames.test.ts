/** Decoders of the agent stream and of both WebSocket formats on hostile bytes. FUZZ_SEED repeats a run. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAgentControl } from '../../gateway/src/wire/agent-control.ts';
import { encodeAbort, encodeControl, encodePart, FrameDecoder } from '../../gateway/src/wire/agent-frames.ts';
import { FrameViolation } from '../../gateway/src/wire/agent-violation.ts';
import { scanObject } from '../../gateway/src/wire/json-scan.ts';
import { readDefault } from '../../gateway/src/wire/jupyter-default.ts';
import { readV1 } from '../../gateway/src/wire/jupyter-v1.ts';
import type { KernelMessage } from '../../gateway/src/wire/kernel-message.ts';
import { Marker } from '../../gateway/src/wire/marker.ts';
import { MessageFormatError } from '../../gateway/src/wire/message-parts.ts';
import { makeMessage } from '../../gateway/src/wire/wire-message.ts';

const seed = process.env['FUZZ_SEED'] === undefined ? Date.now() % 2 ** 31 : Number(process.env['FUZZ_SEED']);
const check = <T>(property: fc.IProperty<T>, numRuns = 1500) => fc.assert(property, { seed, numRuns });

const bytes = (maxLength = 200) => fc.uint8Array({ maxLength }).map((array) => Buffer.from(array));
const body = bytes(80);
const goodFrame = fc.oneof(
  body.map((part) => (seq: number) => ({ frame: Buffer.concat(encodePart(seq, part, false)), counts: true })),
  body.map((part) => (seq: number) => ({ frame: Buffer.concat(encodePart(seq, part, true)), counts: true })),
  fc.constant(() => ({ frame: encodeControl({ type: 'pong' }), counts: false })),
  fc.constant((seq: number) => ({ frame: encodeAbort(seq), counts: true })),
);
/** A stream of good frames, some bytes of which are changed. */
const frames = fc
  .tuple(fc.array(goodFrame, { maxLength: 8 }), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }))
  .map(([makers, changes]) => {
    let seq = 1;
    const list = makers.map((make) => {
      const made = make(seq);
      if (made.counts) seq += 1;
      return made.frame;
    });
    const all = Buffer.concat(list);
    for (const [at, value] of changes) if (all.length > 0) all[at % all.length] = value;
    return all;
  });
const cuts = fc.array(fc.nat(400), { maxLength: 6 });

describe(`fuzz, FUZZ_SEED=${seed}`, () => {
  it('AF1 to AF5 a stream is decoded or refused with a violation, however it is cut', () => {
    check(
      fc.property(frames, cuts, (stream, places) => {
        expect(decode(split(stream, places))).toEqual(decode([stream]));
      }),
    );
  });

  it('AF7 a control body is read or refused with a violation', () => {
    const json = fc.oneof(
      fc.jsonValue({ maxDepth: 6 }).map((value) => JSON.stringify(value)),
      fc.string(),
    );
    check(
      fc.property(json, (text) => {
        expect(tolerant(() => readAgentControl(Buffer.from(text)), FrameViolation)).not.toBe('another error');
      }),
    );
  });

  it('AF6 a body is a message, nothing, or refused', () => {
    const header = { msg_id: 'm', msg_type: 't' };
    const good = makeMessage('shell', header, {}, { a: [1, 'x'] }).toV1();
    const changed = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 4 }).map((changes) => {
      const copy = Buffer.from(good);
      for (const [at, value] of changes) copy[at] = value;
      return copy;
    });
    check(
      fc.property(fc.oneof(bytes(), changed), (frame) => {
        const message = tolerant(() => readV1(frame), MessageFormatError);
        expect(message).not.toBe('another error');
        touch(message);
      }),
    );
  });

  it('the default format is a message, nothing, or refused', () => {
    const sloppy = fc.record(
      {
        header: fc.oneof(fc.jsonValue(), fc.record({ msg_id: fc.string(), msg_type: fc.string() })),
        parent_header: fc.jsonValue(),
        metadata: fc.jsonValue(),
        content: fc.jsonValue(),
        channel: fc.oneof(fc.constantFrom('shell', 'stdin', 'hb'), fc.jsonValue()),
        buffers: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    const texts = sloppy.map((object) => Buffer.from(JSON.stringify(object)));
    check(
      fc.property(fc.oneof(bytes(), texts), fc.boolean(), (frame, binary) => {
        const message = tolerant(() => readDefault(frame, binary), MessageFormatError);
        expect(message).not.toBe('another error');
        touch(message);
      }),
    );
  });

  it('the JSON scanner agrees with JSON.parse on what an object is, and where its members are', () => {
    const object = fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 6 });
    const spaced = fc
      .tuple(object, fc.constantFrom(undefined, 1, '\t'))
      .map(([value, gap]) => JSON.stringify(value, null, gap));
    const damaged = fc
      .tuple(spaced, fc.nat(), fc.constantFrom('', ',', '"', '\\', '0', 'e', '}', ' '))
      .map(([text, at, change]) => {
        const place = at % (text.length + 1);
        return text.slice(0, place) + change + text.slice(place + 1);
      });
    check(
      fc.property(fc.oneof(spaced, damaged), (text) => {
        const data = Buffer.from(text);
        const parsed = attempt(() => JSON.parse(data.toString()));
        const isObject = parsed !== null && typeof parsed === 'object' && !Array.isArray(parsed);
        const members = attempt(() => scanObject(data));
        expect(members !== undefined, text).toBe(isObject);
        for (const [key, { start, end }] of members ?? [])
          expect(JSON.parse(data.toString('utf8', start, end))).toEqual(
            Object.getOwnPropertyDescriptor(parsed, key)?.value,
          );
      }),
      4000,
    );
  });

  it('AF11 the nonce is found wherever the stream is cut', () => {
    const nonce = Buffer.from('000102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e10', 'hex');
    const noise = fc.array(fc.nat(16), { maxLength: 100 }).map((list) => Buffer.from(list));
    check(
      fc.property(noise, bytes(40), cuts, (before, after, places) => {
        const marker = new Marker(nonce);
        let at = 0;
        let found: number | undefined;
        for (const piece of split(Buffer.concat([before, nonce, after]), places)) {
          const end = marker.find(piece);
          if (end !== undefined) {
            found = at + end;
            break;
          }
          at += piece.length;
        }
        expect(found).toBe(before.length + nonce.length);
      }),
    );
  });
});

/** Everything that a relay does with a message must work on whatever was accepted. */
function touch(message: KernelMessage | undefined | string): void {
  if (message === undefined || typeof message === 'string') return;
  expect(typeof message.parent).toBe('object');
  expect(typeof message.content).toBe('object');
  message.toDefault();
  expect(readV1(message.toV1())?.header).toEqual(message.header);
}

function decode(chunks: Buffer[]): unknown[] {
  const decoder = new FrameDecoder(0);
  const events: unknown[] = [];
  try {
    for (const chunk of chunks)
      decoder.push(chunk, (event) =>
        events.push({ ...event, body: 'body' in event ? event.body.toString('hex') : '' }),
      );
  } catch (error) {
    if (!(error instanceof FrameViolation)) throw error;
    events.push(error.broken);
  }
  return events;
}

function tolerant<T>(act: () => T, allowed: new (...args: never[]) => Error): T | undefined | 'another error' {
  try {
    return act();
  } catch (error) {
    return error instanceof allowed ? undefined : 'another error';
  }
}

function attempt<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}

function split(stream: Buffer, places: number[]): Buffer[] {
  const sorted = [0, ...places.map((place) => Math.min(place, stream.length)).sort((a, b) => a - b), stream.length];
  return sorted.slice(1).map((end, i) => stream.subarray(sorted[i], end));
}
