/**
 * The default format of the kernel WebSocket, client to server: one JSON object as text or, with buffers, a binary frame of
 * u32 big-endian offsets before it. The object is split into its parts without parsing them, so that numbers, escapes and
 * unknown fields reach the kernel as they were written. Pure.
 */
import { JsonError, type Slice, scanObject } from './json-scan.ts';
import type { KernelMessage } from './kernel-message.ts';
import { channelOfType, isChannel, MessageFormatError, parseHeader } from './message-parts.ts';
import { WireMessage } from './wire-message.ts';

const BRACES = Buffer.from('{}');
/** As in the v1 format. */
const MOST = 65_536;

/**
 * The message in a frame. Undefined for what is to be dropped: an unknown channel, a header that is no object or lacks msg_id
 * or msg_type. Throws `MessageFormatError` for anything that is not of the format. A text frame that begins with byte 0 is
 * read as binary: servers in front relay a browser's binary frames so.
 */
export function readDefault(frame: Buffer, binary: boolean): KernelMessage | undefined {
  const { text, buffers } = binary || frame[0] === 0 ? splitBinary(frame) : { text: frame, buffers: [] };
  const members = scan(text);
  const part = (key: string): Buffer => {
    const slice = members.get(key);
    const bytes = slice === undefined ? BRACES : text.subarray(slice.start, slice.end);
    return bytes[0] === 0x7b ? bytes : BRACES;
  };
  const header = parseHeader(part('header'));
  if (header === undefined) return undefined;
  const channel = channelName(text, members.get('channel')) ?? channelOfType(header.msg_type);
  if (!isChannel(channel)) return undefined;
  const parts = {
    channel,
    header: part('header'),
    parent: part('parent_header'),
    metadata: part('metadata'),
    content: part('content'),
    buffers,
  };
  return new WireMessage(parts, header);
}

function scan(text: Buffer): Map<string, Slice> {
  try {
    return scanObject(text);
  } catch (error) {
    if (error instanceof JsonError) throw new MessageFormatError(`not a message: ${error.message}`);
    throw error;
  }
}

/** Undefined where no channel is named; a channel that is no string has no known name. */
function channelName(text: Buffer, slice: Slice | undefined): string | undefined {
  if (slice === undefined) return undefined;
  const raw = text.toString('latin1', slice.start, Math.min(slice.end, slice.start + 16));
  return raw === 'null' ? undefined : raw.replace(/^"(.*)"$/, '$1');
}

function splitBinary(frame: Buffer): { text: Buffer; buffers: Buffer[] } {
  const count = frame.length >= 4 ? frame.readUInt32BE(0) : 0;
  const most = Math.min(MOST, Math.floor(frame.length / 4) - 1);
  if (count < 1 || count > most)
    throw new MessageFormatError(`expected a count of parts from 1 to ${most}, got ${count}`);
  const offset = (i: number) => (i < count ? frame.readUInt32BE(4 * (1 + i)) : frame.length);
  if (offset(0) !== 4 * (1 + count))
    throw new MessageFormatError(`expected the first part at ${4 * (1 + count)}, got ${offset(0)}`);
  const views: Buffer[] = [];
  for (let i = 0; i < count; i += 1) {
    if (offset(i + 1) < offset(i) || offset(i + 1) > frame.length)
      throw new MessageFormatError(
        `expected offset ${i + 1} from ${offset(i)} to ${frame.length}, got ${offset(i + 1)}`,
      );
    views.push(frame.subarray(offset(i), offset(i + 1)));
  }
  const [text, ...buffers] = views as [Buffer];
  return { text, buffers };
}
