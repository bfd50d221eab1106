/** A notebook file's JSON: its depth and size are bounded before anything is built, and what is no JSON is told with line and column. Pure. */
import { CarrelError } from '../base/errors.ts';
import { JsonBoundError, JsonError, scanObject } from './json-scan.ts';

/** Throws `bad_request`. */
export function parseNotebookJson(text: string): unknown {
  const json = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const bytes = Buffer.from(json, 'utf8');
  try {
    scanObject(bytes);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    const [, expected = error.message, at = '0'] = /^(.*) at byte (\d+)$/s.exec(error.message) ?? [];
    const place = placeOf(bytes, Number(at));
    if (error instanceof JsonBoundError)
      throw new CarrelError('bad_request', `the file is too complex: ${expected} (${place})`);
    throw new CarrelError('bad_request', `the file is no JSON: ${expected} (${place})`);
  }
  try {
    return JSON.parse(json);
  } catch {
    /** The scan accepts what Python's json module accepts; the only difference are these words. */
    return parseWithWords(json);
  }
}

/** JSON, with the numbers in it that only Python's has: NaN, the infinities, and -0. For a part of a notebook that is kept. */
export function exactJson(value: unknown): string {
  const plain = JSON.stringify(value) ?? 'null';
  if (!hasOddNumber(value)) return plain;
  let mark = 'number';
  while (plain.includes(mark)) mark = `number ${Math.floor(Math.random() * 1e12)} `;
  const marked = JSON.stringify(value, (_, item: unknown) =>
    typeof item === 'number' && isOdd(item) ? `${mark}${Object.is(item, -0) ? '-0' : item}` : item,
  );
  return marked.replaceAll(new RegExp(`"${mark}(NaN|-?Infinity|-0)"`, 'g'), '$1');
}

/** Reads what `exactJson` has written; throws SyntaxError for anything else. */
export function parseExactJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return parseWithWords(text);
  }
}

const isOdd = (value: number): boolean => !Number.isFinite(value) || Object.is(value, -0);

function hasOddNumber(value: unknown): boolean {
  if (typeof value === 'number') return isOdd(value);
  if (Array.isArray(value)) return value.some(hasOddNumber);
  return typeof value === 'object' && value !== null && Object.values(value).some(hasOddNumber);
}

const WORDS: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};

/** Strings, which are left as they are, or a word. */
const STRING_OR_WORD = /"(?:[^"\\]|\\.)*"|-?Infinity|NaN/gs;

/** Python writes numbers that JSON does not have: strings that occur nowhere else stand for them while the rest is parsed. */
function parseWithWords(json: string): unknown {
  let mark = 'number';
  while (json.includes(mark)) mark = `number ${Math.random()} `;
  const marked = json.replace(STRING_OR_WORD, (found) => (found.startsWith('"') ? found : `"${mark}${found}"`));
  return JSON.parse(marked, (_, value: unknown) =>
    typeof value === 'string' && value.startsWith(mark) ? WORDS[value.slice(mark.length)] : value,
  );
}

/** Lines are not split off: a file may consist of their ends. */
function placeOf(bytes: Buffer, at: number): string {
  let line = 1;
  let start = 0;
  for (let end = bytes.indexOf(LINE_END); end !== -1 && end < at; end = bytes.indexOf(LINE_END, start)) {
    line += 1;
    start = end + 1;
  }
  return `line ${line}, column ${bytes.toString('utf8', start, at).length + 1}`;
}
const LINE_END = 0x0a;
