/**
 * Takes what is to be recorded from every part of the process and adds it to the stored chain, in order. A store that is away is tried
 * again; what could not be stored in the end stands in the log of the process, so that nothing is lost without a trace.
 */
import type { AuditEntry, AuditSink } from '../base/audit.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/ports.ts';
import type { AuditLines, DatedEntry } from '../store/audit.ts';

/** Milliseconds until the store is tried again. */
const AGAIN = 1000;
/** Entries that wait for a store; the oldest go to the log of the process. */
const MOST_WAITING = 10_000;
/** Of one step. */
const AT_ONCE = 200;

export interface AuditLogDeps {
  readonly lines: Pick<AuditLines, 'append'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class AuditLog implements AuditSink {
  readonly #deps: AuditLogDeps;
  #waiting: DatedEntry[] = [];
  #work: Promise<void> | undefined;
  #ended = false;

  constructor(deps: AuditLogDeps) {
    this.#deps = deps;
  }

  record(...entries: readonly AuditEntry[]): void {
    const at = this.#deps.clock.now();
    for (const entry of entries) this.#waiting.push({ ...entry, at });
    if (this.#waiting.length > MOST_WAITING) this.#giveUp(this.#waiting.splice(0, this.#waiting.length - MOST_WAITING));
    this.#work ??= this.#append().finally(() => {
      this.#work = undefined;
    });
  }

  /** What was recorded before is stored, or was tried. */
  async settled(): Promise<void> {
    while (this.#work !== undefined) await this.#work;
  }

  /** The store is about to be closed: one more try for what waits. */
  async end(): Promise<void> {
    this.#ended = true;
    await this.settled();
  }

  async #append(): Promise<void> {
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, AT_ONCE);
      try {
        await this.#deps.lines.append(batch);
        this.#waiting = this.#waiting.filter((entry) => !batch.includes(entry));
      } catch (error) {
        if (this.#ended) return this.#giveUp(this.#waiting.splice(0), error);
        this.#deps.logger.warn({ err: error, waiting: this.#waiting.length }, 'the audit log cannot be written yet');
        await new Promise<void>((done) => this.#deps.clock.after(AGAIN, done));
      }
    }
  }

  #giveUp(entries: readonly DatedEntry[], error?: unknown): void {
    for (const { address: _, details: __, ...entry } of entries)
      this.#deps.logger.error({ err: error, ...entry }, 'a line of the audit log could not be stored');
  }
}
