/** The message that the relay carries: bytes as they came, parsed or encoded in the other format on first use. */
import type { Channel, KernelMessage, MessageHeader } from './kernel-message.ts';
import { readContent } from './message-content.ts';
import { type MessageParts, parseSmallObject } from './message-parts.ts';

const EMPTY: Readonly<Record<string, never>> = Object.freeze({});
const BRACES = Buffer.from('{}');

export class WireMessage implements KernelMessage {
  readonly header: MessageHeader;
  readonly #parts: MessageParts;
  #body: Buffer | undefined;
  #parent: Partial<MessageHeader> | undefined;
  #content: Readonly<Record<string, unknown>> | undefined;

  /** `body` is the v1 layout where the message came in it. */
  constructor(parts: MessageParts, header: MessageHeader, body?: Buffer) {
    this.header = header;
    this.#parts = parts;
    this.#body = body;
  }

  get channel(): Channel {
    return this.#parts.channel;
  }

  get parent(): Partial<MessageHeader> {
    this.#parent ??= (parseSmallObject(this.#parts.parent) as Partial<MessageHeader> | undefined) ?? EMPTY;
    return this.#parent;
  }

  get content(): Readonly<Record<string, unknown>> {
    this.#content ??= readContent(this.#parts.content, this.header.msg_type);
    return this.#content;
  }

  get contentSize(): number {
    return this.#parts.content.length;
  }

  get rawHeader(): Buffer {
    return this.#parts.header;
  }

  get rawParent(): Buffer {
    return this.#parts.parent;
  }

  get buffers(): readonly Buffer[] {
    return this.#parts.buffers;
  }

  get size(): number {
    return this.#body?.length ?? this.#lengths().reduce((sum, length) => sum + 8 + length, 16);
  }

  toV1(): Buffer {
    this.#body ??= this.#encodeV1();
    return this.#body;
  }

  toDefault(): string | Buffer {
    return this.buffers.length === 0 ? this.#text().toString('utf8') : this.#binary();
  }

  #lengths(): number[] {
    const { channel, header, parent, metadata, content, buffers } = this.#parts;
    return [
      channel.length,
      header.length,
      parent.length,
      metadata.length,
      content.length,
      ...buffers.map((b) => b.length),
    ];
  }

  #encodeV1(): Buffer {
    const { channel, header, parent, metadata, content, buffers } = this.#parts;
    const parts = [Buffer.from(channel), header, parent, metadata, content, ...buffers];
    const head = Buffer.alloc(8 * (parts.length + 2));
    head.writeBigUInt64LE(BigInt(parts.length + 1), 0);
    let at = head.length;
    for (const [i, part] of parts.entries()) {
      head.writeBigUInt64LE(BigInt(at), 8 * (i + 1));
      at += part.length;
    }
    head.writeBigUInt64LE(BigInt(at), 8 * (parts.length + 1));
    return Buffer.concat([head, ...parts], at);
  }

  /** Clients read msg_id and msg_type at the top level too (GatewayKernelClient, enterprise_gateway's client). */
  #text(): Buffer {
    const { channel, header, parent, metadata, content } = this.#parts;
    const id = JSON.stringify(this.header.msg_id);
    const type = JSON.stringify(this.header.msg_type);
    return Buffer.concat([
      Buffer.from('{"header":'),
      header,
      Buffer.from(`,"msg_id":${id},"msg_type":${type},"parent_header":`),
      orBraces(parent),
      Buffer.from(',"metadata":'),
      orBraces(metadata),
      Buffer.from(',"content":'),
      orBraces(content),
      Buffer.from(`,"buffers":[],"channel":"${channel}"}`),
    ]);
  }

  /** Big-endian: u32 number of parts, u32 offset of each, the text, the buffers. */
  #binary(): Buffer {
    const parts = [this.#text(), ...this.buffers];
    const head = Buffer.alloc(4 * (1 + parts.length));
    head.writeUInt32BE(parts.length, 0);
    let at = head.length;
    for (const [i, part] of parts.entries()) {
      head.writeUInt32BE(at, 4 * (1 + i));
      at += part.length;
    }
    return Buffer.concat([head, ...parts], at);
  }
}

/** Kernels write `null` or nothing for a parent that does not exist; clients want an object. */
const orBraces = (part: Buffer): Buffer => (part.length === 0 || part.equals(NULL) ? BRACES : part);
const NULL = Buffer.from('null');

/** A message that the gateway itself makes. */
export function makeMessage(
  channel: Channel,
  header: MessageHeader,
  parent: Buffer | object,
  content: object,
  metadata: object = {},
  buffers: readonly Buffer[] = [],
): WireMessage {
  const json = (value: object) => Buffer.from(JSON.stringify(value));
  const parts = {
    channel,
    header: json(header),
    parent: Buffer.isBuffer(parent) ? parent : json(parent),
    metadata: json(metadata),
    content: json(content),
    buffers,
  };
  return new WireMessage(parts, header);
}
