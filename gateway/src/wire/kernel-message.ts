/**
 * One message between a client and a kernel. The body keeps the bytes of the `v1.kernel.websocket.jupyter.org` layout as they
 * came, so that a message passes from kernel to browser without being encoded again; headers are parsed on first use.
 */
export type Channel = 'shell' | 'control' | 'stdin' | 'iopub';

export interface MessageHeader {
  readonly msg_id: string;
  readonly msg_type: string;
  readonly session?: string;
  readonly [field: string]: unknown;
}

export interface KernelMessage {
  readonly channel: Channel;
  readonly header: MessageHeader;
  /** Empty for messages without a parent. */
  readonly parent: Partial<MessageHeader>;
  /** The content's JSON, parsed on first use; relays do not ask for it. */
  readonly content: Readonly<Record<string, unknown>>;
  readonly buffers: readonly Buffer[];
  /** The JSON of the header and of the parent's header as they came. */
  readonly rawHeader: Buffer;
  readonly rawParent: Buffer;
  /** Bytes of the content's JSON. */
  readonly contentSize: number;
  /** Bytes of the whole body. */
  readonly size: number;
  /** The body in the v1 layout. */
  toV1(): Buffer;
  /** The default format: text without buffers, binary (u32 big-endian offsets) with buffers. */
  toDefault(): string | Buffer;
}
