/** Reads the entries of a backup one after the other, and says at which byte something is not as it should be. */
import { createHash } from 'node:crypto';
import { CarrelError } from '../base/errors.ts';
import { readTarHeader } from '../release/tar.ts';
import { LARGEST_ENTRY } from './format.ts';

const BLOCK = 512;

export interface ReadEntry {
  readonly name: string;
  readonly content: Buffer;
  readonly sha256: string;
  /** Position of the entry in the file. */
  readonly at: number;
}

/** `where` is a name of the entry or a position. */
export const damaged = (where: string, why: string): CarrelError =>
  new CarrelError('bad_request', `the backup is damaged, nothing was changed: ${where}: ${why}`);

/** Up to the end of the archive, which has to be the end of the stream. Throws `bad_request` with the place. */
export async function* readEntries(stream: AsyncIterable<Uint8Array>): AsyncIterable<ReadEntry> {
  const bytes = new ByteReader(stream);
  for (;;) {
    const at = bytes.position;
    const header = await bytes.read(BLOCK, 'between two entries');
    if (isZero(header)) break;
    const { name, size } = headerOf(header, at);
    if (size < 0 || size > LARGEST_ENTRY) throw damaged(`${name}, at byte ${at}`, `it has ${size} bytes`);
    const content = await bytes.read(size, `in ${name}`);
    const padding = (BLOCK - (size % BLOCK)) % BLOCK;
    if (!isZero(await bytes.read(padding, `behind ${name}`)))
      throw damaged(`at byte ${bytes.position - padding}`, `expected zeros behind ${name}`);
    yield { name, content, at, sha256: createHash('sha256').update(content).digest('hex') };
  }
  if (!isZero(await bytes.read(BLOCK, 'at its end')))
    throw damaged(`at byte ${bytes.position - BLOCK}`, 'expected its end');
  if (!(await bytes.atEnd())) throw damaged(`at byte ${bytes.position}`, 'expected its end, found more');
}

function headerOf(header: Buffer, at: number) {
  try {
    return readTarHeader(header, at);
  } catch (cause) {
    if (at > 0) throw damaged(`at byte ${at}`, 'expected an entry');
    throw new CarrelError('bad_request', 'this is no backup of Carrel: it does not begin as one', { cause });
  }
}

const isZero = (bytes: Buffer): boolean => bytes.every((byte) => byte === 0);

class ByteReader {
  position = 0;
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(stream: AsyncIterable<Uint8Array>) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  async read(length: number, where: string): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for (let missing = length; missing > 0; ) {
      if (this.#rest.length === 0 && !(await this.#more())) {
        const end = this.position + length - missing;
        if (end === 0) throw new CarrelError('bad_request', 'this is no backup of Carrel: it is empty');
        throw new CarrelError('bad_request', `the backup is cut off at byte ${end}, ${where}; nothing was changed`);
      }
      const piece = this.#rest.subarray(0, missing);
      this.#rest = this.#rest.subarray(piece.length);
      pieces.push(piece);
      missing -= piece.length;
    }
    this.position += length;
    return pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces);
  }

  async atEnd(): Promise<boolean> {
    return this.#rest.length === 0 && !(await this.#more());
  }

  async #more(): Promise<boolean> {
    for (;;) {
      const { done, value } = await this.#chunks.next();
      if (done) return false;
      if (value.length === 0) continue;
      this.#rest = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
      return true;
    }
  }
}
