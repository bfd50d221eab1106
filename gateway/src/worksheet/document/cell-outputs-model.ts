/**
 * The outputs of one cell as they should stand in the document: streams that go on, displays, results, errors, within their bounds.
 * Rules: docs/spec/worksheet-document.md. Pure.
 */
import type * as Y from 'yjs';
import type { ErrorOutput } from '../../wire/notebook.ts';
import type { Display } from './cell-outputs-displays.ts';
import { StreamText } from './cell-outputs-stream.ts';

/** Bytes of a cell's streams that are kept from the beginning and from the end; a cell that prints less is not cut. */
export interface OutputBound {
  readonly head: number;
  readonly tail: number;
}

interface Placed {
  /** Where it stands in the document; undefined until it does. */
  shared: Y.Map<unknown> | undefined;
}
export interface StreamEntry extends Placed {
  readonly stream: StreamText;
  /** Text of the same stream goes to an output of its own. */
  closed?: boolean;
  /** The document does not have its text. */
  changed: boolean;
}
export type PlainEntry = Display | (Placed & { readonly output: ErrorOutput });
export type Entry = StreamEntry | PlainEntry;

export const isStream = (entry: Entry): entry is StreamEntry => 'stream' in entry;

/** What an output costs the document beside its text, so that streams that alternate without end are cut too. */
const OVERHEAD = 128;
/** Outputs that are no stream: a page cannot show more of them, and nobody looks at them. */
const MOST_PLAIN = 2000;

export class OutputModel {
  readonly #bound: OutputBound;
  #entries: Entry[] = [];
  #plain = 0;
  /** Holds the note of what was cut; streams before it are frozen. */
  #cutAt: StreamEntry | undefined;
  #cut = 0;
  #hidden = 0;
  #hiddenAt: StreamEntry | undefined;

  constructor(bound: OutputBound) {
    this.#bound = bound;
  }

  get entries(): readonly Entry[] {
    return this.#entries;
  }

  /** Outputs that are in the document already. */
  load(entries: readonly Entry[]): void {
    this.#entries = [...entries, ...this.#entries];
    this.#plain = this.#entries.filter((entry) => !isStream(entry)).length;
    this.#cutAt = entries.filter(isStream).find(({ stream }) => stream.cutBefore > 0);
    this.#cut = this.#cutAt?.stream.cutBefore ?? 0;
  }

  clear(): void {
    this.#entries = [];
    this.#plain = 0;
    this.#cutAt = undefined;
    this.#cut = 0;
    this.#hidden = 0;
    this.#hiddenAt = undefined;
  }

  /** Somebody else took these outputs out of the document. */
  keepOnly(keep: (entry: Entry) => boolean): void {
    if (this.#entries.every(keep)) return;
    this.#entries = this.#entries.filter(keep);
    this.#plain = this.#entries.filter((entry) => !isStream(entry)).length;
    if (this.#cutAt !== undefined && !this.#entries.includes(this.#cutAt)) {
      this.#cutAt = undefined;
      this.#cut = 0;
    }
  }

  /** Goes on with the last output if it is the same stream, as Jupyter does. */
  write(name: string, text: string): void {
    const last = this.#entries.at(-1);
    const goesOn = last !== undefined && isStream(last) && last.stream.name === name && last.closed !== true;
    const entry = goesOn ? last : this.#open(name);
    entry.stream.write(text);
    entry.changed = true;
  }

  /** Answers whether it is shown. */
  add(entry: PlainEntry): boolean {
    if (this.#plain < MOST_PLAIN) {
      this.#entries.push(entry);
      this.#plain += 1;
      return true;
    }
    this.#hidden += 1;
    this.#hiddenAt ??= Object.assign(this.#open('stderr'), { closed: true });
    this.#hiddenAt.stream.say(`[… ${this.#hidden.toLocaleString('en')} more outputs are not shown …]\n`);
    this.#hiddenAt.changed = true;
    return false;
  }

  /** Cuts what is beyond the bound; answers the outputs that go altogether. */
  cut(): Entry[] {
    const { head, tail } = this.#bound;
    const streams = this.#entries.filter(isStream).filter(({ closed }) => closed !== true);
    if (this.#cutAt === undefined) {
      if (sizeOf(streams) <= head + tail) return [];
      this.#freeze(streams, head);
    }
    const live = streams.slice(streams.indexOf(this.#cutAt as StreamEntry));
    const size = sizeOf(live);
    /** A cut goes to half of what may stay: the end is written anew with every cut. */
    return size <= tail ? [] : this.#shorten(live, size - Math.floor(tail / 2));
  }

  #open(name: string): StreamEntry {
    const entry: StreamEntry = { stream: new StreamText(name), shared: undefined, changed: true };
    this.#entries.push(entry);
    return entry;
  }

  /** The first streams stay whole, the one in which the head ends stays up to there. */
  #freeze(streams: readonly StreamEntry[], head: number): void {
    let room = head;
    for (const entry of streams) {
      this.#cutAt = entry;
      const size = sizeOf([entry]);
      if (size > room || entry === streams.at(-1)) break;
      room -= size;
    }
    this.#cutAt?.stream.freeze(room);
  }

  #shorten(live: readonly StreamEntry[], bytes: number): Entry[] {
    let excess = bytes;
    const gone = new Set<Entry>();
    for (const entry of live) {
      if (excess <= 0) break;
      const size = sizeOf([entry]);
      const last = entry === live.at(-1);
      const whole = size <= excess && entry !== live[0] && !last;
      if (whole) gone.add(entry);
      const cut = whole ? entry.stream.bytes : entry.stream.cut(excess, last ? 'stays' : 'may go');
      excess -= whole ? size : cut;
      this.#cut += cut;
      entry.changed = true;
    }
    this.#entries = this.#entries.filter((entry) => !gone.has(entry));
    this.#cutAt?.stream.sayCut(this.#cut);
    return [...gone];
  }
}

const sizeOf = (streams: readonly StreamEntry[]): number =>
  streams.reduce((size, { stream }) => size + stream.bytes + OVERHEAD, 0);
