/**
 * Contents of kept files as they are in a snapshot of the database, though people go on replacing them: each gets a second name (a hard
 * link) before the gateway may remove it. What exists is linked before the snapshot is taken, what came in between afterwards; where a
 * content was removed in this moment, another snapshot is taken.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, link, mkdir, open, opendir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CarrelError } from '../base/errors.ts';
import { lockDataFolder } from '../store/data-lock.ts';
import type { Snapshot, StoredContent } from '../store/snapshot.ts';
import { type Flawed, MOST_NAMED, PIECE } from './format.ts';

const ID = /^[0-9a-f]{32}$/;
const MOST_SNAPSHOTS = 20;

export class LinkedFiles implements AsyncDisposable {
  readonly missing: Flawed = { count: 0, first: [] };
  /** Of this snapshot. */
  count = 0;
  bytes = 0;
  readonly #from: string;
  readonly #to: string;
  readonly #lock: Disposable;

  private constructor(from: string, to: string, lock: Disposable) {
    this.#from = from;
    this.#to = to;
    this.#lock = lock;
  }

  /** Throws `conflict` while another backup is made. */
  static async in(dataFolder: string): Promise<LinkedFiles> {
    const folder = join(dataFolder, 'backup');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const lock = lockOf(folder, dataFolder);
    const files = new LinkedFiles(join(dataFolder, 'files'), join(folder, 'links'), lock);
    /** Of a backup that was killed. */
    await rm(files.#to, { recursive: true, force: true });
    await mkdir(files.#to, { mode: 0o700 });
    return files;
  }

  /** Answers a snapshot whose contents are all held; those that are gone for good are counted as missing. */
  async hold(take: () => Promise<Snapshot>): Promise<Snapshot> {
    let before: string | undefined;
    for (let tries = 0; tries < MOST_SNAPSHOTS; tries += 1) {
      await this.#linkAll();
      const snapshot = await take();
      try {
        await this.#include(snapshot);
      } catch (error) {
        await snapshot[Symbol.asyncDispose]();
        throw error;
      }
      /** What two snapshots lack is not between two changes, but gone. */
      const lacking = JSON.stringify(this.missing);
      if (this.missing.count === 0 || lacking === before) return snapshot;
      before = lacking;
      await snapshot[Symbol.asyncDispose]();
    }
    throw new CarrelError('conflict', 'files of worksheets change faster than they can be held; make the backup again');
  }

  async *contents(): AsyncIterable<StoredContent> {
    const list = await open(join(this.#to, 'list'));
    for await (const line of list.readLines()) yield JSON.parse(line) as StoredContent;
  }

  /** In pieces; says at the end whether it was what the database says of it. */
  async *read({ blob, sha256 }: StoredContent): AsyncGenerator<Buffer, boolean> {
    const hash = createHash('sha256');
    let piece: Buffer[] = [];
    let length = 0;
    for await (const chunk of createReadStream(join(this.#to, blob), { highWaterMark: PIECE })) {
      hash.update(chunk as Buffer);
      piece.push(chunk as Buffer);
      length += (chunk as Buffer).length;
      if (length < PIECE) continue;
      yield Buffer.concat(piece);
      [piece, length] = [[], 0];
    }
    yield Buffer.concat(piece);
    return hash.digest('hex') === sha256;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#to, { recursive: true, force: true });
    this.#lock[Symbol.dispose]();
  }

  async #linkAll(): Promise<void> {
    const folder = await opendir(this.#from).catch(() => undefined);
    if (folder === undefined) return;
    for await (const { name } of folder) if (ID.test(name)) await this.#link(name);
  }

  async #include(snapshot: Snapshot): Promise<void> {
    [this.count, this.bytes, this.missing.count, this.missing.first] = [0, 0, 0, []];
    await using list = await open(join(this.#to, 'list'), 'w', 0o600);
    for await (const content of snapshot.contents()) {
      const size = await this.#held(content.blob);
      if (size === undefined) note(this.missing, content.blob);
      else await this.#listed(list, content, size);
    }
  }

  async #listed(list: FileHandle, content: StoredContent, size: number): Promise<void> {
    this.count += 1;
    this.bytes += size;
    await list.write(`${JSON.stringify(content)}\n`);
  }

  /** Bytes; undefined where it is gone. */
  async #held(blob: string): Promise<number | undefined> {
    await this.#link(blob);
    return stat(join(this.#to, blob)).then(({ size }) => size, missing);
  }

  async #link(blob: string): Promise<void> {
    try {
      await link(join(this.#from, blob), join(this.#to, blob));
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'EEXIST') return;
      const why = `a file of ${this.#from} cannot be held while the backup is made: ${message}`;
      throw new CarrelError(
        'bad_request',
        `${why}; its file system has to have hard links, and its owner has to make the backup`,
      );
    }
  }
}

export function note(flawed: Flawed, blob: string): void {
  flawed.count += 1;
  if (flawed.first.length < MOST_NAMED) flawed.first.push(blob);
}

const missing = (error: NodeJS.ErrnoException): undefined => {
  if (error.code !== 'ENOENT') throw error;
};

function lockOf(folder: string, dataFolder: string): Disposable {
  try {
    return lockDataFolder(folder);
  } catch (cause) {
    if (!/another Carrel/.test((cause as Error).message)) throw cause;
    throw new CarrelError('conflict', `another backup of ${dataFolder} is being made; wait until it has ended`, {
      cause,
    });
  }
}
