/**
 * A worksheet as the relay sees it: a client without a socket. What comes in one turn is handed on together, so that it becomes one
 * change of the document; it counts as delivered once it is in the document and the document is stored (WR9).
 */
import { randomUUID } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/ports.ts';
import type { KernelClient } from '../../kernel/client.ts';
import type { KernelConnection } from '../../kernel/contract.ts';
import type { Channel, KernelMessage, MessageHeader } from '../../wire/kernel-message.ts';
import { makeMessage } from '../../wire/wire-message.ts';

/** A store that failed is asked again after this time, in milliseconds. */
const STORE_AGAIN = 1000;
const VERSION = '5.3';

export interface LinkOptions {
  /** session_id of this worksheet's requests, the same for every process of the gateway. */
  readonly session: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Resolves when all changes of the document that were made so far are stored; undefined where they are. */
  readonly stored: () => Promise<void> | undefined;
  /** All that came in one turn, in order. The receiver calls `written` once it is in the document. */
  readonly received: (messages: readonly KernelMessage[]) => void;
  /** The relay has let go of this client, after everything that it sent. */
  readonly closed: (code: number, reason: string) => void;
}

export interface Outgoing {
  readonly channel: Channel;
  readonly type: string;
  readonly content: object;
  readonly id?: string;
  readonly parent?: Partial<MessageHeader>;
  readonly metadata?: object;
  readonly buffers?: readonly Buffer[];
}

/** To be confirmed when as many bytes as these were received and stored. */
interface Sync {
  readonly at: number;
  readonly delivered: () => void;
}

export class KernelLink implements KernelClient {
  readonly #options: LinkOptions;
  #connection: KernelConnection | undefined;
  #inbox: KernelMessage[] = [];
  #turning = false;
  #over: { code: number; reason: string } | undefined;
  #left = false;
  /** Bytes that were received, given to the receiver, stored. */
  #received = 0;
  #given = 0;
  #stored = 0;
  #syncs: Sync[] = [];

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  /** Called once, with what `Kernels.connect` answered for this client. */
  attach(connection: KernelConnection): void {
    this.#connection = connection;
  }

  /** Sends a request or an answer to the kernel; answers its msg_id. */
  ask({ channel, type, content, id = randomUUID(), parent = {}, metadata = {}, buffers = [] }: Outgoing): string {
    const { session, clock } = this.#options;
    const date = new Date(clock.now()).toISOString();
    const header = { msg_id: id, msg_type: type, session, username: 'carrel', date, version: VERSION };
    void this.#connection?.receive(makeMessage(channel, header, parent, content, metadata, buffers));
    return id;
  }

  send(message: KernelMessage): void {
    this.#received += message.size;
    this.#inbox.push(message);
    this.#turnSoon();
  }

  sync(delivered: () => void): void {
    this.#syncs.push({ at: this.#received, delivered });
    this.#turnSoon();
  }

  /** What is not stored waits on this side: the relay slows a kernel down that prints faster than the store writes. */
  get bufferedAmount(): number {
    return this.#received - this.#stored;
  }

  close(code: number, reason: string): void {
    this.#over = { code, reason };
    this.#turnSoon();
  }

  /** Lets go of the kernel, which keeps for this session what it publishes from now on. */
  leave(): void {
    this.#left = true;
    this.#syncs = [];
    this.#connection?.closed();
    this.#connection = undefined;
  }

  /** Everything that was given to the receiver is in the document. */
  written(): void {
    const upTo = this.#given;
    const due = this.#syncs.filter(({ at }) => at <= upTo);
    if (this.#left || (due.length === 0 && upTo === this.#stored)) return;
    this.#syncs = this.#syncs.filter(({ at }) => at > upTo);
    void this.#confirm(upTo, due);
  }

  async #confirm(upTo: number, due: readonly Sync[]): Promise<void> {
    try {
      await this.#options.stored();
    } catch (error) {
      this.#options.logger.error({ err: error }, 'a worksheet could not be stored; it is tried again');
      this.#syncs = [...due, ...this.#syncs];
      this.#options.clock.after(STORE_AGAIN, () => this.written());
      return;
    }
    if (this.#left) return;
    this.#stored = Math.max(this.#stored, upTo);
    for (const { delivered } of due) delivered();
  }

  #turnSoon(): void {
    if (this.#turning) return;
    this.#turning = true;
    queueMicrotask(() => this.#turn());
  }

  #turn(): void {
    this.#turning = false;
    if (this.#left) return;
    const messages = this.#inbox;
    this.#inbox = [];
    this.#given = this.#received;
    this.#options.received(messages);
    const over = this.#over;
    if (over === undefined) return;
    this.#over = undefined;
    this.#connection = undefined;
    this.#options.closed(over.code, over.reason);
  }
}
