/**
 * The layout of `v1.kernel.websocket.jupyter.org`, little-endian: u64 count, count u64 offsets, then channel, header,
 * parent_header, metadata, content and buffers. Frames of clients and message bodies of agents have it alike. Pure.
 */
import type { KernelMessage } from './kernel-message.ts';
import { isChannel, MessageFormatError, type MessageParts, parseHeader } from './message-parts.ts';
import { WireMessage } from './wire-message.ts';

/** Offsets of five JSON and text parts and of the end. */
const FEWEST = 6;
/** Each part costs an object; no client sends a message of so many buffers. */
const MOST = 65_536;

/** The parts of a body, each a view of it. Counts and offsets are checked against the length before anything is allocated. */
export function splitV1(body: Buffer): { channel: string; parts: Omit<MessageParts, 'channel'> } {
  const count = body.length >= 8 ? readU64(body, 0) : 0;
  const most = Math.min(MOST, Math.floor(body.length / 8) - 1);
  if (count < FEWEST || count > most)
    throw new MessageFormatError(`expected a count of offsets from ${FEWEST} to ${most}, got ${count}`);
  const start = 8 * (1 + count);
  let previous = readU64(body, 8);
  if (previous !== start) throw new MessageFormatError(`expected the first part at ${start}, got ${previous}`);
  const views: Buffer[] = [];
  for (let i = 2; i <= count; i += 1) {
    const next = readU64(body, 8 * i);
    if (next < previous || next > body.length)
      throw new MessageFormatError(`expected offset ${i} from ${previous} to ${body.length}, got ${next}`);
    views.push(body.subarray(previous, next));
    previous = next;
  }
  if (previous !== body.length)
    throw new MessageFormatError(`expected the last part to end at ${body.length}, got ${previous}`);
  const [channel, header, parent, metadata, content, ...buffers] = views as [Buffer, Buffer, Buffer, Buffer, Buffer];
  return { channel: channel.toString('latin1', 0, 16), parts: { header, parent, metadata, content, buffers } };
}

/**
 * The message in a body. Undefined where the layout is right and the message is of no use: an unknown channel, a header that
 * is no object or lacks msg_id or msg_type. Throws `MessageFormatError` where the layout is wrong.
 */
export function readV1(body: Buffer): KernelMessage | undefined {
  const { channel, parts } = splitV1(body);
  const header = parseHeader(parts.header);
  if (header === undefined || !isChannel(channel)) return undefined;
  return new WireMessage({ channel, ...parts }, header, body);
}

/** Infinity where the value is beyond what a length can be; every caller compares with a length. */
function readU64(bytes: Buffer, at: number): number {
  const high = bytes.readUInt32LE(at + 4);
  return high < 0x20_0000 ? high * 0x1_0000_0000 + bytes.readUInt32LE(at) : Number.POSITIVE_INFINITY;
}
