import { describe, expect, it } from 'vitest';
import { checkJson, JsonBoundError, scanObject } from './json-scan.ts';
import { readV1 } from './jupyter-v1.ts';
import { parseNotebookJson } from './notebook-json.ts';
import { makeMessage } from './wire-message.ts';

const MB = 1_000_000;
const MIB = 1024 * 1024;
const BEYOND = 'expected at most 256 MiB of values';
const header = (type: string) => ({ msg_id: 'm', msg_type: type });

/** An object of about so many bytes with `value`s in an array. */
const full = (value: string, bytes: number): string =>
  `{"data":[${Array(Math.floor(bytes / (value.length + 1)))
    .fill(value)
    .join()}]}`;

describe('GU20 values are bounded before they are built', () => {
  it.each([
    ['{}', 20 * MB],
    ['[]', 20 * MB],
    ['[{"a":[]}]', 30 * MB],
    ['0', 68 * MB],
    ['1.5', 46 * MB],
    ['""', 30 * MB],
    ['{"1":"a"}', 30 * MB],
  ])('%s, many times', (value, bytes) => {
    const text = Buffer.from(full(value, bytes));
    expect(() => checkJson(text)).toThrow(BEYOND);
  });

  it('an error beyond a bound is told from what is no JSON', () => {
    expect(() => checkJson(Buffer.from(`${'['.repeat(512)}${']'.repeat(512)}`))).not.toThrow();
    expect(() => checkJson(Buffer.from('['.repeat(513)))).toThrow(JsonBoundError);
    expect(() => checkJson(Buffer.from('[1 2]'))).toThrow('expected "," or the end of the object or array at byte 3');
  });

  it('members of the outermost object, of which the scan keeps a list', () => {
    const members = Array.from({ length: 1.8 * MB }, (_, i) => `"${i.toString(36)}":1`);
    expect(() => scanObject(Buffer.from(`{${members.join()}}`))).toThrow(BEYOND);
  });

  it('half where numbers occur that only Python has, for which a notebook is built twice', () => {
    expect(() => parseNotebookJson(full('NaN', 12 * MB))).toThrow(
      /^the file is too complex: expected at most 128 MiB of values \(line 1, column \d+\)$/,
    );
    expect(() => checkJson(Buffer.from(`[NaN,${full('{}', 8 * MB)}]`))).toThrow('at most 128 MiB');
  });

  it.each([
    ['64 MiB of one string', `{"image/png":"${'iVBORw0K'.repeat(8 * MIB)}"}`],
    ['a figure of a million numbers', full('-0.12345678901234567', 20 * MB)],
    ['20 MB of small points', full('{"x":1,"y":2}', 20 * MB)],
    ['20 MB of coordinates', full('[13.4,52.5]', 20 * MB)],
    ['20 MB of short texts', full('"abc"', 20 * MB)],
    ['a million numbers, one of them none', `{"a":NaN,"b":${full('0.25', 5 * MB)}}`],
  ])('%s passes', (_, text) => {
    expect(scanObject(Buffer.from(text)).size).toBeGreaterThan(0);
    expect(() => checkJson(Buffer.from(text))).not.toThrow();
  });

  it('a notebook with much in it is read, one beyond the bound is told', () => {
    expect(parseNotebookJson(full('{"x":1,"y":2}', 20 * MB))).toHaveProperty('data.length', 1_428_571);
    expect(() => parseNotebookJson(`{\n"a":${full('{}', 20 * MB)}}`)).toThrow(
      /^the file is too complex: expected at most 256 MiB of values \(line 2, column \d+\)$/,
    );
  });

  it('the place of what is no JSON is found in a file of nothing but ends of lines', () => {
    expect(() => parseNotebookJson(`{${'\n'.repeat(30 * MB)}ä x`)).toThrow(
      'the file is no JSON: expected a string (line 30000001, column 1)',
    );
    expect(() => parseNotebookJson('{"ä":\n"ö" x')).toThrow('(line 2, column 5)');
  });
});

describe('GU20 a message beyond the bounds', () => {
  const message = (type: string, content: string) => {
    const made = makeMessage('iopub', header(type), {}, {}).toV1();
    const empty = readV1(made);
    if (empty === undefined) throw new Error('expected a message');
    /** The content is its last part: its end is the last offset. */
    const body = Buffer.concat([made.subarray(0, -2), Buffer.from(content)]);
    const last = 8 * Number(body.readBigUInt64LE(0));
    body.writeBigUInt64LE(BigInt(body.length), last);
    return readV1(body);
  };

  it.each(['display_data', 'execute_result'])('%s says in its place why it is not shown', (type) => {
    expect(message(type, full('{}', 20 * MB))?.content).toEqual({
      data: {
        'text/plain': expect.stringMatching(
          /^\[Carrel\] This output is too complex to be shown: expected at most 256 MiB of values at byte \d+\.$/,
        ),
      },
      metadata: {},
    });
    const deep = `{"data":${'['.repeat(600)}${']'.repeat(600)}}`;
    expect(message(type, deep)?.content).toHaveProperty(['data', 'text/plain'], expect.stringContaining('512 levels'));
  });

  it('others count as empty, and so does what is no JSON', () => {
    expect(message('comm_msg', full('{}', 20 * MB))?.content).toEqual({});
    expect(message('execute_reply', full('{}', 20 * MB))?.content).toEqual({});
    expect(message('display_data', '{"data":')?.content).toEqual({});
    expect(message('display_data', full('{}', 200))?.content).toHaveProperty('data.length', 66);
  });
});
