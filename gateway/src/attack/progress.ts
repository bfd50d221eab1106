/** What a terminal shows while attacks run: a line each, with its evidence, below the title of its class. Pure. */
import { type AttackReport, plain, summaryOf, VERDICTS, verdictOf } from './report.ts';
import type { AttackVerdict, Row } from './run.ts';

export interface ProgressOptions {
  /** Escape sequences of a terminal. */
  readonly colour: boolean;
  /** Columns that a line may have. */
  readonly width: number;
}

const NAME = 20;
const VERDICT = Math.max(...Object.values(VERDICTS).map((word) => word.length));
/** SGR: green, yellow, red and bold. */
const COLOURS: Readonly<Record<AttackVerdict, string>> = {
  contained: '32',
  accepted: '33',
  open: '1;31',
  'not-run': '1;31',
};

/** `before` is the row that was shown last. */
export function rowText(row: Row, before: Row | undefined, { colour, width }: ProgressOptions): string {
  const title = row.kind === before?.kind ? [] : [`${before === undefined ? '' : '\n'}${row.threat} ${row.kind}`];
  const word = VERDICTS[row.verdict].padEnd(VERDICT);
  const painted = colour ? `\u001b[${COLOURS[row.verdict]}m${word}\u001b[0m` : word;
  const seconds = `${row.seconds.toFixed(1)} s`.padStart(7);
  const indent = 2 + VERDICT + 2 + NAME + 1 + seconds.length + 2;
  const room = Math.max(30, width - indent);
  const evidence = plain(row.evidence);
  const line = `  ${painted}  ${row.name.padEnd(NAME)} ${seconds}  ${cut(evidence, room)}`;
  const more = row.holes.map((hole) => `${' '.repeat(4 + VERDICT)}got through: ${plain(hole)}`);
  const known = row.accepted === undefined ? [] : [`${' '.repeat(4 + VERDICT)}accepted: ${plain(row.accepted.why)}`];
  return [...title, line, ...more, ...known].join('\n');
}

export function endText(report: AttackReport, files: readonly string[]): string {
  const written = files.map((file) => `The report is in ${file}.`);
  return ['', `${verdictOf(report)}. ${summaryOf(report)}`, ...written, `exit status ${report.status}`].join('\n');
}

const cut = (text: string, room: number): string => (text.length <= room ? text : `${text.slice(0, room - 1)}…`);
