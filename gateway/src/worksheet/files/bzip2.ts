/**
 * Unpacks bzip2, for old Sage worksheets only: Node has no bzip2, and the packages for it have not been kept for years. The format:
 * runs, Burrows-Wheeler, move to front, Huffman, in blocks of at most 900 kB that each carry a checksum. Pure.
 */
import { CarrelError } from '../../base/errors.ts';
import { BitReader, damaged, HuffmanCode } from './huffman.ts';

const BLOCK = 0x314159265359;
const END = 0x177245385090;
/** Symbols that are coded with one Huffman code before the next is chosen. */
const GROUP = 50;

/** Throws `bad_request` for what is no bzip2 or is damaged, `too_large` for what has more than `most` bytes. */
export function bunzip2(file: Uint8Array, most: number): Uint8Array {
  const bits = new BitReader(file);
  const output = new Output(most);
  do {
    readStream(bits, output);
    bits.alignToByte();
  } while (bits.left > 0);
  return output.bytes();
}

function readStream(bits: BitReader, output: Output): void {
  const level = bits.read(24) === 0x425a68 ? bits.read(8) - 0x30 : 0;
  if (level < 1 || level > 9) throw new CarrelError('bad_request', 'the file is no bzip2 archive');
  let all = 0;
  for (;;) {
    const kind = bits.read(24) * 2 ** 24 + bits.read(24);
    const checksum = bits.read(16) * 2 ** 16 + bits.read(16);
    if (kind === END && checksum === all) return;
    if (kind !== BLOCK) throw damaged();
    output.beginBlock();
    readBlock(bits, level * 100_000, output);
    if (output.checksum() !== checksum) throw damaged();
    all = (((all << 1) | (all >>> 31)) ^ checksum) >>> 0;
  }
}

function readBlock(bits: BitReader, size: number, output: Output): void {
  /** Blocks that bzip2 0.9 made "random"; nothing has written them since 1997. */
  if (bits.read(1) === 1) throw damaged();
  const first = bits.read(24);
  const bytes = readAlphabet(bits);
  const codes = readCodes(bits, bytes.length + 2);
  const block = new Uint32Array(size);
  const length = readSymbols(bits, bytes, codes, block);
  if (first >= length) throw damaged();
  unsort(block, length, first, output);
}

/** The bytes that occur, in order: 16 bits say which sixteenths, 16 bits for each of them which bytes. */
function readAlphabet(bits: BitReader): number[] {
  const rows = bits.read(16);
  const bytes: number[] = [];
  for (let row = 0; row < 16; row += 1) {
    if ((rows & (0x8000 >> row)) === 0) continue;
    const used = bits.read(16);
    for (let column = 0; column < 16; column += 1) if (used & (0x8000 >> column)) bytes.push(row * 16 + column);
  }
  if (bytes.length === 0) throw damaged();
  return bytes;
}

/** Answers the code for each group of symbols. */
function readCodes(bits: BitReader, symbols: number): HuffmanCode[] {
  const count = bits.read(3);
  const groups = bits.read(15);
  if (count < 2 || count > 6 || groups === 0) throw damaged();
  const recent = Array.from({ length: count }, (_, index) => index);
  const chosen = Array.from({ length: groups }, () => {
    let place = 0;
    while (bits.read(1) === 1) if (++place >= count) throw damaged();
    const [index = 0] = recent.splice(place, 1);
    recent.unshift(index);
    return index;
  });
  const codes = Array.from({ length: count }, () => new HuffmanCode(readLengths(bits, symbols)));
  return chosen.map((index) => codes[index] as HuffmanCode);
}

function readLengths(bits: BitReader, symbols: number): number[] {
  let length = bits.read(5);
  return Array.from({ length: symbols }, () => {
    for (;;) {
      if (length < 1 || length > 20) throw damaged();
      if (bits.read(1) === 0) return length;
      length += bits.read(1) === 0 ? 1 : -1;
    }
  });
}

/** Answers how many bytes `block` holds afterwards. */
function readSymbols(bits: BitReader, bytes: number[], codes: readonly HuffmanCode[], block: Uint32Array): number {
  const end = bytes.length + 1;
  let length = 0;
  let run = 0;
  let digit = 1;
  const endRun = (): void => {
    if (length + run > block.length) throw damaged();
    block.fill(bytes[0] ?? 0, length, length + run);
    length += run;
    run = 0;
    digit = 1;
  };
  for (const code of codes)
    for (let left = GROUP; left > 0; left -= 1) {
      const symbol = code.read(bits);
      if (symbol <= 1) {
        /** A run's length in digits 1 and 2. */
        run += digit << symbol;
        digit *= 2;
        if (run > block.length) throw damaged();
        continue;
      }
      endRun();
      if (symbol === end) return length;
      if (length >= block.length) throw damaged();
      const [byte = 0] = bytes.splice(symbol - 1, 1);
      bytes.unshift(byte);
      block[length] = byte;
      length += 1;
    }
  throw damaged();
}

/** Undoes the Burrows-Wheeler transform: the upper bits of each entry become the place of the byte that follows it. */
function unsort(block: Uint32Array, length: number, first: number, output: Output): void {
  const places = new Uint32Array(256);
  for (let at = 0; at < length; at += 1) places[(block[at] ?? 0) & 0xff] = (places[(block[at] ?? 0) & 0xff] ?? 0) + 1;
  let sum = 0;
  places.forEach((count, byte) => {
    places[byte] = sum;
    sum += count;
  });
  for (let at = 0; at < length; at += 1) {
    const byte = (block[at] ?? 0) & 0xff;
    const place = places[byte] ?? 0;
    block[place] = ((block[place] ?? 0) | (at << 8)) >>> 0;
    places[byte] = place + 1;
  }
  let at = (block[first] ?? 0) >>> 8;
  for (let left = length; left > 0; left -= 1) {
    const entry = block[at] ?? 0;
    output.put(entry & 0xff);
    at = entry >>> 8;
  }
}

/** Undoes the outermost step: after four equal bytes stands how often the byte comes again. */
class Output {
  readonly #most: number;
  #bytes = new Uint8Array(1 << 16);
  #length = 0;
  #last = -1;
  #equal = 0;
  #checksum = 0xffffffff;

  constructor(most: number) {
    this.#most = most;
  }

  beginBlock(): void {
    this.#last = -1;
    this.#equal = 0;
    this.#checksum = 0xffffffff;
  }

  put(byte: number): void {
    if (this.#equal === 4) {
      this.#equal = 0;
      for (let left = byte; left > 0; left -= 1) this.#push(this.#last);
      return;
    }
    this.#equal = byte === this.#last ? this.#equal + 1 : 1;
    this.#last = byte;
    this.#push(byte);
  }

  checksum(): number {
    return ~this.#checksum >>> 0;
  }

  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #push(byte: number): void {
    if (this.#length === this.#most)
      throw new CarrelError('too_large', `the archive unpacks to more than ${this.#most.toLocaleString('en')} bytes`);
    if (this.#length === this.#bytes.length) {
      const larger = new Uint8Array(this.#length * 2);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes[this.#length] = byte;
    this.#length += 1;
    this.#checksum = (this.#checksum << 8) ^ (CHECKSUMS[(this.#checksum >>> 24) ^ byte] ?? 0);
  }
}

const CHECKSUMS = Int32Array.from({ length: 256 }, (_, byte) => {
  let value = byte << 24;
  for (let bit = 0; bit < 8; bit += 1) value = value < 0 ? (value << 1) ^ 0x04c11db7 : value << 1;
  return value;
});
