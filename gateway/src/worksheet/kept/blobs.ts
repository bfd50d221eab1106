/**
 * The content of kept files: one file of the data folder each, named by a random id and never by what a person calls it. What is
 * written is on the disk before its id is given; what nobody refers to any more is swept.
 */
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { CarrelError } from '../../base/errors.ts';

const ID = /^[0-9a-f]{32}$/;

export interface Blob {
  readonly id: string;
  /** Bytes. */
  readonly size: number;
  readonly sha256: string;
}

export class Blobs {
  readonly #folder: string;
  readonly #uses: (blob: string) => Promise<boolean>;
  readonly #all: () => Promise<ReadonlySet<string>>;
  /** Being written, or written and not referred to yet: not to be swept. */
  readonly #fresh = new Set<string>();
  #made: Promise<unknown> | undefined;

  /** `uses`: whether anything refers to a blob; `all`: every blob that something refers to. */
  constructor(folder: string, refers: { uses(blob: string): Promise<boolean>; blobs(): Promise<ReadonlySet<string>> }) {
    this.#folder = folder;
    this.#uses = (blob) => refers.uses(blob);
    this.#all = () => refers.blobs();
  }

  /** An empty one, to be filled. */
  async create(): Promise<BlobWriter> {
    this.#made ??= mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await this.#made;
    const id = randomBytes(16).toString('hex');
    this.#fresh.add(id);
    try {
      return new BlobWriter(id, await open(join(this.#folder, id), 'wx', 0o600), this.#folder);
    } catch (error) {
      this.#fresh.delete(id);
      throw readable(error);
    }
  }

  /** Something refers to it now, or nothing ever will. */
  async settle(id: string): Promise<void> {
    this.#fresh.delete(id);
    await this.drop(id);
  }

  /** Removes it unless something refers to it. */
  async drop(id: string): Promise<void> {
    if (!this.#fresh.has(id) && !(await this.#uses(id))) await unlink(join(this.#folder, id)).catch(ignoreMissing);
  }

  /** Its content; a blob that is dropped meanwhile is read to its end. */
  async read(id: string): Promise<Readable> {
    const handle = await open(join(this.#folder, id));
    return createReadStream('', { fd: handle, highWaterMark: 256 * 1024 });
  }

  /** Removes what nothing refers to; answers how many. */
  async sweep(): Promise<number> {
    const found = await readdir(this.#folder).catch(() => []);
    /** In this order: what was fresh a moment ago is referred to by the time that is asked. */
    const candidates = found.filter((id) => ID.test(id) && !this.#fresh.has(id));
    const used = await this.#all();
    const orphans = candidates.filter((id) => !used.has(id));
    for (const id of orphans) await unlink(join(this.#folder, id)).catch(ignoreMissing);
    return orphans.length;
  }
}

export class BlobWriter {
  readonly id: string;
  readonly #handle: FileHandle;
  readonly #folder: string;
  readonly #hash = createHash('sha256');
  #size = 0;

  constructor(id: string, handle: FileHandle, folder: string) {
    this.id = id;
    this.#handle = handle;
    this.#folder = folder;
  }

  async add(piece: Buffer): Promise<void> {
    this.#hash.update(piece);
    this.#size += piece.length;
    try {
      for (let at = 0; at < piece.length; ) at += (await this.#handle.write(piece, at)).bytesWritten;
    } catch (error) {
      throw readable(error);
    }
  }

  /** On the disk, with its name, when this resolves; one that is `passing` is only to be read once, and need not be. */
  async finish(passing = false): Promise<Blob> {
    try {
      if (!passing) await this.#handle.sync();
      await this.#handle.close();
      if (!passing) await this.#nameToDisk();
    } catch (error) {
      throw readable(error);
    }
    return { id: this.id, size: this.#size, sha256: this.#hash.digest('hex') };
  }

  async #nameToDisk(): Promise<void> {
    const folder = await open(this.#folder);
    await folder.sync().finally(() => folder.close());
  }

  /** It is not wanted; whoever made it settles it. */
  async cancel(): Promise<void> {
    await this.#handle.close().catch(() => {});
  }
}

function readable(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG')
    return new CarrelError('no_capacity', 'the server has no room for files at the moment', { cause: error });
  return error;
}

const ignoreMissing = (error: NodeJS.ErrnoException): void => {
  if (error.code !== 'ENOENT') throw error;
};
