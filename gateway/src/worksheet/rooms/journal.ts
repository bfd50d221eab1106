/**
 * Stores what changes a worksheet's document. Whoever tells the world about a change waits for `stored()` first. Changes that
 * come while one is being written are written together, as one update; when many updates have gathered they are replaced by
 * one that says the same.
 */
import * as Y from 'yjs';
import type { Clock } from '../../base/clock.ts';
import { CarrelError } from '../../base/errors.ts';
import type { WorksheetId } from '../../base/ids.ts';
import type { Logger } from '../../base/ports.ts';

/** As `store/` keeps it. */
export interface JournalRecords {
  append(id: WorksheetId, data: Uint8Array, at: number): Promise<number>;
  updates(id: WorksheetId): Promise<readonly { readonly seq: number; readonly data: Uint8Array }[]>;
  compact(id: WorksheetId, state: Uint8Array, upTo: number, at: number): Promise<void>;
  touch(id: WorksheetId, at: number): Promise<boolean>;
}

export interface JournalOptions {
  readonly id: WorksheetId;
  readonly doc: Y.Doc;
  readonly records: JournalRecords;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Nothing is stored after this, and `stored()` rejects; the reason is for people. Called once. */
  readonly onFailure: (reason: string) => void;
}

/** A document is rewritten as one update when it has more than these, or half its own size where that is more. */
const ROWS = 500;
/** Fewer are left as they are when the document is closed. */
const ROWS_AT_END = 20;
const BYTES = 1024 * 1024;
/** Bytes of an update beside which its row's own weight counts, for documents that are large. */
const ROW_WEIGHT = 2048;
/** `changedAt` is stored this often at most, milliseconds. */
const TOUCH_EVERY = 10_000;
/** Bytes of all updates of one document. */
const LARGEST = 256 * 1024 * 1024;

export class Journal {
  readonly #options: JournalOptions;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #writing: Promise<void> | undefined;
  /** Settle when what is being written, and what is pending, has been. */
  #current: PromiseWithResolvers<void> | undefined;
  #next: PromiseWithResolvers<void> | undefined;
  #failure: CarrelError | undefined;
  #closed = false;
  #seq = 0;
  /** Since the last compaction. */
  #rows = 0;
  #bytes = 0;
  /** Of the update that a compaction made. */
  #base = 0;
  #touched = Number.NEGATIVE_INFINITY;
  #changed: number | undefined;

  private constructor(options: JournalOptions) {
    this.#options = options;
  }

  /** Fills the document with what is stored, and stores from then on whatever changes it. */
  static async open(options: JournalOptions): Promise<Journal> {
    const journal = new Journal(options);
    const updates = await options.records.updates(options.id);
    journal.#load(updates);
    options.doc.on('update', (update) => journal.#take(update));
    return journal;
  }

  /** Bytes that have changed the document and are not stored yet. */
  get backlog(): number {
    return this.#pendingBytes;
  }

  /** Bytes of the document as it is stored, and of what waits. */
  get size(): number {
    return this.#base + this.#bytes + this.#pendingBytes;
  }

  /** Resolves when every change before this call is stored; undefined where it is. Rejects where it cannot be stored. */
  stored(): Promise<void> | undefined {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return (this.#next ?? this.#current)?.promise;
  }

  /** Stores what is left. The document may not be changed any more. */
  async close(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing;
    if (this.#closed) return;
    this.#closed = true;
    if (this.#failure !== undefined) return;
    if (this.#rows > ROWS_AT_END) await this.#compact();
    await this.#touch();
  }

  #load(updates: readonly { readonly seq: number; readonly data: Uint8Array }[]): void {
    const { doc } = this.#options;
    doc.transact(() => {
      for (const { data } of updates) Y.applyUpdate(doc, data);
    }, this);
    this.#seq = updates.at(-1)?.seq ?? 0;
    this.#base = updates[0]?.data.length ?? 0;
    this.#rows = Math.max(0, updates.length - 1);
    this.#bytes = updates.slice(1).reduce((sum, { data }) => sum + data.length, 0);
  }

  #take(update: Uint8Array): void {
    if (this.#failure !== undefined) return;
    if (this.#closed) {
      this.#fail(new Error('the document was changed after its journal had been closed'));
      return;
    }
    this.#pending.push(update);
    this.#pendingBytes += update.length;
    this.#next ??= promise();
    this.#writing ??= this.#write();
  }

  async #write(): Promise<void> {
    /** What one turn of the event loop changes goes together. */
    await Promise.resolve();
    while (this.#next !== undefined) {
      this.#current = this.#next;
      try {
        await this.#append(this.#takePending());
        this.#current.resolve();
      } catch (error) {
        this.#current.reject(this.#fail(error));
      }
      this.#current = undefined;
      if (this.#next === undefined && this.#failure === undefined && this.#isDue()) await this.#compact();
    }
    this.#writing = undefined;
  }

  #takePending(): Uint8Array {
    const [first, ...more] = this.#pending;
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#next = undefined;
    if (first === undefined) throw new Error('nothing is pending');
    return more.length === 0 ? first : Y.mergeUpdates([first, ...more]);
  }

  async #append(update: Uint8Array): Promise<void> {
    const { id, records, clock } = this.#options;
    if (this.#base + this.#bytes + update.length > LARGEST) {
      const most = `${LARGEST / 1024 / 1024} MiB`;
      throw new CarrelError('too_large', `the worksheet has grown beyond ${most} and takes nothing more`);
    }
    const now = clock.now();
    this.#seq = await records.append(id, update, now);
    this.#rows += 1;
    this.#bytes += update.length;
    this.#changed = now;
    if (now - this.#touched >= TOUCH_EVERY) await this.#touch();
  }

  async #touch(): Promise<void> {
    const { id, records, logger } = this.#options;
    if (this.#changed === undefined) return;
    this.#touched = this.#changed;
    this.#changed = undefined;
    try {
      await records.touch(id, this.#touched);
    } catch (error) {
      logger.warn({ err: error, worksheet: id }, 'the time of a change could not be stored');
    }
  }

  #isDue(): boolean {
    return this.#bytes > Math.max(BYTES, this.#base / 2) || this.#rows > Math.max(ROWS, this.#base / ROW_WEIGHT);
  }

  /** A compaction that fails costs nothing but space; it is tried again after as many updates. */
  async #compact(): Promise<void> {
    const { id, doc, records, clock, logger } = this.#options;
    const state = Y.encodeStateAsUpdate(doc);
    try {
      await records.compact(id, state, this.#seq, clock.now());
      this.#base = state.length;
    } catch (error) {
      logger.warn({ err: error, worksheet: id }, 'a document could not be compacted');
    }
    this.#rows = 0;
    this.#bytes = 0;
  }

  /** The first failure is the one that counts. */
  #fail(cause: unknown): CarrelError {
    if (this.#failure !== undefined) return this.#failure;
    const { id, logger, onFailure } = this.#options;
    const known = cause instanceof CarrelError;
    const failure = known ? cause : new CarrelError('internal', 'the worksheet cannot be saved', { cause });
    this.#failure = failure;
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#next?.reject(failure);
    this.#next = undefined;
    logger.error({ err: cause, worksheet: id }, 'a change of a worksheet could not be stored');
    onFailure(failure.message);
    return failure;
  }
}

/** One whose rejection may go unheard: whoever waits hears it. */
function promise(): PromiseWithResolvers<void> {
  const made = Promise.withResolvers<void>();
  made.promise.catch(() => {});
  return made;
}
