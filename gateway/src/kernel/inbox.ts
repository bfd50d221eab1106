/** Clients' messages that wait for a kernel to answer: bounded, whoever sends more is told to wait. Pure. */
import type { KernelMessage } from '../wire/kernel-message.ts';
import type { KernelClient } from './client.ts';

/** Bytes and messages that are taken before senders are held up. */
const COMFORTABLE_BYTES = 4 * 1024 * 1024;
const COMFORTABLE_COUNT = 1000;

export interface Waiting {
  readonly client: KernelClient;
  readonly message: KernelMessage;
  readonly taken: () => void;
}

export class Inbox {
  #waiting: Waiting[] = [];
  #bytes = 0;

  /** Resolves when more may be given; undefined where more may be given at once. */
  add(client: KernelClient, message: KernelMessage): Promise<void> | undefined {
    this.#bytes += message.size;
    const { promise, resolve: taken } = Promise.withResolvers<void>();
    this.#waiting.push({ client, message, taken });
    return this.#bytes <= COMFORTABLE_BYTES && this.#waiting.length <= COMFORTABLE_COUNT ? undefined : promise;
  }

  /** All that waits, in order; nothing waits afterwards. Whoever takes it calls `taken` of each. */
  takeAll(): Waiting[] {
    const all = this.#waiting;
    this.#waiting = [];
    this.#bytes = 0;
    return all;
  }
}
