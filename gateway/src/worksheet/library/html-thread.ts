/**
 * Writes HTML files in a thread of their own, one after the other: a large worksheet takes seconds, and a hostile one may take for
 * ever, in which the gateway goes on with everything else.
 */
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { CarrelError } from '../../base/errors.ts';
import type { UserId } from '../../base/ids.ts';
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
/** Waiting or being made, so that nobody takes all the places. */
const MOST_OF_ONE = 2;

export class HtmlThread {
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  readonly #ofPerson = new Map<UserId, number>();

  /**
   * Throws `quota_reached` where too many of this person wait, `no_capacity` where too many of all do, `timeout` and `too_large`
   * for worksheets that no file is made of.
   */
  async render(user: UserId, job: () => Promise<HtmlJob>): Promise<Uint8Array> {
    if ((this.#ofPerson.get(user) ?? 0) >= MOST_OF_ONE) {
      const message = `at most ${MOST_OF_ONE} HTML files of one person are made at once; wait until one is ready`;
      throw new CarrelError('quota_reached', message);
    }
    if (this.#waiting >= MOST_WAITING)
      throw new CarrelError('no_capacity', `${this.#waiting} HTML files are being made already; try again in a minute`);
    this.#count(user, 1);
    const done = this.#last.then(async () => run(await job()));
    this.#last = done.catch(() => {});
    return done.finally(() => this.#count(user, -1));
  }

  #count(user: UserId, more: 1 | -1): void {
    this.#waiting += more;
    const left = (this.#ofPerson.get(user) ?? 0) + more;
    if (left > 0) this.#ofPerson.set(user, left);
    else this.#ofPerson.delete(user);
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
