/** Shows on standard error how far a backup has come: one line that is rewritten on a terminal, else a line now and then. */
import type { Progress } from '../backup/progress.ts';

/** Milliseconds. */
const OFTEN = 250;
const SELDOM = 30_000;

export interface ProgressLine extends Progress {
  /** Before anything else is printed. */
  end(): void;
}

export function progressLine(verb: string, out: NodeJS.WriteStream = process.stderr): ProgressLine {
  const terminal = out.isTTY === true;
  const now = { rows: 0, files: 0, expected: 0, bytes: 0 };
  let shown = Date.now();
  let written = false;
  const show = () => {
    if (Date.now() - shown < (terminal ? OFTEN : SELDOM)) return;
    shown = Date.now();
    written = true;
    const files =
      now.expected === 0 ? '' : `, ${count(now.files)} of ${count(now.expected)} files (${size(now.bytes)})`;
    out.write(`${terminal ? '\r\x1b[K' : ''}${verb}: ${count(now.rows)} rows${files}${terminal ? '' : '\n'}`);
  };
  const add = (name: keyof typeof now) => (value: number) => {
    now[name] += value;
    show();
  };
  return {
    rows: add('rows'),
    bytes: add('bytes'),
    expect: add('expected'),
    file: () => add('files')(1),
    end: () => {
      if (written && terminal) out.write('\r\x1b[K');
    },
  };
}

export const count = (value: number): string => value.toLocaleString('en');

/** `noun` is told of one. */
export const counted = (value: number, noun: string): string => `${count(value)} ${noun}${value === 1 ? '' : 's'}`;

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'];

export function size(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  const value = bytes / 1000 ** power;
  return `${power === 0 ? value : value.toPrecision(3)} ${UNITS[power]}`;
}

/** What was done is done; only its line in the audit log is missing. */
export const tellUntold = (why: string): void =>
  void process.stderr.write(`carrel: the audit log could not be told of this: ${why}\n`);
