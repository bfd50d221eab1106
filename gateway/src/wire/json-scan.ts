/**
 * Looks at JSON without building values: messages are split into their parts as bytes, and depth and the memory that values would
 * take are bounded before anything is parsed. A hostile text of `[[[[…` or `[{},{},…` therefore costs a pass over its bytes and no
 * memory. Pure.
 *
 * Accepts what Python's json module accepts: JSON, and NaN, Infinity, -Infinity. Invalid UTF-8 within strings passes.
 */
export class JsonError extends Error {
  constructor(expected: string, at: number) {
    super(`expected ${expected} at byte ${at}`);
    this.name = 'JsonError';
  }
}

/** A text that may be JSON and is beyond one of the bounds below. */
export class JsonBoundError extends JsonError {}

/** Python's json module refuses at about 1000; no message of a client that could be answered nests deeper than this. */
export const MAX_DEPTH = 512;

/**
 * Bytes of heap that JSON.parse may take for one text, beside the characters of its strings, by the estimate below: `[{},{},…` takes
 * 21 times its length. A notebook with 20 MB of points as `{"x":1,"y":2}` is within.
 */
const MOST_BUILT = 256 * 1024 * 1024;

/**
 * What V8 takes for a value and its place in an array or object, measured with Node 26 after a collection. A name takes 8 where all
 * objects have the same names, and 90 to 144 where each has its own: what is built is at most twice the estimate.
 */
const OBJECT = 64;
const ARRAY = 56;
const NAME = 48;
const STRING = 32;
const NUMBER = 24;
/** An integer of less than ten digits, true, false, null. */
const SMALL = 8;
/** NaN and the infinities. Where one occurs, the bound is half: a notebook that has them is built twice (notebook-json.ts). */
const ODD = 64;
/** What `scanObject` itself keeps of a member of the outermost object, and its name. */
const MEMBER = 160;

/** Where the value of a member stands: [start, end). */
export interface Slice {
  readonly start: number;
  readonly end: number;
}

/**
 * Members of the object that `bytes` holds; of a key that occurs twice the last one, as JSON.parse has it. Keys are compared
 * with their escapes resolved. Throws `JsonError` where the whole is not one valid object, `JsonBoundError` where it is nested deeper
 * than `maxDepth` or would take more than 256 MiB.
 */
export function scanObject(bytes: Buffer, maxDepth: number = MAX_DEPTH): Map<string, Slice> {
  const members = new Map<string, Slice>();
  new Scanner(bytes, maxDepth).root((key, value) => members.set(key, value));
  return members;
}

/** Throws as `scanObject` does, for a text that holds one value of any kind. */
export function checkJson(bytes: Buffer): void {
  new Scanner(bytes, MAX_DEPTH).any();
}

/** Whether there are so few opening brackets, within strings or not, that the text cannot nest deeper. */
export function isShallow(bytes: Buffer, depth: number): boolean {
  let open = 0;
  for (const byte of bytes) if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) open += 1;
  return open <= depth;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const COMMA = 0x2c;
const COLON = 0x3a;
const MINUS = 0x2d;
const CAPITAL_I = 0x49;
const CAPITAL_N = 0x4e;
const WORDS: readonly Buffer[] = ['true', 'false', 'null', 'NaN', 'Infinity'].map((word) => Buffer.from(word));

class Scanner {
  readonly #bytes: Buffer;
  readonly #maxDepth: number;
  #at = 0;
  /** Estimated bytes of heap for what was passed. */
  #built = 0;
  #mostBuilt = MOST_BUILT;

  constructor(bytes: Buffer, maxDepth: number) {
    this.#bytes = bytes;
    this.#maxDepth = maxDepth;
  }

  any(): void {
    this.#space();
    this.#value(0);
    this.#end();
  }

  root(member: (key: string, value: Slice) => void): void {
    this.#space();
    this.#expect(OPEN_OBJECT, 'an object');
    this.#space();
    if (this.#bytes[this.#at] === CLOSE_OBJECT) {
      this.#at += 1;
    } else {
      for (;;) {
        const key = this.#key();
        const start = this.#at;
        this.#value(1);
        member(key, { start, end: this.#at });
        this.#space();
        if (this.#bytes[this.#at] !== COMMA) break;
        this.#at += 1;
        this.#space();
      }
      this.#expect(CLOSE_OBJECT, '"," or "}"');
    }
    this.#end();
  }

  #end(): void {
    this.#space();
    if (this.#at !== this.#bytes.length) throw new JsonError('the end', this.#at);
  }

  #key(): string {
    this.#built += MEMBER;
    const start = this.#at;
    this.#string();
    const inside = this.#bytes.toString('utf8', start + 1, this.#at - 1);
    this.#colon();
    return inside.includes('\\') ? (JSON.parse(`"${inside}"`) as string) : inside;
  }

  #colon(): void {
    this.#space();
    this.#expect(COLON, '":"');
    this.#space();
  }

  /** One value of any kind within `levels`; containers are followed with a stack of one byte per level instead of recursion. */
  #value(levels: number): void {
    const open: number[] = [];
    for (;;) {
      if (this.#built > this.#mostBuilt)
        throw new JsonBoundError(`at most ${this.#mostBuilt / 1024 / 1024} MiB of values`, this.#at);
      const byte = this.#bytes[this.#at];
      if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
        if (levels + open.length >= this.#maxDepth)
          throw new JsonBoundError(`at most ${this.#maxDepth} levels`, this.#at);
        this.#built += byte === OPEN_OBJECT ? OBJECT : ARRAY;
        this.#at += 1;
        this.#space();
        if (this.#bytes[this.#at] !== byte + 2) {
          open.push(byte);
          if (byte === OPEN_OBJECT) this.#memberName();
          continue;
        }
        this.#at += 1;
      } else {
        this.#scalar(byte);
      }
      if (!this.#next(open)) return;
    }
  }

  /** After a value: closes what ends here and steps to the next value; false when the outermost value is complete. */
  #next(open: number[]): boolean {
    for (;;) {
      const container = open.at(-1);
      if (container === undefined) return false;
      this.#space();
      const byte = this.#bytes[this.#at];
      this.#at += 1;
      if (byte === COMMA) {
        this.#space();
        if (container === OPEN_OBJECT) this.#memberName();
        return true;
      }
      if (byte !== (container === OPEN_OBJECT ? CLOSE_OBJECT : CLOSE_ARRAY)) {
        throw new JsonError('"," or the end of the object or array', this.#at - 1);
      }
      open.pop();
    }
  }

  #memberName(): void {
    this.#built += NAME;
    this.#string();
    this.#colon();
  }

  #scalar(byte: number | undefined): void {
    if (byte === QUOTE) {
      this.#built += STRING;
      this.#string();
    } else if (byte === MINUS || isDigit(byte)) {
      const start = this.#at;
      const whole = this.#number();
      this.#built += whole && this.#at - start < 10 ? SMALL : NUMBER;
    } else {
      this.#built += SMALL;
      this.#word();
    }
  }

  #string(): void {
    const bytes = this.#bytes;
    this.#expect(QUOTE, 'a string');
    for (let at = this.#at; at < bytes.length; at += 1) {
      const byte = bytes[at] as number;
      if (byte === QUOTE) {
        this.#at = at + 1;
        return;
      }
      if (byte === BACKSLASH) at = this.#escape(at + 1);
      else if (byte < 0x20) throw new JsonError('no control character in a string', at);
    }
    throw new JsonError('the end of a string', bytes.length);
  }

  /** Answers the place of the escape's last byte. */
  #escape(at: number): number {
    const byte = this.#bytes[at] ?? 0;
    if (byte !== 0x75) {
      if (!'"\\/bfnrt'.includes(String.fromCharCode(byte))) throw new JsonError('an escape', at);
      return at;
    }
    for (let i = 1; i <= 4; i += 1)
      if (!isHex(this.#bytes[at + i])) throw new JsonError('four hexadecimal digits', at + i);
    return at + 4;
  }

  /** Whether it has neither a fraction nor an exponent. */
  #number(): boolean {
    let whole = true;
    if (this.#bytes[this.#at] === MINUS) this.#at += 1;
    if (this.#bytes[this.#at] === CAPITAL_I) {
      this.#word();
      return false;
    }
    if (this.#bytes[this.#at] === 0x30) this.#at += 1;
    else this.#digits();
    if (this.#bytes[this.#at] === 0x2e) {
      whole = false;
      this.#at += 1;
      this.#digits();
    }
    if (this.#bytes[this.#at] === 0x65 || this.#bytes[this.#at] === 0x45) {
      whole = false;
      this.#at += 1;
      if (this.#bytes[this.#at] === 0x2b || this.#bytes[this.#at] === MINUS) this.#at += 1;
      this.#digits();
    }
    return whole;
  }

  #digits(): void {
    if (!isDigit(this.#bytes[this.#at])) throw new JsonError('a digit', this.#at);
    while (isDigit(this.#bytes[this.#at])) this.#at += 1;
  }

  #word(): void {
    for (const word of WORDS) {
      if (!this.#holds(word)) continue;
      this.#at += word.length;
      if (word[0] === CAPITAL_N || word[0] === CAPITAL_I) {
        this.#built += ODD;
        this.#mostBuilt = MOST_BUILT / 2;
      }
      return;
    }
    throw new JsonError('a value', this.#at);
  }

  #holds(word: Buffer): boolean {
    for (let i = 0; i < word.length; i += 1) if (this.#bytes[this.#at + i] !== word[i]) return false;
    return true;
  }

  #expect(byte: number, what: string): void {
    if (this.#bytes[this.#at] !== byte) throw new JsonError(what, this.#at);
    this.#at += 1;
  }

  #space(): void {
    for (;;) {
      const byte = this.#bytes[this.#at];
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return;
      this.#at += 1;
    }
  }
}

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x39;
const isHex = (byte: number | undefined): boolean =>
  isDigit(byte) || (byte !== undefined && (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66);
