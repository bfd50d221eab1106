/** One client's place in the delivery log: what it has not confirmed, in order. */
import type { KernelClient } from './client.ts';
import { Cut, Entry } from './delivery-entry.ts';

export class Session {
  readonly key: string;
  /** Whether a later socket may come for it. */
  readonly named: boolean;
  client: KernelClient | undefined;
  /** When its socket closed, milliseconds. */
  leftAt = 0;
  #queue: (Entry | Cut)[] = [];
  /** How many of the queue have been written to the client, and how many of these a sync that is under way covers. */
  #written = 0;
  #syncing: number | undefined;

  constructor(key: string, named: boolean) {
    this.key = key;
    this.named = named;
  }

  get queue(): readonly (Entry | Cut)[] {
    return this.#queue;
  }

  get entries(): Entry[] {
    return this.#queue.filter((item) => item instanceof Entry);
  }

  push(entry: Entry): void {
    this.#queue.push(entry);
  }

  /** Items that have not been written to this client yet; they count as written from now on. */
  unwritten(): (Entry | Cut)[] {
    const items = this.#queue.slice(this.#written);
    this.#written = this.#queue.length;
    return items;
  }

  /** The client changed or left: nothing counts as written to the next one. Answers the entries that need no repetition. */
  rewind(): Entry[] {
    const written = new Set(this.#queue.slice(0, this.#written));
    this.#written = 0;
    this.#syncing = undefined;
    return this.take((entry) => entry.deliveredByWriting && written.has(entry));
  }

  /** Asks the client to confirm what has been written, unless an answer is awaited; `confirmed` hears which items it was. */
  sync(confirmed: (items: (Entry | Cut)[]) => void): void {
    const client = this.client;
    if (client === undefined || this.#syncing !== undefined || this.#written === 0) return;
    this.#syncing = this.#written;
    client.sync(() => {
      if (client !== this.client || this.#syncing === undefined) return;
      const items = this.#queue.splice(0, this.#syncing);
      this.#written -= items.length;
      this.#syncing = undefined;
      confirmed(items);
      this.sync(confirmed);
    });
  }

  /** Replaces what `drop` holds by one `Cut` per cell, at the place of the first. Only for a session without a client. */
  cut(drop: ReadonlySet<Entry>): void {
    const cuts = new Map<string | undefined, Cut>();
    const kept: (Entry | Cut)[] = [];
    for (const item of this.#queue) {
      if (item instanceof Cut) cuts.set(item.cell, item);
      if (item instanceof Cut || !drop.has(item)) {
        kept.push(item);
        continue;
      }
      let cut = cuts.get(item.cell);
      if (cut === undefined) {
        cut = new Cut(item);
        cuts.set(item.cell, cut);
        kept.push(cut);
      }
      cut.add(item);
    }
    this.#queue = kept;
  }

  /** Takes entries out for which `unwanted` is true, and answers them. Only where nothing counts as written. */
  take(unwanted: (entry: Entry) => boolean): Entry[] {
    const taken = this.entries.filter(unwanted);
    const gone = new Set<Entry | Cut>(taken);
    this.#queue = this.#queue.filter((item) => !gone.has(item));
    return taken;
  }
}
