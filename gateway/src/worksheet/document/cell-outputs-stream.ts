/** The text of one stream output: a head that stays, a note of what was cut behind it, and what a terminal shows of the rest. Pure. */
import type * as Y from 'yjs';
import { Terminal } from './terminal.ts';

const CUT = /(?:^|\n)(\[… ([\d,]{1,24}) bytes were cut here …\]\n)/;

export class StreamText {
  readonly name: string;
  #head = '';
  #note = '';
  readonly #terminal = new Terminal();
  /** UTF-16 units that the shared text has of us, and how many of them stand before what changed in head and note. */
  #shown = 0;
  #kept: number | undefined;

  /** With a text that `text` was once, goes on where that ends. */
  constructor(name: string, text = '') {
    this.name = name;
    const found = CUT.exec(text);
    const [, note = '', size = ''] = found ?? [];
    const at = found === null ? 0 : found.index + found[0].length - note.length;
    this.#head = text.slice(0, at);
    this.#note = note;
    this.cutBefore = Number(size.replaceAll(',', ''));
    this.#terminal.write(text.slice(at + note.length));
    this.#shown = this.text.length;
    this.#terminal.edit();
    /** What a terminal would have shown otherwise is written anew. */
    if (this.text !== text) this.#kept = 0;
  }

  /** Bytes that a note in the text says were cut. */
  readonly cutBefore: number;

  write(text: string): void {
    this.#terminal.write(text);
  }

  get text(): string {
    return this.#head + this.#note + this.#terminal.text;
  }

  /** Bytes behind head and note: what may still be cut. */
  get bytes(): number {
    return this.#terminal.bytes;
  }

  /** Makes at most so many of the first bytes part of the head, in whole rows. */
  freeze(bytes: number): void {
    this.#head += this.#terminal.takeUpTo(bytes);
    this.#kept = 0;
  }

  /** Cuts so many of the oldest bytes behind the head, or a row more, and answers how many. */
  cut(bytes: number, lastRow: 'stays' | 'may go'): number {
    return Buffer.byteLength(this.#terminal.takeAtLeast(bytes, lastRow));
  }

  /** Says behind the head how much was cut there. */
  sayCut(bytes: number): void {
    const line = this.#head === '' || this.#head.endsWith('\n') ? '' : '\n';
    this.say(`${line}[… ${bytes.toLocaleString('en')} bytes were cut here …]\n`);
  }

  say(note: string): void {
    if (note === this.#note) return;
    this.#note = note;
    this.#kept = Math.min(this.#kept ?? this.#head.length, this.#head.length);
  }

  /**
   * Brings the shared text to this one. What changes is always its end: deleted text then leaves one mark in the document,
   * however often it is replaced.
   */
  writeTo(shared: Y.Text): void {
    const { remove, insert } = this.#terminal.edit();
    const intact = shared.length === this.#shown;
    const text = intact && this.#kept === undefined ? undefined : this.text;
    const keep = text === undefined ? this.#shown - remove : intact ? (this.#kept ?? 0) : 0;
    const added = text === undefined ? insert : text.slice(keep);
    if (shared.length > keep) shared.delete(keep, shared.length - keep);
    if (added !== '') shared.insert(keep, added);
    this.#shown = keep + added.length;
    this.#kept = undefined;
  }

  /** The shared text is another one, which begins as this one is. */
  begun(): string {
    this.#terminal.edit();
    const text = this.text;
    this.#shown = text.length;
    this.#kept = undefined;
    return text;
  }
}
