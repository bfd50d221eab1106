/** Tar archives as every `tar` reads them (ustar): writing with sizes that are known only afterwards, and finding entries again. */
import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { CarrelError } from '../base/errors.ts';

const BLOCK = 512;
/** The largest size that the header's eleven octal digits hold. */
const LARGEST = 0o77777777777;
const LONGEST_NAME = 100;

export interface WrittenEntry {
  readonly name: string;
  readonly size: number;
  /** Of the content, in hexadecimal digits. */
  readonly sha256: string;
}

export interface FoundEntry {
  readonly name: string;
  readonly size: number;
  readonly mode: number;
  /** Position of the content in the file. */
  readonly start: number;
}

/** Writes into a file that is empty. Each entry's header is written when its content has ended. */
export class TarWriter {
  readonly #file: FileHandle;
  readonly #now: number;
  #end = 0;

  /** `now` is the date of all entries, in seconds since the epoch. */
  constructor(file: FileHandle, now: number) {
    this.#file = file;
    this.#now = now;
  }

  async add(name: string, content: AsyncIterable<Uint8Array>, mode = 0o644): Promise<WrittenEntry> {
    const begin = this.#end;
    const hash = createHash('sha256');
    let size = 0;
    for await (const chunk of content) {
      hash.update(chunk);
      await writeAt(this.#file, chunk, begin + BLOCK + size);
      size += chunk.byteLength;
    }
    await writeAt(this.#file, tarHeader({ name, size, mode }, this.#now), begin);
    const padding = (BLOCK - (size % BLOCK)) % BLOCK;
    await writeAt(this.#file, Buffer.alloc(padding), begin + BLOCK + size);
    this.#end = begin + BLOCK + size + padding;
    return { name, size, sha256: hash.digest('hex') };
  }

  /** Two empty blocks end an archive. */
  async end(): Promise<void> {
    await writeAt(this.#file, Buffer.alloc(2 * BLOCK), this.#end);
  }
}

/** An archive of small files, as one buffer. */
export function tarOf(files: readonly { name: string; mode: number; content: Buffer }[], now: number): Buffer {
  const parts = files.flatMap(({ name, mode, content }) => [
    tarHeader({ name, size: content.length, mode }, now),
    content,
    Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK),
  ]);
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]);
}

/** Reads `length` bytes at `position`; fewer only at the end. */
export type ReadAt = (position: number, length: number) => Promise<Buffer>;

export const fromFile =
  (file: FileHandle): ReadAt =>
  async (position, length) => {
    const buffer = Buffer.alloc(length);
    const { bytesRead } = await file.read(buffer, 0, length, position);
    return buffer.subarray(0, bytesRead);
  };

export const fromBuffer =
  (buffer: Buffer): ReadAt =>
  async (position, length) =>
    buffer.subarray(position, position + length);

/** All entries that are files. Throws `bad_request` for what is no archive, is cut off, or holds anything else. */
export async function tarEntries(read: ReadAt): Promise<FoundEntry[]> {
  const entries: FoundEntry[] = [];
  for (let at = 0; ; ) {
    const header = await read(at, BLOCK);
    if (header.length < BLOCK) throw new CarrelError('bad_request', `the archive is cut off at byte ${at}`);
    if (header.every((byte) => byte === 0)) return entries;
    const entry = readTarHeader(header, at);
    entries.push(entry);
    at += BLOCK + Math.ceil(entry.size / BLOCK) * BLOCK;
  }
}

/** Of the 512 bytes at position `at`. Throws `bad_request` where they are none of a plain file. */
export function readTarHeader(header: Buffer, at: number): FoundEntry {
  const size = Number.parseInt(textOf(header, 124, 12), 8);
  const mode = Number.parseInt(textOf(header, 100, 8), 8);
  const [name, kind] = [textOf(header, 0, LONGEST_NAME), textOf(header, 156, 1)];
  if (Number.parseInt(textOf(header, 148, 8), 8) !== checksum(header) || Number.isNaN(size) || Number.isNaN(mode))
    throw new CarrelError('bad_request', `at byte ${at} there is no entry of a tar archive`);
  if (kind !== '0') throw new CarrelError('bad_request', `${name} is not a plain file`);
  return { name, size, mode, start: at + BLOCK };
}

export function tarHeader({ name, size, mode }: { name: string; size: number; mode: number }, now: number): Buffer {
  if (Buffer.byteLength(name) > LONGEST_NAME) throw new RangeError(`${name} is longer than ${LONGEST_NAME} bytes`);
  if (size > LARGEST) throw new RangeError(`${name} is larger than ${LARGEST} bytes`);
  const header = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, width: number) =>
    header.write(`${value.toString(8).padStart(width - 1, '0')}\0`, at);
  header.write(name, 0);
  octal(mode, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(now, 136, 12);
  header.write('0', 156);
  header.write('ustar\x0000', 257);
  header.write(`${checksum(header).toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

/** The sum of all bytes, those of the sum itself taken as spaces. */
function checksum(header: Buffer): number {
  let sum = 8 * 0x20;
  for (const [at, byte] of header.entries()) if (at < 148 || at >= 156) sum += byte;
  return sum;
}

function textOf(header: Buffer, at: number, length: number): string {
  const field = header.subarray(at, at + length);
  const end = field.indexOf(0);
  return field.subarray(0, end < 0 ? length : end).toString('utf8');
}

async function writeAt(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.byteLength; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.byteLength - done, position + done);
    done += bytesWritten;
  }
}
