/**
 * Codec of the frames of docs/spec/agent-stream.md (AF1 to AF8). The decoder takes the stream in pieces of any size, keeps
 * views of them and joins a message once, when it is complete; every bound is checked before bytes are kept. Pure.
 */
import { FrameViolation } from './agent-violation.ts';

export const FRAME_HEADER = 16;
export const MAX_BODY = 1024 * 1024;
export const MAX_MESSAGE = 128 * MAX_BODY;
/** Parts are kept as views until the last one has come; tiny ones must not cost more than they carry. */
const MAX_PARTS = 1024;

/** AF21: of a piece of a file. */
export const MAX_DATA = 64 * 1024;

const MAGIC = 0xca;
const VERSION = 1;
const CONTROL = 1;
const MESSAGE = 2;
const DATA = 3;
const MORE = 1;
const ABORT = 2;

export type FrameEvent =
  | { readonly kind: 'control'; readonly body: Buffer }
  /** A part of a message that goes on. */
  | { readonly kind: 'part'; readonly size: number; readonly last: number }
  /** `first` and `last` are the sequence numbers of its parts. */
  | { readonly kind: 'message'; readonly body: Buffer; readonly first: number; readonly last: number }
  | { readonly kind: 'aborted'; readonly last: number }
  /** A piece of a file. */
  | { readonly kind: 'data'; readonly transfer: number; readonly body: Buffer };

/** A control frame with the JSON of `body`. */
export function encodeControl(body: object): Buffer {
  const json = Buffer.from(JSON.stringify(body));
  return Buffer.concat([header(CONTROL, 0, json.length, 0), json]);
}

/** Header and body of one message frame, not joined; `part` is at most 1 MiB. */
export function encodePart(seq: number, part: Buffer, more: boolean): [Buffer, Buffer] {
  return [header(MESSAGE, more ? MORE : 0, part.length, seq), part];
}

/** AF21: header and body of a piece of a file, not joined; `piece` has 1 to 64 KiB. */
export const encodeData = (transfer: number, piece: Buffer): [Buffer, Buffer] => [
  header(DATA, 0, piece.length, transfer),
  piece,
];

/** AF5. */
export const encodeAbort = (seq: number): Buffer => header(MESSAGE, ABORT, 0, seq);

function header(kind: number, flags: number, length: number, seq: number): Buffer {
  const bytes = Buffer.alloc(FRAME_HEADER);
  bytes[0] = MAGIC;
  bytes[1] = VERSION;
  bytes[2] = kind;
  bytes[3] = flags;
  bytes.writeUInt32LE(length, 4);
  bytes.writeBigUInt64LE(BigInt(seq), 8);
  return bytes;
}

interface Head {
  readonly kind: number;
  readonly flags: number;
  readonly length: number;
  readonly seq: number;
}

export class FrameDecoder {
  /** Last sequence number that came. */
  #last: number;
  readonly #zeros: boolean;
  #head: Head | undefined;
  /** The header or body under way where one chunk does not hold it all, and how much of it has come. */
  #partial: Buffer | undefined;
  #have = 0;
  /** Parts of the message under way. */
  #parts: Buffer[] = [];
  #partsSize = 0;
  #open = false;
  #firstPart = 0;

  /**
   * `last`: number of the last frame that the receiver holds; frames up to it are ignored (AF2). `zeros`: zero bytes between
   * frames are skipped, as on the way to an agent (AF8).
   */
  constructor(last: number, zeros = false) {
    this.#last = last;
    this.#zeros = zeros;
  }

  /**
   * For the first connection of a process: the sender says which number comes next. It may be in the middle of a message whose
   * beginning an earlier process had.
   */
  expect(next: number): void {
    this.#last = next - 1;
    this.#open = next > 1;
  }

  /** A new connection begins: a frame that was not complete comes again (AF9). Parts of a message stay. */
  forget(): void {
    this.#head = undefined;
    this.#partial = undefined;
    this.#have = 0;
  }

  /** Decodes what `chunk` completes. Throws `FrameViolation`; the decoder is of no use afterwards. */
  push(chunk: Buffer, take: (event: FrameEvent) => void): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#head === undefined && this.#have === 0) {
        while (this.#zeros && chunk[at] === 0) at += 1;
        if (at === chunk.length) return;
        if (chunk[at] !== MAGIC)
          throw new FrameViolation('magic', `expected ca, got ${chunk.toString('hex', at, at + 1)}`);
      }
      const wanted = this.#head?.length ?? FRAME_HEADER;
      const end = Math.min(chunk.length, at + wanted - this.#have);
      const complete = this.#collect(chunk, at, end, wanted);
      at = end;
      if (complete === undefined) return;
      const head = this.#head ?? this.#check(complete);
      const isHead = this.#head === undefined;
      this.#head = isHead && head.length > 0 ? head : undefined;
      if (this.#head === undefined) this.#body(head, isHead ? EMPTY : complete, take);
    }
  }

  /** A view where one chunk holds all that is wanted; otherwise it is gathered, at most 1 MiB, in one piece of memory. */
  #collect(chunk: Buffer, start: number, end: number, wanted: number): Buffer | undefined {
    if (end - start === wanted) return chunk.subarray(start, end);
    this.#partial ??= Buffer.allocUnsafe(wanted);
    chunk.copy(this.#partial, this.#have, start, end);
    this.#have += end - start;
    if (this.#have < wanted) return undefined;
    const complete = this.#partial;
    this.#partial = undefined;
    this.#have = 0;
    return complete;
  }

  #check(bytes: Buffer): Head {
    const [version, kind, flags] = [bytes[1], bytes[2] ?? 0, bytes[3] ?? 0];
    const length = bytes.readUInt32LE(4);
    const seq = Number(bytes.readBigUInt64LE(8));
    if (version !== VERSION) throw new FrameViolation('version', `expected ${VERSION}, got ${version}`);
    if (kind === DATA) return checkData({ kind, flags, length, seq });
    if (kind !== CONTROL && kind !== MESSAGE) throw new FrameViolation('kind', `expected 1, 2 or 3, got ${kind}`);
    if (flags > (kind === CONTROL ? 0 : ABORT))
      throw new FrameViolation('flags', `${flags} in a frame of kind ${kind}`);
    if (length > MAX_BODY || (flags === ABORT && length > 0))
      throw new FrameViolation('length', `expected at most ${flags === ABORT ? 0 : MAX_BODY} bytes, got ${length}`);
    if ((kind === CONTROL) !== (seq === 0)) throw new FrameViolation('sequence', `${seq} in a frame of kind ${kind}`);
    if (seq > this.#last + 1) throw new FrameViolation('sequence', `expected ${this.#last + 1}, got ${seq}`);
    if (seq === this.#last + 1) this.#checkPart(flags, length);
    return { kind, flags, length, seq };
  }

  #checkPart(flags: number, length: number): void {
    if (flags === ABORT && !this.#open) throw new FrameViolation('flags', 'ABORT where no message was begun');
    if (this.#partsSize + length > MAX_MESSAGE)
      throw new FrameViolation('length', `a message grew beyond ${MAX_MESSAGE} bytes`);
    if (this.#parts.length >= MAX_PARTS)
      throw new FrameViolation('length', `a message came in more than ${MAX_PARTS} parts`);
  }

  #body(head: Head, body: Buffer, take: (event: FrameEvent) => void): void {
    if (head.kind === CONTROL) {
      take({ kind: 'control', body });
      return;
    }
    if (head.kind === DATA) {
      take({ kind: 'data', transfer: head.seq, body });
      return;
    }
    if (head.seq <= this.#last) return;
    this.#last = head.seq;
    if (this.#parts.length === 0) this.#firstPart = head.seq;
    this.#open = head.flags === MORE;
    if (head.flags === ABORT) {
      this.#forgetParts();
      take({ kind: 'aborted', last: head.seq });
      return;
    }
    this.#parts.push(body);
    this.#partsSize += body.length;
    if (head.flags === MORE) {
      take({ kind: 'part', size: body.length, last: head.seq });
      return;
    }
    const [only] = this.#parts;
    const joined = this.#parts.length === 1 && only !== undefined ? only : Buffer.concat(this.#parts, this.#partsSize);
    const first = this.#firstPart;
    this.#forgetParts();
    take({ kind: 'message', body: joined, first, last: head.seq });
  }

  #forgetParts(): void {
    this.#parts = [];
    this.#partsSize = 0;
  }
}

function checkData(head: Head): Head {
  const { flags, length, seq } = head;
  if (flags !== 0) throw new FrameViolation('flags', `${flags} in a piece of a file`);
  if (length === 0 || length > MAX_DATA)
    throw new FrameViolation('length', `a piece of a file has 1 to ${MAX_DATA} bytes, not ${length}`);
  if (seq === 0 || !Number.isSafeInteger(seq)) throw new FrameViolation('sequence', `${seq} in a piece of a file`);
  return head;
}

const EMPTY = Buffer.alloc(0);
