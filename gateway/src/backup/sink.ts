/** Where a backup is written to: a file that has its name when it is whole, or standard output. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Writable } from 'node:stream';
import { CarrelError } from '../base/errors.ts';

export interface Sink extends AsyncDisposable {
  write(bytes: Uint8Array): Promise<void>;
  /** It is whole. Answers the sum of all of it, in hexadecimal digits, and its bytes. */
  finish(): Promise<{ sha256: string; bytes: number }>;
}

/** Throws `conflict` where there is such a file. Nothing is left of a backup that was not finished. */
export async function fileSink(path: string): Promise<Sink> {
  if (existsSync(path)) throw new CarrelError('conflict', `there is a file ${path} already; name another one`);
  const draft = `${path}.part`;
  const file = await open(draft, 'w', 0o600).catch((cause: Error) => {
    throw new CarrelError('bad_request', `the backup cannot be written: ${cause.message}`, { cause });
  });
  return new FileSink(file, draft, path);
}

class FileSink implements Sink {
  readonly #file: FileHandle;
  readonly #draft: string;
  readonly #path: string;
  readonly #hash = createHash('sha256');
  #bytes = 0;

  constructor(file: FileHandle, draft: string, path: string) {
    this.#file = file;
    this.#draft = draft;
    this.#path = path;
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#hash.update(bytes);
    try {
      for (let done = 0; done < bytes.byteLength; ) done += (await this.#file.write(bytes, done)).bytesWritten;
    } catch (cause) {
      const message = `the backup cannot be written after ${this.#bytes} bytes: ${(cause as Error).message}`;
      throw new CarrelError('no_capacity', message, { cause });
    }
    this.#bytes += bytes.byteLength;
  }

  async finish(): Promise<{ sha256: string; bytes: number }> {
    await this.#file.sync();
    await rename(this.#draft, this.#path);
    const folder = await open(dirname(this.#path));
    await folder.sync().finally(() => folder.close());
    return { sha256: this.#hash.digest('hex'), bytes: this.#bytes };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
    await rm(this.#draft, { force: true });
  }
}

/** Waits where the reader is slower. */
export function streamSink(stream: Writable): Sink {
  const hash = createHash('sha256');
  let bytes = 0;
  const failed = once(stream, 'error').then(([cause]) => {
    throw new CarrelError('bad_request', `the backup cannot be written: ${(cause as Error).message}`, { cause });
  });
  failed.catch(() => {});
  return {
    write: async (piece) => {
      hash.update(piece);
      bytes += piece.byteLength;
      if (!stream.write(piece)) await Promise.race([new Promise((done) => stream.once('drain', done)), failed]);
    },
    finish: async () => {
      await Promise.race([new Promise<void>((done) => stream.write('', () => done())), failed]);
      return { sha256: hash.digest('hex'), bytes };
    },
    [Symbol.asyncDispose]: async () => {},
  };
}
