/** Writes a notebook file byte for byte as Python's nbformat does, so that a notebook that is opened and saved here shows no difference. Pure. */
import type { Cell, Json, MimeBundle, Notebook, Output } from './notebook-model.ts';
import { isLinedMime, isObject, TRANSIENT_OF_CELL, TRANSIENT_OF_NOTEBOOK, without } from './notebook-values.ts';

export function formatNotebook(notebook: Notebook): string {
  const file = {
    ...notebook,
    metadata: without(notebook.metadata, TRANSIENT_OF_NOTEBOOK),
    cells: notebook.cells.map(splitCell),
  };
  const parts: string[] = [];
  write(file, '\n', parts);
  return `${parts.join('')}\n`;
}

function splitCell(cell: Cell): Json {
  const split = { ...cell, metadata: without(cell.metadata, TRANSIENT_OF_CELL), source: splitLines(cell.source) };
  if (cell.cell_type === 'code') return { ...split, outputs: cell.outputs.map(splitOutput) };
  if (cell.attachments === undefined) return split;
  const attachments = Object.entries(cell.attachments).map(([name, bundle]) => [name, splitBundle(bundle)]);
  return { ...split, attachments: Object.fromEntries(attachments) };
}

function splitOutput(output: Output): Json {
  if (output.output_type === 'stream') return { ...output, text: splitLines(output.text) };
  return output.output_type === 'error' ? output : { ...output, data: splitBundle(output.data) };
}

function splitBundle(bundle: MimeBundle): Json {
  return Object.fromEntries(
    Object.entries(bundle).map(([mime, value]) => [
      mime,
      typeof value === 'string' && isLinedMime(mime) ? splitLines(value) : value,
    ]),
  );
}

/** Where Python's str.splitlines ends a line. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they end lines in Python
const LINE = /[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]*(?:\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029])|[^\n]+$/g;

const splitLines = (text: string): readonly string[] => text.match(LINE) ?? [];

/** As json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False); `line` is a line break and the indentation. */
function write(value: unknown, line: string, parts: string[]): void {
  if (Array.isArray(value)) writeAll(value, '[', ']', line, parts, (item, inner) => write(item, inner, parts));
  else if (isObject(value)) {
    const members = Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .sort(([a], [b]) => byCodePoint(a, b));
    writeAll(members, '{', '}', line, parts, ([key, item], inner) => {
      parts.push(JSON.stringify(key), ': ');
      write(item, inner, parts);
    });
  } else if (typeof value === 'number') parts.push(writtenNumber(value));
  else parts.push(JSON.stringify(value) ?? 'null');
}

function writeAll<T>(
  items: readonly T[],
  open: string,
  close: string,
  line: string,
  parts: string[],
  one: (item: T, inner: string) => void,
): void {
  const inner = `${line} `;
  parts.push(open);
  items.forEach((item, index) => {
    parts.push(index === 0 ? inner : `,${inner}`);
    one(item, inner);
  });
  parts.push(items.length === 0 ? close : `${line}${close}`);
}

/** Python takes an exponent below 1e-4 already and gives it two digits; -0 is a float there, and NaN and Infinity are written. */
function writtenNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Object.is(value, -0)) return '-0.0';
  const text = value !== 0 && Math.abs(value) < 1e-4 ? value.toExponential() : String(value);
  return text.replace(/e-(\d)$/, 'e-0$1');
}

/** Python sorts by code points, where JavaScript sorts by UTF-16 units. */
function byCodePoint(a: string, b: string): number {
  const end = Math.min(a.length, b.length);
  for (let at = 0; at < end; at += 1) {
    const [left, right] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (left !== right) return isSurrogate(left) === isSurrogate(right) ? left - right : isSurrogate(left) ? 1 : -1;
  }
  return a.length - b.length;
}

const isSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdfff;
