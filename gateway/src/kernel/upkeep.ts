/**
 * What is done for every kernel once a second, by one timer for all of them: kept output expires, files are looked at, lifetimes are
 * held, and the last activity is stored now and then.
 */
import type { Clock, Timer } from '../base/clock.ts';
import type { KernelId } from '../base/ids.ts';
import type { Logger } from '../base/ports.ts';
import type { KernelEnd } from './contract.ts';
import type { Entry } from './entry.ts';
import type { Kernel } from './kernel.ts';
import { decide } from './lifetimes.ts';
import type { LastActivity } from './records.ts';

const TICK = 1000;
/** `lastActivity` is stored this often at most, milliseconds. */
const STORE_EVERY = 60_000;

export interface UpkeepOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly entries: ReadonlyMap<KernelId, Entry>;
  /** Those of all kernels that are due are stored together. */
  readonly touch: (seen: readonly LastActivity[]) => void;
  /** Its policy ends it. */
  readonly end: (id: KernelId, why: Pick<KernelEnd, 'by' | 'why'>) => Promise<void>;
}

export class Upkeep {
  readonly #options: UpkeepOptions;
  #tick: Timer | undefined;

  constructor(options: UpkeepOptions) {
    this.#options = options;
  }

  begin(): void {
    this.#tick = this.#options.clock.after(TICK, () => {
      this.begin();
      this.#every();
    });
  }

  /** Stores what is not stored yet. */
  stop(): void {
    this.#tick?.cancel();
    this.#touch(Number.POSITIVE_INFINITY);
  }

  #every(): void {
    const { clock, entries } = this.#options;
    const now = clock.now();
    for (const entry of [...entries.values()]) {
      const { kernel } = entry;
      if (kernel === undefined) continue;
      kernel.expire();
      entry.files.look(kernel, now);
      this.#live(entry, kernel, now);
    }
    this.#touch(now);
  }

  #touch(now: number): void {
    const seen: LastActivity[] = [];
    for (const entry of this.#options.entries.values()) {
      const lastActivity = entry.kernel?.activity.lastActivity;
      if (lastActivity === undefined || lastActivity === entry.storedActivity) continue;
      if (now - entry.storedAt < STORE_EVERY) continue;
      entry.storedActivity = lastActivity;
      entry.storedAt = now;
      seen.push({ id: entry.id, lastActivity });
    }
    if (seen.length > 0) this.#options.touch(seen);
  }

  #live(entry: Entry, kernel: Kernel, now: number): void {
    if (entry.files.last) return;
    const { state, lastActivity, cell } = kernel.activity;
    if (cell !== undefined && entry.interrupts.since !== cell.since) entry.interrupts = { since: cell.since, count: 0 };
    const facts = { state, lastActivity, createdAt: entry.createdAt };
    const running = cell === undefined ? undefined : { since: cell.since, interrupts: entry.interrupts.count };
    const decision = decide(kernel.policy, { ...facts, cell: running }, now);
    if (decision.do === 'nothing') return;
    const { logger, end } = this.#options;
    logger.info({ kernel: entry.id }, `kernel: ${decision.do}, ${decision.why}`);
    kernel.notice(decision.why);
    if (decision.do === 'cull') {
      void entry.files.rescue(kernel).then(() => end(entry.id, decision));
    } else if (decision.do === 'interrupt') {
      entry.interrupts.count += 1;
      kernel.interrupt();
    } else {
      const why = { ename: 'CellTooLong', evalue: `${decision.why}; the kernel was restarted, variables are lost` };
      kernel.restart(why).catch(() => {});
    }
  }
}
