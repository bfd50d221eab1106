/**
 * Writes HTML files in a thread of their own, one after the other: a large worksheet takes seconds, and a hostile one may take for
 * ever, in which the gateway goes on with everything else.
 */
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { CarrelError } from '../../base/errors.ts';
import type { ExportLanguage } from '../files/export-html/texts.ts';

export interface HtmlJob {
  readonly title: string;
  readonly language: ExportLanguage;
  /** Yjs updates that make the document. */
  readonly updates: readonly Uint8Array[];
}

const WORKER = join(import.meta.dirname, 'html-worker.ts');
/** Milliseconds; a worksheet of 20 MB takes one to five seconds, the most of it for large tables. */
const LONGEST = 60_000;
/** MiB of the thread's own heap. */
const MEMORY = 1024;
const MOST_WAITING = 20;

export class HtmlThread {
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** Throws `no_capacity` where too many wait, `timeout` and `too_large` for worksheets that no file is made of. */
  async render(job: () => Promise<HtmlJob>): Promise<Uint8Array> {
    if (this.#waiting >= MOST_WAITING)
      throw new CarrelError('no_capacity', `${this.#waiting} HTML files are being made already; try again in a minute`);
    this.#waiting += 1;
    const done = this.#last.then(async () => run(await job()));
    this.#last = done.catch(() => {});
    return done.finally(() => {
      this.#waiting -= 1;
    });
  }
}

function run(job: HtmlJob): Promise<Uint8Array> {
  /** What is a buffer by itself changes hands instead of being copied. */
  const transferList = job.updates.filter(isWhole).map(({ buffer }) => buffer as ArrayBuffer);
  const resourceLimits = { maxOldGenerationSizeMb: MEMORY };
  const worker = new Worker(WORKER, { workerData: job, transferList, resourceLimits });
  return new Promise<Uint8Array>((done, fail) => {
    const limit = setTimeout(() => {
      fail(new CarrelError('timeout', `no HTML file of this worksheet was ready within ${LONGEST / 1000} s`));
      void worker.terminate();
    }, LONGEST);
    worker.once('message', done);
    worker.once('error', (error: NodeJS.ErrnoException) => fail(readable(error)));
    worker.once('exit', () => {
      clearTimeout(limit);
      fail(new CarrelError('internal', 'the HTML file was not finished'));
    });
  });
}

const isWhole = ({ buffer, byteLength }: Uint8Array): boolean => buffer.byteLength === byteLength;

const readable = (error: NodeJS.ErrnoException): Error =>
  error.code === 'ERR_WORKER_OUT_OF_MEMORY'
    ? new CarrelError('too_large', `an HTML file of this worksheet needs more than ${MEMORY} MiB of memory`)
    : error;
