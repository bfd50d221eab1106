/** What a kernel answers about the text at the cursor, taken apart with care, since code in the sandbox may have written it: pure. */
import { unitOf } from './positions.ts';

/** More are of no use to a person, and a kernel could send any number. */
const MOST_MATCHES = 500;

export interface Match {
  readonly text: string;
  /** What the kernel calls it: function, instance, module, …; empty where it does not say. */
  readonly kind: string;
  readonly signature: string;
}

export interface Completion {
  /** UTF-16 units. */
  readonly from: number;
  readonly to: number;
  readonly matches: readonly Match[];
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The content of a `complete_reply` for `code`; undefined where there is nothing to offer. */
export function readCompletion(content: unknown, code: string): Completion | undefined {
  if (!isRecord(content) || content['status'] !== 'ok' || !Array.isArray(content['matches'])) return undefined;
  const [start, end] = [content['cursor_start'], content['cursor_end']];
  if (typeof start !== 'number' || typeof end !== 'number' || start > end) return undefined;
  const matches = content['matches'].filter((match) => typeof match === 'string').slice(0, MOST_MATCHES);
  if (matches.length === 0) return undefined;
  const kinds = kindsOf(content['metadata']);
  return {
    from: unitOf(code, start),
    to: unitOf(code, end),
    matches: matches.map((text) => ({ text, kind: '', signature: '', ...kinds.get(text) })),
  };
}

function kindsOf(metadata: unknown): Map<string, { kind: string; signature: string }> {
  const found = new Map<string, { kind: string; signature: string }>();
  const types = isRecord(metadata) ? metadata['_jupyter_types_experimental'] : undefined;
  if (!Array.isArray(types)) return found;
  const word = (value: unknown) => (typeof value === 'string' && value !== '<unknown>' ? value.slice(0, 200) : '');
  for (const type of types.slice(0, MOST_MATCHES))
    if (isRecord(type) && typeof type['text'] === 'string')
      found.set(type['text'], { kind: word(type['type']), signature: word(type['signature']) });
  return found;
}

/** The text of an `inspect_reply`, with its ANSI colours; undefined where the kernel knows nothing. */
export function readInspection(content: unknown): string | undefined {
  if (!isRecord(content) || content['found'] !== true || !isRecord(content['data'])) return undefined;
  const text = content['data']['text/plain'];
  return typeof text === 'string' ? text.slice(0, 100_000) : undefined;
}

export interface HelpPart {
  /** What the kernel calls it, "Signature"; empty for text before the first such word. */
  readonly title: string;
  /** May hold ANSI colours. */
  readonly text: string;
}

/** IPython colours the titles of its parts; other kernels send plain text, which is one part. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
const TITLE = /^\x1b\[[\d;]*m([A-Z][A-Za-z ]{1,40}):\x1b\[[\d;]*m[ \t]*/gm;

/** What is looked for most comes first: how it is called, then what it does, then the rest. */
export function helpParts(text: string): HelpPart[] {
  const titles = [...text.matchAll(TITLE)];
  const part = (title: string, from: number, to: number): HelpPart => ({
    title,
    text: text.slice(from, to).replace(/^\n+|\s+$/g, ''),
  });
  const parts = [
    part('', 0, titles[0]?.index ?? text.length),
    ...titles.map((found, at) =>
      part(found[1] ?? '', found.index + found[0].length, titles[at + 1]?.index ?? text.length),
    ),
  ];
  const rank = ({ title }: HelpPart) =>
    ['', 'Signature', 'Init signature', 'Call signature', 'Docstring', 'Init docstring', 'Class docstring'].indexOf(
      title,
    );
  const order = (one: HelpPart) => (rank(one) === -1 ? Number.POSITIVE_INFINITY : rank(one));
  return parts.filter((one) => one.text !== '').sort((a, b) => (order(a) === order(b) ? 0 : order(a) - order(b)));
}
