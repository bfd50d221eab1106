/**
 * What a terminal shows of the text that was written to it, as text: a line that was redrawn ten thousand times is one line. The
 * terminal is as high as its text and WIDTH columns wide; a longer line goes on in the next row, without a line break in the text.
 * Colours stay in the text, other escape sequences act or vanish. Rules: docs/spec/worksheet-document.md. Pure.
 */
import { type EscapeSink, takeApart } from './terminal-escapes.ts';
import { Row } from './terminal-row.ts';
import { restyled } from './terminal-style.ts';

/** Bounds what one byte of a hostile program can make the terminal do: no step costs more than a row. */
const WIDTH = 1024;

/** How the text that was shown becomes the one that is: so many UTF-16 units go at its end, then this is put there. */
export interface TextEdit {
  readonly remove: number;
  readonly insert: string;
}

interface Place {
  readonly row: number;
  readonly column: number;
}

export class Terminal {
  #rows: Row[] = [new Row()];
  #row = 0;
  #column = 0;
  #style = '';
  #saved: Place = { row: 0, column: 0 };
  /** The beginning of an escape sequence whose rest has not come. */
  #rest = '';
  /** Rows from here on may differ from what was shown. */
  #changed = 0;
  /** Units that were shown of rows that are gone. */
  #gone = 0;
  /** Some of them stood before the rows that are left. */
  #shifted = false;
  readonly #sink: EscapeSink = {
    text: (text) => this.#put(text),
    control: (code) => this.#control(code),
    csi: (final, params) => this.#csi(final, params),
    escape: (final) => this.#escape(final),
  };

  write(data: string): void {
    this.#rest = takeApart(this.#rest + data, this.#sink);
  }

  /** Of the text, in UTF-8. */
  get bytes(): number {
    let bytes = 0;
    for (const [index, row] of this.#rows.entries()) bytes += row.bytes + this.#breakBehind(index);
    return bytes;
  }

  /** The text as it is now. */
  get text(): string {
    return this.#rows.map((row, index) => row.rendered() + (this.#breakBehind(index) ? '\n' : '')).join('');
  }

  /** What has changed since it was asked last. Costs what has changed, not what there is. */
  edit(): TextEdit {
    const first = this.#rows[this.#changed];
    const before = this.#shifted ? '' : (first?.shown ?? '') + (first?.shownBreak ? '\n' : '');
    let remove = this.#gone;
    const parts: string[] = [];
    for (let index = this.#changed; index < this.#rows.length; index += 1) {
      const row = this.#rows[index] as Row;
      remove += (row.shown?.length ?? 0) + row.shownBreak;
      row.shown = row.rendered();
      row.shownBreak = this.#breakBehind(index);
      parts.push(row.shown, row.shownBreak ? '\n' : '');
    }
    this.#gone = 0;
    this.#shifted = false;
    this.#changed = this.#rows.length - 1;
    const insert = parts.join('');
    const same = commonStart(before, insert, remove);
    return { remove: remove - same, insert: insert.slice(same) };
  }

  /** Takes the oldest rows away that have together at most `bytes` bytes, and answers their text. The last row stays. */
  takeUpTo(bytes: number): string {
    return this.#take(this.#rows.length - 1, (total, next) => total + next <= bytes);
  }

  /**
   * Takes so many of the oldest rows away that they have `bytes` bytes or more, and answers their text. The last row stays unless
   * nothing more is to be written.
   */
  takeAtLeast(bytes: number, last: 'stays' | 'may go'): string {
    return this.#take(this.#rows.length - (last === 'stays' ? 1 : 0), (total) => total < bytes);
  }

  #take(most: number, more: (total: number, next: number) => boolean): string {
    let count = 0;
    let total = 0;
    for (; count < most; count += 1) {
      const next = (this.#rows[count]?.bytes ?? 0) + this.#breakBehind(count);
      if (!more(total, next)) break;
      total += next;
    }
    if (count === 0) return '';
    let text = '';
    for (let index = 0; index < count; index += 1)
      text += `${this.#rows[index]?.rendered()}${this.#breakBehind(index) ? '\n' : ''}`;
    for (const row of this.#rows.splice(0, count)) this.#gone += (row.shown?.length ?? 0) + row.shownBreak;
    if (this.#rows.length === 0) this.#rows.push(new Row());
    this.#shifted = true;
    this.#changed = 0;
    this.#row = Math.max(0, this.#row - count);
    this.#saved = { ...this.#saved, row: Math.max(0, this.#saved.row - count) };
    return text;
  }

  #breakBehind(index: number): 0 | 1 {
    return index === this.#rows.length - 1 || this.#rows[index]?.wrapped ? 0 : 1;
  }

  #current(): Row {
    this.#changed = Math.min(this.#changed, this.#row);
    return this.#rows[this.#row] as Row;
  }

  #put(text: string): void {
    for (let at = 0; at < text.length; ) {
      if (this.#column >= WIDTH) this.#nextRow(true);
      let end = Math.min(text.length, at + WIDTH - this.#column);
      if (end < text.length && isHighSurrogate(text.charCodeAt(end - 1))) end -= 1;
      if (end === at) this.#column = WIDTH;
      else {
        this.#current().put(this.#column, text.slice(at, end), this.#style);
        this.#column += end - at;
        at = end;
      }
    }
  }

  #nextRow(wrapped: boolean): void {
    const row = this.#rows[this.#row] as Row;
    const last = this.#row === this.#rows.length - 1;
    if (last || row.wrapped !== wrapped) this.#current().wrapped = wrapped;
    if (last) this.#rows.push(new Row());
    this.#row += 1;
    this.#column = 0;
  }

  #control(code: number): void {
    if (code === 0x0a) this.#nextRow(false);
    else if (code === 0x0d) this.#column = 0;
    else if (code === 0x08) this.#column = Math.max(0, this.#column - 1);
  }

  #escape(final: string): void {
    if (final === '7') this.#save();
    else if (final === '8') this.#restore();
    else if (final === 'M') this.#move(this.#row - 1, this.#column);
    else if (final === 'D') this.#move(this.#row + 1, this.#column);
    else if (final === 'E') this.#nextRow(false);
    else if (final === 'c') {
      this.#style = '';
      this.#eraseAll();
      this.#move(0, 0);
    }
  }

  #csi(final: string, params: string): void {
    if (final === 'm') {
      if (!/[<-?]/.test(params)) this.#style = restyled(this.#style, params);
      return;
    }
    const [first = 0, second = 0] = params.split(';').map((param) => Number.parseInt(param, 10) || 0);
    const n = Math.max(1, first);
    if (final === 'A') this.#move(this.#row - n, this.#column);
    else if (final === 'B') this.#move(this.#row + n, this.#column);
    else if (final === 'C') this.#move(this.#row, this.#column + n);
    else if (final === 'D') this.#move(this.#row, this.#column - n);
    else if (final === 'E') this.#move(this.#row + n, 0);
    else if (final === 'F') this.#move(this.#row - n, 0);
    else if (final === 'G') this.#move(this.#row, n - 1);
    else if (final === 'd') this.#move(n - 1, this.#column);
    else if (final === 'H' || final === 'f') this.#move(n - 1, Math.max(1, second) - 1);
    else if (final === 'J') this.#eraseRows(first);
    else if (final === 'K') this.#eraseInRow(first);
    else if (final === 's') this.#save();
    else if (final === 'u') this.#restore();
  }

  /** Moving makes no rows: below the last one there is nothing to move to. */
  #move(row: number, column: number): void {
    this.#row = Math.min(Math.max(0, row), this.#rows.length - 1);
    this.#column = Math.min(Math.max(0, column), WIDTH - 1);
  }

  #save(): void {
    this.#saved = { row: this.#row, column: this.#column };
  }

  #restore(): void {
    this.#move(this.#saved.row, this.#saved.column);
  }

  #eraseInRow(what: number): void {
    const row = this.#current();
    if (what === 0) row.cut(this.#column);
    else if (what === 1) row.blank(this.#column + 1);
    else if (what === 2) row.cut(0);
    if (what !== 1) row.wrapped = false;
  }

  /** Nothing is left below, or nothing at all: then the text begins anew at its first row. */
  #eraseRows(what: number): void {
    if (what === 0) {
      this.#eraseInRow(0);
      this.#forgetFrom(this.#row + 1);
    } else if (what >= 2) this.#eraseAll();
  }

  #eraseAll(): void {
    this.#forgetFrom(0);
    this.#rows = [new Row()];
    this.#move(0, this.#column);
  }

  #forgetFrom(index: number): void {
    for (const row of this.#rows.splice(index)) this.#gone += (row.shown?.length ?? 0) + row.shownBreak;
    this.#changed = Math.min(this.#changed, Math.max(0, index - 1));
  }
}

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;

/** Units that both begin with, at most `most`, ending between two characters. */
function commonStart(a: string, b: string, most: number): number {
  const end = Math.min(a.length, b.length, most);
  let at = 0;
  while (at < end && a.charCodeAt(at) === b.charCodeAt(at)) at += 1;
  return at > 0 && isHighSurrogate(a.charCodeAt(at - 1)) ? at - 1 : at;
}
