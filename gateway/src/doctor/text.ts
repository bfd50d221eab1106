/** The lines for people: a column each for verdict, check and what was found; why and how to mend it below. */
import type { Line, Verdict } from './check.ts';
import { FAMILIES } from './families.ts';
import type { Result } from './run.ts';

export interface TextOptions {
  /** Escape sequences of a terminal. */
  readonly colour: boolean;
  /** Columns that a line may have. */
  readonly width: number;
  /** Leaves out what passed. */
  readonly problems: boolean;
}

const WORDS: Readonly<Record<Verdict, string>> = {
  passed: 'passed',
  warning: 'WARNING',
  failed: 'FAILED',
  unknown: 'not known',
};
/** SGR: green, yellow, red and bold, grey. */
const COLOURS: Readonly<Record<Verdict, string>> = { passed: '32', warning: '33', failed: '1;31', unknown: '90' };
const GREY = '90';
const GAP = '  ';

export function resultText(result: Result, options: TextOptions): string {
  const shown = result.lines.filter(({ verdict }) => !options.problems || verdict !== 'passed');
  const verdicts = Math.max(...Object.values(WORDS).map((word) => word.length));
  const names = Math.max(0, ...shown.map(({ id }) => id.length));
  const paragraphs = FAMILIES.flatMap((family) => {
    const lines = shown.filter((line) => line.family === family.id);
    if (lines.length === 0) return [];
    return [`${family.title}\n${lines.map((line) => lineText(line, verdicts, names, options)).join('\n')}`];
  });
  return [...paragraphs, summary(result)].join('\n\n');
}

export function summary({ counts, status }: Result): string {
  const told = [`${counts.passed} passed`, `${counts.warning} warnings`, `${counts.failed} failed`];
  return `${told.join(', ')}, ${counts.unknown} not known; exit status ${status}`;
}

function lineText(line: Line, verdicts: number, names: number, { colour, width }: TextOptions): string {
  const paint = (code: string, text: string) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
  const indent = 2 + verdicts + GAP.length + names + GAP.length;
  const room = Math.max(30, width - indent);
  const [first = '', ...more] = wrap(line.found, room);
  const below = (text: string, begin: string) =>
    wrap(text, room - begin.length).map((part, at) => (at === 0 ? begin : ' '.repeat(begin.length)) + part);
  const rest = [
    ...more,
    ...below(line.why, 'why:  ').map((text) => paint(GREY, text)),
    /** In one piece, however long, so that it can be copied. */
    ...(line.mend === undefined ? [] : [`mend: ${line.mend.replace(CONTROL, ' ')}`]),
  ];
  const head = `  ${paint(COLOURS[line.verdict], WORDS[line.verdict].padEnd(verdicts))}${GAP}${line.id.padEnd(names)}${GAP}${first}`;
  return [head, ...rest.map((text) => `${' '.repeat(indent)}${text}`)].join('\n');
}

/** Words are never cut, so that a path can be copied. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.replace(CONTROL, ' ').split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** What others wrote (names of images, messages of an engine) must not steer the terminal. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/g;
