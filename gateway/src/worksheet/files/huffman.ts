/** Bits, highest first, and the Huffman codes that bzip2 makes of lengths. Pure. */
import { CarrelError } from '../../base/errors.ts';

export const damaged = (): CarrelError => new CarrelError('bad_request', 'the bzip2 archive is damaged or incomplete');

const LONGEST = 20;

export class BitReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  #bit = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Whole bytes that are left. */
  get left(): number {
    return this.#bytes.length - this.#at - (this.#bit > 0 ? 1 : 0);
  }

  /** At most 24 bits. Throws where the archive ends before. */
  read(count: number): number {
    let value = 0;
    for (let left = count; left > 0; ) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) throw damaged();
      const take = Math.min(left, 8 - this.#bit);
      value = (value << take) | ((byte >> (8 - this.#bit - take)) & ((1 << take) - 1));
      left -= take;
      this.#bit += take;
      if (this.#bit < 8) continue;
      this.#bit = 0;
      this.#at += 1;
    }
    return value;
  }

  alignToByte(): void {
    if (this.#bit === 0) return;
    this.#bit = 0;
    this.#at += 1;
  }
}

/** Shorter codes come first, and within a length the symbols in their order. */
export class HuffmanCode {
  /** Of each length: the first code, the number of codes, and where their symbols begin. */
  readonly #first: number[] = [];
  readonly #count: number[] = [];
  readonly #start: number[] = [];
  readonly #symbols: number[];

  constructor(lengths: readonly number[]) {
    this.#symbols = lengths.map((_, symbol) => symbol).sort((a, b) => (lengths[a] ?? 0) - (lengths[b] ?? 0) || a - b);
    let code = 0;
    let start = 0;
    for (let length = 1; length <= LONGEST; length += 1) {
      const count = lengths.filter((other) => other === length).length;
      code *= 2;
      this.#first[length] = code;
      this.#count[length] = count;
      this.#start[length] = start;
      code += count;
      start += count;
    }
  }

  read(bits: BitReader): number {
    let code = 0;
    for (let length = 1; length <= LONGEST; length += 1) {
      code = code * 2 + bits.read(1);
      const index = code - (this.#first[length] ?? 0);
      if (index >= 0 && index < (this.#count[length] ?? 0))
        return this.#symbols[(this.#start[length] ?? 0) + index] ?? 0;
    }
    throw damaged();
  }
}
