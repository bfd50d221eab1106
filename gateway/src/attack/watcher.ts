/** A client of a kernel without a socket: keeps what the relay sends it, so that a run can be judged by what arrived. */
import { randomUUID } from 'node:crypto';
import type { KernelClient } from '../kernel/client.ts';
import type { KernelMessage } from '../wire/kernel-message.ts';
import { makeMessage } from '../wire/wire-message.ts';

/** One message, reduced to what the judge asks for. */
export interface Seen {
  readonly type: string;
  readonly parent: string | undefined;
  readonly size: number;
  readonly text: string;
  readonly content: Readonly<Record<string, unknown>>;
  /** It carries the mark of a forgery. */
  readonly marked: boolean;
}

export class Watcher implements KernelClient {
  readonly bufferedAmount = 0;
  readonly #forgery: string;
  #seen: Seen[] = [];
  #closed: string | undefined;
  #wake: () => void = () => {};

  constructor(forgery: string) {
    this.#forgery = forgery;
  }

  /** Why it is connected no longer. */
  get closed(): string | undefined {
    return this.#closed;
  }

  send(message: KernelMessage): void {
    const { header, parent, content, size } = message;
    const isText = header.msg_type === 'stream';
    const text = isText ? String(content['text']) : '';
    const marked = [header, parent, content].some((part) => JSON.stringify(part).includes(this.#forgery));
    const kept = isText ? {} : content;
    this.#seen.push({ type: header.msg_type, parent: parent.msg_id, size, text, content: kept, marked });
    this.#wake();
  }

  sync(delivered: () => void): void {
    setImmediate(delivered);
  }

  close(code: number, reason: string): void {
    this.#closed = `${code} ${reason}`;
    this.#wake();
  }

  /** What has come since the last time. */
  take(): readonly Seen[] {
    const taken = this.#seen;
    this.#seen = [];
    return taken;
  }

  /** The first message that fits, or undefined after `ms` milliseconds, or when the kernel has gone. */
  async until(fits: (seen: Seen) => boolean, ms: number): Promise<Seen | undefined> {
    const end = performance.now() + ms;
    for (let at = 0; ; ) {
      for (; at < this.#seen.length; at += 1) {
        const seen = this.#seen[at];
        if (seen !== undefined && fits(seen)) return seen;
      }
      const left = end - performance.now();
      if (left <= 0 || this.#closed !== undefined) return undefined;
      await new Promise<void>((next) => {
        const timer = setTimeout(next, left);
        this.#wake = () => {
          clearTimeout(timer);
          next();
        };
      });
    }
  }
}

/** What a client sends to run a cell, and its id. */
export function executeRequest(code: string): { readonly id: string; readonly message: KernelMessage } {
  const id = randomUUID();
  const header = {
    ...{ msg_id: id, msg_type: 'execute_request', username: 'attack', session: 'attack' },
    ...{ date: new Date().toISOString(), version: '5.3' },
  };
  const how = { silent: false, store_history: false, user_expressions: {}, allow_stdin: false, stop_on_error: true };
  return { id, message: makeMessage('shell', header, {}, { code, ...how }) };
}
