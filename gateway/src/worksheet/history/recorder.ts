/**
 * Keeps versions of open worksheets by itself: ten minutes after an edit at the latest, and when a worksheet that was edited is
 * closed. One that cannot be kept costs a line in the log.
 */
import type * as Y from 'yjs';
import type { Clock, Timer } from '../../base/clock.ts';
import type { WorksheetId } from '../../base/ids.ts';
import type { Logger } from '../../base/ports.ts';
import type { StoredVersion, VersionKind, Versions } from '../../store/versions.ts';
import type { Notebook } from '../../wire/notebook.ts';
import type { VersionCells } from '../../wire/version-rest.ts';
import { cellsOfTaken, encode, takeNotebook } from './content.ts';
import { Keeper } from './keeper.ts';
import { Watch } from './watch.ts';

/** Milliseconds from the first edit that no version has. */
const EVERY = 10 * 60_000;
/** Large values that were let go may have been removed since; then they are read again. */
const TRIES = 3;

export interface RecorderOptions {
  readonly versions: Versions;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The origin of a change by which the server does what a person asked. */
export class OnBehalf {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

export interface Wish {
  readonly kind: VersionKind;
  readonly name?: string;
  /** Beside those who edited. */
  readonly who?: string;
}

export interface Kept {
  readonly version: StoredVersion;
  /** Those that the version has, as `Recording.edits` counts them. */
  readonly edits: number;
}

type PersonOf = (origin: unknown) => string | undefined;

export class Recorder {
  readonly keeper: Keeper;
  readonly #options: RecorderOptions;

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.keeper = new Keeper(options.versions, options.clock);
  }

  /** `personOf`: the name of the person whose edits have this origin. */
  open(id: WorksheetId, document: Y.Doc, personOf: PersonOf): Recording {
    return new Recording(id, document, personOf, this.keeper, this.#options);
  }

  /** With what a worksheet begins. */
  async imported(id: WorksheetId, notebook: Notebook, who: string): Promise<void> {
    try {
      const version = { worksheet: id, kind: 'imported', name: null, who: [who] } as const;
      await this.keeper.keep(version, await encode(takeNotebook(notebook)));
    } catch (error) {
      this.#options.logger.warn({ err: error, worksheet: id }, 'the first version of a worksheet could not be kept');
    }
  }
}

/** One open worksheet. */
export class Recording {
  readonly #id: WorksheetId;
  readonly #keeper: Keeper;
  readonly #options: RecorderOptions;
  readonly #watch: Watch;
  /** Who edited since the last version. */
  #who = new Set<string>();
  #timer: Timer | undefined;
  #edits = 0;
  /** Ends when what was asked for so far is kept or has failed. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(id: WorksheetId, document: Y.Doc, personOf: PersonOf, keeper: Keeper, options: RecorderOptions) {
    this.#id = id;
    this.#keeper = keeper;
    this.#options = options;
    this.#watch = new Watch({
      document,
      personOf: (origin) => (origin instanceof OnBehalf ? origin.name : personOf(origin)),
      edited: (name) => this.#edited(name),
    });
  }

  /** Grows with every edit of a person. */
  get edits(): number {
    return this.#edits;
  }

  /** As the document is now. */
  async cells(): Promise<VersionCells> {
    await this.#watch.prepare();
    return cellsOfTaken(this.#watch.take());
  }

  /** Keeps what the document holds; where the last version has all of it, that one is answered and no other is made. */
  keep(wish: Wish): Promise<Kept> {
    const kept = this.#turn.then(() => this.#keep(wish));
    this.#turn = kept.catch(() => {});
    return kept;
  }

  /** Keeps what was edited. The document may not be changed any more. */
  async close(): Promise<void> {
    await this.#turn;
    if (this.#timer !== undefined) await this.#automatic();
    this.#timer?.cancel();
    this.#watch.close();
  }

  #edited(name: string): void {
    this.#edits += 1;
    this.#who.add(name);
    this.#timer ??= this.#options.clock.after(EVERY, () => void this.#automatic());
  }

  async #automatic(): Promise<void> {
    try {
      await this.keep({ kind: 'automatic' });
    } catch (error) {
      this.#options.logger.warn({ err: error, worksheet: this.#id }, 'a version of a worksheet could not be kept');
    }
  }

  async #keep(wish: Wish): Promise<Kept> {
    const who = this.#who;
    this.#who = new Set();
    this.#timer?.cancel();
    this.#timer = undefined;
    try {
      return await this.#store(wish, who);
    } catch (error) {
      for (const name of who) this.#who.add(name);
      this.#timer ??= this.#options.clock.after(EVERY, () => void this.#automatic());
      throw error;
    }
  }

  async #store({ kind, name, who: by }: Wish, who: Set<string>): Promise<Kept> {
    for (let tries = 1; tries <= TRIES; tries += 1) {
      await this.#watch.prepare();
      const edits = this.#edits;
      for (const editor of this.#who) who.add(editor);
      const encoded = await encode(this.#watch.take());
      const [last] = await this.#options.versions.list(this.#id);
      const has = kind === 'automatic' ? last?.sources === encoded.sources : last?.whole === encoded.whole;
      if (last !== undefined && has && kind !== 'named') return { version: last, edits };
      if (by !== undefined) who.add(by);
      const version = await this.#keeper.keep(
        { worksheet: this.#id, kind, name: name ?? null, who: [...who] },
        encoded,
      );
      if (version !== undefined) {
        this.#watch.stored();
        return { version, edits };
      }
      this.#watch.forget();
    }
    throw new Error('large values of a version are neither stored nor at hand');
  }
}
