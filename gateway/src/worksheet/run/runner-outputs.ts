/** Hands what the kernel publishes to the cells of the document: finds the cell of a run, and gathers what comes fast. */
import type * as Y from 'yjs';
import type { Clock, Timer } from '../../base/clock.ts';
import type { Logger } from '../../base/ports.ts';
import { CellOutputs, type OutputBound } from '../document/cell-outputs.ts';
import { cellOf } from '../document/document.ts';
import { outputsOf, textOf } from '../document/values.ts';
import type { OutputSpool } from './output-spool.ts';
import type { RunId } from './runner-messages.ts';
import type { RunRecord } from './runner-record.ts';

/** Milliseconds between two changes of the document by output of cells that run. */
const FLUSH_EVERY = 30;

export interface OutputsOptions {
  readonly doc: Y.Doc;
  readonly bound: OutputBound;
  readonly record: RunRecord;
  /** Where the whole of what cells print goes; undefined: nowhere. */
  readonly spool: OutputSpool | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  /** All that was applied so far is in the document. */
  readonly flushed: () => void;
}

export class RunnerOutputs {
  readonly #options: OutputsOptions;
  /** The last run of each cell: what its threads print later still goes there. */
  readonly #writers = new Map<string, { number: number; outputs: CellOutputs }>();
  readonly #unflushed = new Set<CellOutputs>();
  /** The cell whose text went to a file since it began. */
  #spooling: string | undefined;
  #flushedAt = Number.NEGATIVE_INFINITY;
  #timer: Timer | undefined;

  constructor(options: OutputsOptions) {
    this.#options = options;
  }

  /** A cell starts: what it showed goes. */
  begin({ cell, number }: RunId): void {
    this.#options.spool?.begin(cell);
    this.#write(this.#make(cell, number), (outputs) => outputs.begin());
  }

  /** The run has ended. */
  end(cell: string): void {
    this.flush();
    this.#options.spool?.end(cell);
    this.#spooling = undefined;
    this.#options.record.noteSpooled(undefined);
  }

  /** An earlier process was at work on this cell. */
  goOn(cell: string): void {
    const { spool, record, doc } = this.#options;
    const { cell: known, bytes } = record.spooled ?? {};
    spool?.goOn(cell, streamsOf(cellOf(doc, cell)), known === cell ? bytes : undefined);
  }

  /** What a run publishes. What an older run of the same cell publishes is dropped. */
  apply(run: RunId, type: string, content: Readonly<Record<string, unknown>>): void {
    const outputs = this.#of(run);
    this.#write(outputs, (known) => known.apply(type, content));
    if (outputs !== undefined && type === 'stream' && typeof content['text'] === 'string')
      this.#spool(run.cell, content['text']);
  }

  /** What belongs to a cell and to no run of it that is known. */
  applyTo(cell: string, type: string, content: Readonly<Record<string, unknown>>): void {
    this.#write(this.#writers.get(cell)?.outputs ?? this.#make(cell, 0), (outputs) => outputs.apply(type, content));
  }

  count(run: RunId, count: number): void {
    this.#write(this.#of(run), (outputs) => outputs.count(count));
  }

  /** An error output of the gateway's own. `fresh`: in the place of what the cell shows. */
  fail(cell: string, ename: string, message: string, fresh: boolean): void {
    const known = this.#writers.get(cell)?.outputs ?? this.#make(cell, 0);
    const content = { ename, evalue: message, traceback: [`${ename}: ${message}`] };
    this.#write(known, (outputs) => {
      if (fresh) outputs.begin();
      outputs.apply('error', content);
    });
  }

  clear(cells: Iterable<string>): void {
    for (const cell of cells) {
      this.#options.spool?.clear(cell);
      this.#write(this.#writers.get(cell)?.outputs ?? this.#make(cell, 0), (outputs) => outputs.begin());
    }
  }

  /** The kernel is another one: nothing comes of earlier runs, but for the cell that runs. */
  forget(running: string | undefined): void {
    for (const cell of [...this.#writers.keys()]) if (cell !== running) this.#writers.delete(cell);
  }

  /** Called at the end of a change of the document: what is gathered comes into it, or waits until it is time. */
  flushIfDue(): void {
    if (this.#wait <= 0) this.flush();
  }

  /** Called when a change of the document has ended. */
  settle(): void {
    if (this.#unflushed.size === 0) this.#options.flushed();
    else
      this.#timer ??= this.#options.clock.after(this.#wait, () => {
        this.flush();
        this.#options.flushed();
      });
  }

  /** Everything that was applied, into the document. */
  flush(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#unflushed.size === 0) return;
    this.#flushedAt = this.#options.clock.now();
    const writers = [...this.#unflushed];
    this.#unflushed.clear();
    this.#options.doc.transact(() => {
      for (const outputs of writers) this.#guarded(() => outputs.flush());
      this.#options.record.noteApplied();
      this.#noteSpooled();
    });
  }

  get #wait(): number {
    return this.#flushedAt + FLUSH_EVERY - this.#options.clock.now();
  }

  #spool(cell: string, text: string): void {
    const { spool } = this.#options;
    spool?.write(cell, text.toWellFormed());
    if (spool?.bytesOf(cell) !== undefined) this.#spooling = cell;
  }

  /** In the change that holds what was applied: the file goes back to there where the next process hears the rest once more. */
  #noteSpooled(): void {
    const { spool, record } = this.#options;
    const cell = this.#spooling;
    const bytes = cell === undefined ? undefined : spool?.bytesOf(cell);
    if (cell !== undefined && bytes !== undefined) record.noteSpooled({ cell, bytes });
  }

  #of({ cell, number }: RunId): CellOutputs | undefined {
    const known = this.#writers.get(cell);
    if (known !== undefined && known.number === number) return known.outputs;
    if (known !== undefined && known.number > number) return undefined;
    return cellOf(this.#options.doc, cell) === undefined ? undefined : this.#make(cell, number);
  }

  #make(cell: string, number: number): CellOutputs {
    const outputs = new CellOutputs(this.#options.doc, cell, this.#options.bound);
    this.#writers.set(cell, { number, outputs });
    return outputs;
  }

  #write(outputs: CellOutputs | undefined, change: (outputs: CellOutputs) => void): void {
    if (outputs === undefined) return;
    this.#unflushed.add(outputs);
    this.#guarded(() => change(outputs));
  }

  /** An output that cannot be shown costs itself, not the cell's end. */
  #guarded(change: () => void): void {
    try {
      change();
    } catch (error) {
      this.#options.logger.warn({ err: error }, 'an output could not be put into the document');
    }
  }
}

/** What the cell shows of its streams. */
const streamsOf = (cell: Y.Map<unknown> | undefined): string =>
  outputsOf(cell)
    .filter((output) => output.get('output_type') === 'stream')
    .map((output) => textOf(output.get('text')))
    .join('');
