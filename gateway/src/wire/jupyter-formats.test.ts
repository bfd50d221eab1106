import { describe, expect, it } from 'vitest';
import { scanObject } from './json-scan.ts';
import { readDefault } from './jupyter-default.ts';
import { readV1 } from './jupyter-v1.ts';
import { MessageFormatError } from './message-parts.ts';
import { makeMessage } from './wire-message.ts';

const header = { msg_id: 'm1', msg_type: 'comm_msg', session: 's', x_future: '\u{1f680}' };
const text = (object: object) => Buffer.from(JSON.stringify(object));
const v1 = (parts: (string | Buffer)[]) => {
  const head = Buffer.alloc(8 * (parts.length + 2));
  head.writeBigUInt64LE(BigInt(parts.length + 1), 0);
  let at = head.length;
  parts.forEach((part, i) => {
    head.writeBigUInt64LE(BigInt(at), 8 * (i + 1));
    at += Buffer.from(part).length;
  });
  head.writeBigUInt64LE(BigInt(at), 8 * (parts.length + 1));
  return Buffer.concat([head, ...parts.map((part) => Buffer.from(part))]);
};

describe('v1', () => {
  it('reads and writes the same bytes, buffers untouched', () => {
    const body = v1([
      'iopub',
      JSON.stringify(header),
      '{}',
      '{"a":1}',
      '{"n":1}',
      Buffer.from([255, 0]),
      Buffer.alloc(0),
    ]);
    const message = readV1(body);
    expect(message?.channel).toBe('iopub');
    expect(message?.header).toEqual(header);
    expect(message?.buffers).toEqual([Buffer.from([255, 0]), Buffer.alloc(0)]);
    expect(message?.toV1()).toEqual(body);
    expect(message?.size).toBe(body.length);
  });

  it('refuses counts and offsets that do not fit, whatever they promise', () => {
    const good = v1(['shell', JSON.stringify(header), '{}', '{}', '{}']);
    const broken = (at: number, value: bigint) => {
      const copy = Buffer.from(good);
      copy.writeBigUInt64LE(value, at);
      return copy;
    };
    for (const frame of [
      Buffer.alloc(0),
      Buffer.alloc(8, 0xff),
      broken(0, 2n ** 64n - 1n),
      broken(0, 2n ** 40n),
      broken(0, 5n),
      broken(8, 0n),
      broken(16, 2n ** 53n),
      broken(24, 1n),
      broken(48, BigInt(good.length - 1)),
      Buffer.concat([good, Buffer.from('x')]),
      good.subarray(0, good.length - 1),
    ])
      expect(() => readV1(frame)).toThrow(MessageFormatError);
  });

  it('drops messages without a usable header and of unknown channels', () => {
    for (const bad of [
      '[]',
      'null',
      '{',
      '{}',
      '{"msg_id":1,"msg_type":"x"}',
      `{"msg_id":"${'x'.repeat(70_000)}","msg_type":"x"}`,
    ])
      expect(readV1(v1(['shell', bad, '{}', '{}', '{}']))).toBeUndefined();
    expect(readV1(v1(['hb', JSON.stringify(header), '{}', '{}', '{}']))).toBeUndefined();
  });

  it('is what a message of the gateway is encoded to', () => {
    const made = makeMessage('iopub', header, { msg_id: 'p' }, { text: 'é' });
    const read = readV1(made.toV1());
    expect(made.size).toBe(made.toV1().length);
    expect(read?.content).toEqual({ text: 'é' });
    expect(read?.parent).toEqual({ msg_id: 'p' });
  });
});

describe('default format', () => {
  const object = { header, parent_header: {}, metadata: {}, content: { v: 1 }, channel: 'shell' };

  it('writes text with msg_id and msg_type at the top and buffers as a list', () => {
    const message = readV1(
      v1(['iopub', JSON.stringify(header), '', 'null', '{"n":12345678901234567890,"s":"\\ud800"}']),
    );
    const written = message?.toDefault() as string;
    expect(JSON.parse(written)).toMatchObject({
      ...{ msg_id: 'm1', msg_type: 'comm_msg', channel: 'iopub', buffers: [] },
      ...{ parent_header: {}, metadata: {}, header },
    });
    expect(written).toContain('"n":12345678901234567890,"s":"\\ud800"');
  });

  it('writes and reads a binary frame where there are buffers', () => {
    const parts = ['shell', JSON.stringify(header), '{}', '{}', '{"v":1}', Buffer.from([0, 255]), Buffer.alloc(0)];
    const frame = readV1(v1(parts))?.toDefault() as Buffer;
    expect([frame.readUInt32BE(0), frame.readUInt32BE(4)]).toEqual([3, 16]);
    for (const binary of [true, false]) {
      const back = readDefault(frame, binary);
      expect(back?.buffers).toEqual([Buffer.from([0, 255]), Buffer.alloc(0)]);
      expect(back?.content).toEqual({ v: 1 });
    }
  });

  it('keeps the bytes of the parts', () => {
    const frame = Buffer.from(
      `{ "content" : {"n": 1.0, "big": 12345678901234567890, "s": "<\\/b>"} , "header":${JSON.stringify(header)}, "extra": [1]}`,
    );
    expect(readDefault(frame, false)?.toV1().toString()).toContain(
      '{"n": 1.0, "big": 12345678901234567890, "s": "<\\/b>"}',
    );
  });

  it('takes what clients send: no channel, buffers absent, empty or {}', () => {
    for (const more of [{}, { buffers: [] }, { buffers: {} }, { channel: null }])
      expect(readDefault(text({ ...object, channel: undefined, ...more }), false)?.channel).toBe('shell');
    const typed = (type: string) => readDefault(text({ header: { ...header, msg_type: type } }), false)?.channel;
    expect(typed('input_reply')).toBe('stdin');
    expect(['shutdown_request', 'interrupt_request', 'debug_request'].map(typed)).toEqual(Array(3).fill('control'));
  });

  it('drops unknown channels and messages without a usable header', () => {
    for (const more of [{ channel: 'hb' }, { channel: 3 }, { header: {} }, { header: [] }, { header: undefined }])
      expect(readDefault(text({ ...object, ...more }), false)).toBeUndefined();
  });

  it('refuses what is no object and offsets that do not fit', () => {
    for (const bad of [
      '',
      '{',
      '[]',
      'null',
      '"x"',
      '{"header":{}} x',
      '{"a":01}',
      '{"a":"\u0001"}',
      '{"a":tru}',
      '{"a":[1,]}',
    ])
      expect(() => readDefault(Buffer.from(bad), false), bad).toThrow(MessageFormatError);
    for (const bytes of [
      [0, 0, 0, 9, 1],
      [255, 255, 255, 255],
      [127, 255, 255, 255, 0, 0, 0, 8],
      [0, 0, 0, 1, 0, 0, 0, 9, 123, 125],
    ])
      expect(() => readDefault(Buffer.from(bytes), true)).toThrow(MessageFormatError);
  });

  it('leaves the prototype alone', () => {
    const frame = `{"header":{"msg_id":"a","msg_type":"b","__proto__":{"x":1}},"__proto__":{"channel":"iopub"},"content":{"__proto__":{"y":1}}}`;
    const message = readDefault(Buffer.from(frame), false);
    expect(message?.channel).toBe('shell');
    expect(({} as Record<string, unknown>)['y']).toBeUndefined();
    expect(Object.getPrototypeOf(message?.content ?? null)).toBe(Object.prototype);
  });

  it('tolerates invalid UTF-8 in texts', () => {
    const frame = Buffer.concat([
      Buffer.from(`{"header":${JSON.stringify(header)},"content":{"s":"`),
      Buffer.from([0xff, 0xc0]),
      Buffer.from('"}}'),
    ]);
    const message = readDefault(frame, false);
    expect(message?.content).toEqual({ s: '\ufffd\ufffd' });
    expect(message?.toV1().includes(Buffer.from([0xff, 0xc0]))).toBe(true);
  });

  it('bounds the depth before anything is built', () => {
    const deep = (levels: number) => Buffer.from(`{"a":${'['.repeat(levels)}${']'.repeat(levels)}}`);
    expect(scanObject(deep(31), 32).size).toBe(1);
    expect(() => scanObject(deep(32), 32)).toThrow(/at most 32 levels/);
    expect(() => readDefault(deep(2_000_000), false)).toThrow(MessageFormatError);
  });
});
