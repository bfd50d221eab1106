/** Writes the entries of a backup one after the other, and the lists of their sums between them. */
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { constants, zstdCompress } from 'node:zlib';
import { tarHeader } from '../release/tar.ts';
import { LISTED, numbered, SUMS } from './format.ts';
import type { Sink } from './sink.ts';

const BLOCK = 512;
const MODE = 0o600;
const pack = promisify(zstdCompress);
/** zstd's own checksum says early that a piece is damaged. */
const PACKING = { params: { [constants.ZSTD_c_compressionLevel]: 3, [constants.ZSTD_c_checksumFlag]: 1 } };

export class ArchiveWriter {
  readonly sums: { readonly name: string; readonly sha256: string }[] = [];
  readonly #sink: Sink;
  readonly #seconds: number;
  #lines: string[] = [];
  #entries = 0;

  /** `seconds` since the epoch are the date of all entries. */
  constructor(sink: Sink, seconds: number) {
    this.#sink = sink;
    this.#seconds = seconds;
  }

  /** Without the lists of sums. */
  get entries(): number {
    return this.#entries;
  }

  async packed(name: string, content: Buffer): Promise<void> {
    await this.add(name, await pack(content, PACKING));
  }

  async add(name: string, content: Buffer): Promise<void> {
    this.#entries += 1;
    this.#lines.push(`${await this.plain(name, content)}  ${name}\n`);
    if (this.#lines.length >= LISTED) await this.list();
  }

  /** Of the entries since the last list. */
  async list(): Promise<void> {
    if (this.#lines.length === 0) return;
    const name = numbered(SUMS, this.sums.length + 1, '');
    this.sums.push({ name, sha256: await this.plain(name, Buffer.from(this.#lines.join(''))) });
    this.#lines = [];
  }

  /** In no list; answers its sum. */
  async plain(name: string, content: Buffer): Promise<string> {
    await this.#sink.write(tarHeader({ name, size: content.length, mode: MODE }, this.#seconds));
    await this.#sink.write(content);
    const padding = (BLOCK - (content.length % BLOCK)) % BLOCK;
    if (padding > 0) await this.#sink.write(Buffer.alloc(padding));
    return createHash('sha256').update(content).digest('hex');
  }

  async end(): Promise<void> {
    await this.#sink.write(Buffer.alloc(2 * BLOCK));
  }
}
