/**
 * Which commands were carried out, in the document beside what they have changed: a page that had no answer asks again, and it may ask
 * another process of the gateway (WR18). Each is a small entry of its own, so that remembering one does not write down the others again.
 */
import { createHash } from 'node:crypto';
import type * as Y from 'yjs';

const ROOT = 'commands';
/** Of all pages together, those that may be asked again: a page asks for what it was not answered, and waits for a few at most. */
const SLOTS = 64;

export class CommandRecord {
  readonly #root: Y.Map<unknown>;
  /** By the number, which goes on over processes. */
  readonly #known = new Map<number, string>();
  #next = 1;

  constructor(doc: Y.Doc) {
    this.#root = doc.getMap(ROOT);
    for (const entry of this.#root.values()) {
      const [, number, digest] = /^(\d+):(.+)$/.exec(String(entry)) ?? [];
      if (digest !== undefined) this.#known.set(Number(number), digest);
      this.#next = Math.max(this.#next, Number(number ?? 0) + 1);
    }
  }

  has(id: string): boolean {
    const digest = digestOf(id);
    return [...this.#known.values()].includes(digest);
  }

  /** To be called in the change of the document that carries it out. */
  note(id: string): void {
    const digest = digestOf(id);
    this.#root.set(String(this.#next % SLOTS), `${this.#next}:${digest}`);
    this.#known.set(this.#next, digest);
    this.#known.delete(this.#next - SLOTS);
    this.#next += 1;
  }
}

const digestOf = (id: string): string => createHash('sha256').update(id).digest('base64url').slice(0, 16);
