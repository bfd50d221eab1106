/**
 * One row of a terminal: characters with their styles. Most rows have few styles and stay text; one of many
 * that is overwritten becomes a list of columns until it is rendered. A column is one UTF-16 unit. Pure.
 */
import { takeApart } from './terminal-escapes.ts';
import { restyled } from './terminal-style.ts';

const ESC = '\u001b';

/** A row of so few runs is cut and joined as text; one of more is opened, so that no step costs more than its own length. */
const FEW = 4;

interface Run {
  text: string;
  readonly style: string;
}

export class Row {
  /** The row goes on in the next one without a line break. */
  wrapped = false;
  /** What the last edit of the terminal made of this row, its line break left out; undefined where it has not been part of one. */
  shown: string | undefined;
  /** 1 where a line break was shown behind it. */
  shownBreak = 0;
  #length = 0;
  /** Exactly one of these three holds the row. */
  #text: string | undefined = '';
  #runs: Run[] | undefined;
  #columns: { readonly units: string[]; readonly styles: string[] } | undefined;
  #bytes = 0;

  get length(): number {
    return this.#length;
  }

  /** Bytes of `rendered` in UTF-8. */
  get bytes(): number {
    this.rendered();
    return this.#bytes;
  }

  /** Overwrites from `column` on; a gap before it becomes blanks. */
  put(column: number, text: string, style: string): void {
    if (column > this.#length) this.put(this.#length, ' '.repeat(column - this.#length), '');
    const runs = this.#columns === undefined ? (this.#runs ?? this.#parsed()) : undefined;
    const end = column + text.length;
    if (runs !== undefined && column === this.#length) append(runs, text, style);
    else if (runs !== undefined && runs.length <= FEW) {
      const rest = part(runs, end, this.#length);
      this.#runs = part(runs, 0, column);
      append(this.#runs, text, style);
      for (const run of rest) append(this.#runs, run.text, run.style);
    } else {
      const { units, styles } = this.#open();
      for (let at = 0; at < text.length; at += 1) {
        units[column + at] = text[at] ?? '';
        styles[column + at] = style;
      }
    }
    this.#length = Math.max(this.#length, end);
  }

  /** Nothing is left from `column` on. */
  cut(column: number): void {
    if (column >= this.#length) return;
    if (column === 0) this.#set('');
    else if (this.#columns === undefined) this.#runs = part(this.#runs ?? this.#parsed(), 0, column);
    else {
      this.#columns.units.length = column;
      this.#columns.styles.length = column;
    }
    this.#length = column;
  }

  /** Blanks before `column`. */
  blank(column: number): void {
    this.put(0, ' '.repeat(Math.min(column, this.#length)), '');
  }

  /** The row as text; styles end where it ends. */
  rendered(): string {
    if (this.#text === undefined) {
      this.#set(render(this.#runs ?? runsOf(this.#open())));
      this.#bytes = Buffer.byteLength(this.#text ?? '');
    }
    return this.#text ?? '';
  }

  #set(text: string): void {
    this.#text = text;
    this.#runs = undefined;
    this.#columns = undefined;
    if (text === '') this.#bytes = 0;
  }

  #parsed(): Run[] {
    this.#runs = parse(this.#text ?? '');
    this.#text = undefined;
    return this.#runs;
  }

  #open(): { readonly units: string[]; readonly styles: string[] } {
    if (this.#columns !== undefined) return this.#columns;
    const columns = { units: [] as string[], styles: [] as string[] };
    for (const { text, style } of this.#runs ?? parse(this.#text ?? ''))
      for (let at = 0; at < text.length; at += 1) {
        columns.units.push(text[at] ?? '');
        columns.styles.push(style);
      }
    this.#columns = columns;
    this.#runs = undefined;
    this.#text = undefined;
    return columns;
  }
}

function runsOf({ units, styles }: { readonly units: readonly string[]; readonly styles: readonly string[] }): Run[] {
  const text = units.join('');
  const runs: Run[] = [];
  let from = 0;
  for (let at = 1; at <= styles.length; at += 1) {
    if (at < styles.length && styles[at] === styles[from]) continue;
    runs.push({ text: text.slice(from, at), style: styles[from] ?? '' });
    from = at;
  }
  return runs;
}

function append(runs: Run[], text: string, style: string): void {
  if (text === '') return;
  const last = runs.at(-1);
  if (last?.style === style) last.text += text;
  else runs.push({ text, style });
}

/** The columns from `from` to before `to`. */
function part(runs: readonly Run[], from: number, to: number): Run[] {
  const found: Run[] = [];
  let at = 0;
  for (const { text, style } of runs) {
    append(found, text.slice(Math.max(0, from - at), Math.max(0, to - at)), style);
    at += text.length;
  }
  return found;
}

/** Half of a character was overwritten: a terminal leaves a blank in place of the other half. */
const whole = (text: string): string => (text.isWellFormed() ? text : text.replace(/\p{Surrogate}/gu, ' '));

function render(runs: readonly Run[]): string {
  if (runs.length === 1 && runs[0]?.style === '') return whole(runs[0].text);
  let text = '';
  let before = '';
  for (const run of runs) {
    if (run.style !== before)
      text += `${ESC}[${before === '' || run.style === '' ? run.style || '0' : `0;${run.style}`}m`;
    text += run.text;
    before = run.style;
  }
  text = whole(text);
  return before === '' ? text : `${text}${ESC}[0m`;
}

/** What `render` made. */
function parse(text: string): Run[] {
  if (!text.includes(ESC)) return text === '' ? [] : [{ text, style: '' }];
  const runs: Run[] = [];
  let style = '';
  takeApart(text, {
    text: (part) => runs.push({ text: part, style }),
    csi: (final, params) => {
      if (final === 'm') style = restyled(style, params);
    },
    control: () => undefined,
    escape: () => undefined,
  });
  return runs;
}
