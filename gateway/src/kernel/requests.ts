/**
 * Requests that the kernel has not finished: who asked, so that replies and input requests go to nobody else, and what is
 * owed if the kernel dies. Pure.
 */
import { remember } from '../base/remember.ts';
import type { Channel, KernelMessage, MessageHeader } from '../wire/kernel-message.ts';

export interface Request {
  readonly id: string;
  readonly type: string;
  readonly channel: Channel;
  /** Session key of the delivery log; undefined where only the kernel's messages told of the request. */
  readonly asker: string | undefined;
  readonly message: KernelMessage | undefined;
  readonly rawHeader: Buffer;
  replied: boolean;
  idle: boolean;
}

/** Bounds what is remembered for a client that asks without end; beyond, the oldest is answered by its session alone. */
const MOST_REQUESTS = 10_000;
const MOST_BYTES = 8 * 1024 * 1024;
/** Characters of a session and a msg_id that are remembered of a finished one: only the kernel's word stands for it. */
const LONGEST_EARLIER = 1024;
/** Answered by the next kernel when this one dies: a client waits for it before anything else. */
const ASKED_AGAIN = 'kernel_info_request';

export class Requests {
  readonly #open = new Map<string, Request>();
  /** Finished ones that an earlier process of the gateway had passed on; undefined once there can be no further ones. */
  #earlier: Set<string> | undefined;
  #bytes = 0;

  /** `restored`: an earlier process of the gateway may have passed requests on. */
  constructor(restored: boolean) {
    this.#earlier = restored ? new Set() : undefined;
  }

  get size(): number {
    return this.#open.size;
  }

  /** A client's message goes to the kernel. Only requests are answered, so only they are remembered. */
  asked(message: KernelMessage, asker: string): void {
    const { msg_id: id, msg_type: type } = message.header;
    if (!type.endsWith('_request')) return;
    const again = type === ASKED_AGAIN ? message : undefined;
    const { channel, rawHeader } = message;
    this.#add({ id, type, channel, asker, message: again, rawHeader, replied: false, idle: false }, message.header);
  }

  /**
   * The kernel tells of a cell, perhaps of one that was asked for before the gateway restarted. What a finished cell's threads and
   * tasks still print does not open it again. Cells run in their order: after the first one of this process there is none of an
   * earlier one.
   */
  heardOf(message: KernelMessage): void {
    const { msg_id: id, msg_type: type } = message.parent;
    if (this.#earlier === undefined || id === undefined || type !== 'execute_request') return;
    const key = keyOf(message.parent);
    const known = this.#open.get(key);
    if (known?.asker !== undefined) this.#earlier = undefined;
    if (known !== undefined || this.#earlier?.has(key)) return;
    const request = { id, type, channel: 'shell' as const, asker: undefined, message: undefined };
    this.#add({ ...request, rawHeader: message.rawParent, replied: false, idle: false }, message.parent);
  }

  find(parent: Partial<MessageHeader>): Request | undefined {
    return this.#open.get(keyOf(parent));
  }

  /** A request is finished when both its reply and its idle have come, in either order. */
  finished(parent: Partial<MessageHeader>, by: 'replied' | 'idle'): void {
    const request = this.find(parent);
    if (request === undefined) return;
    request[by] = true;
    if (!request.replied || !request.idle) return;
    this.#remove(keyOf(parent));
    if (request.asker === undefined) this.#rememberEarlier(keyOf(parent));
  }

  /** All that is open, in the order asked; nothing is open afterwards. */
  takeAll(): Request[] {
    const all = [...this.#open.values()];
    this.#open.clear();
    this.#bytes = 0;
    this.#earlier = undefined;
    return all;
  }

  /** Of more than these the oldest is forgotten; what it still prints opens it again, within the bounds of what is open. */
  #rememberEarlier(key: string): void {
    if (this.#earlier === undefined || key.length > LONGEST_EARLIER) return;
    remember(this.#earlier, key, MOST_REQUESTS);
  }

  #add(request: Request, header: Partial<MessageHeader>): void {
    const key = keyOf(header);
    this.#remove(key);
    this.#open.set(key, request);
    this.#bytes += request.rawHeader.length;
    for (const [oldest] of this.#open) {
      if (this.#open.size <= MOST_REQUESTS && this.#bytes <= MOST_BYTES) break;
      this.#remove(oldest);
    }
  }

  #remove(key: string): void {
    this.#bytes -= this.#open.get(key)?.rawHeader.length ?? 0;
    this.#open.delete(key);
  }
}

/** Two clients may choose the same msg_id. */
const keyOf = (header: Partial<MessageHeader>): string => `${header.session ?? ''}\n${header.msg_id ?? ''}`;
