/** The parts that both wire formats are made of, and what makes them a message. */
import { MAX_DEPTH, scanObject } from './json-scan.ts';
import type { Channel, MessageHeader } from './kernel-message.ts';

/** JSON parts as they came, not validated beyond what a reader needs. */
export interface MessageParts {
  readonly channel: Channel;
  readonly header: Buffer;
  readonly parent: Buffer;
  readonly metadata: Buffer;
  readonly content: Buffer;
  readonly buffers: readonly Buffer[];
}

/** A frame that cannot be what its format promises; the message says what was expected and what was found. */
export class MessageFormatError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MessageFormatError';
  }
}

/** A header is parsed by the gateway, so it is bounded: no client or kernel comes near this. */
const LARGEST_HEADER = 64 * 1024;

const CHANNELS: ReadonlySet<string> = new Set(['shell', 'control', 'stdin', 'iopub'] satisfies Channel[]);
export const isChannel = (name: string): name is Channel => CHANNELS.has(name);

/** The header that `bytes` hold, or undefined where it is no object with a string `msg_id` and `msg_type`. */
export function parseHeader(bytes: Buffer): MessageHeader | undefined {
  const object = parseSmallObject(bytes);
  if (typeof object?.['msg_id'] !== 'string' || typeof object['msg_type'] !== 'string') return undefined;
  return object as MessageHeader;
}

/** An object of at most 64 KiB; undefined for anything else. */
export function parseSmallObject(bytes: Buffer): Record<string, unknown> | undefined {
  return bytes.length <= LARGEST_HEADER ? parseObject(bytes) : undefined;
}

/** An object within the bounds of json-scan.ts; undefined for anything else. */
function parseObject(bytes: Buffer): Record<string, unknown> | undefined {
  try {
    return readObject(bytes);
  } catch {
    return undefined;
  }
}

/** Undefined for JSON that is no object; throws `JsonBoundError` beyond the bounds of json-scan.ts, another error for no JSON. */
export function readObject(bytes: Buffer): Record<string, unknown> | undefined {
  /** Every level takes two bytes: a short text nests no deeper and holds little, whatever it says. */
  if (bytes.length > 2 * MAX_DEPTH) scanObject(bytes, MAX_DEPTH);
  const value: unknown = JSON.parse(bytes.toString('utf8'));
  return isObject(value) ? value : undefined;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** For clients that name no channel, among them jupyter_server's GatewayKernelClient (jupyter_server, gateway/managers.py). */
export function channelOfType(type: string): Channel {
  if (type === 'input_reply') return 'stdin';
  if (type === 'shutdown_request' || type === 'interrupt_request' || type === 'debug_request') return 'control';
  return 'shell';
}
