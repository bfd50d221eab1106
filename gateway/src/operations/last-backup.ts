/** When the last backup of this installation was made, out of the audit log, in which `carrel backup` writes it (BK12). */
import type { AuditLines } from '../store/audit.ts';

export class LastBackup {
  readonly #lines: Pick<AuditLines, 'head' | 'newest'>;
  /** The log only grows: what was looked through once is not looked through again. */
  #through = 0;
  #at: number | undefined;

  constructor(lines: Pick<AuditLines, 'head' | 'newest'>) {
    this.#lines = lines;
  }

  /** Milliseconds since the epoch; undefined where none was made yet. Fails as the store does. */
  async at(): Promise<number | undefined> {
    const { seq } = await this.#lines.head();
    const found = await this.#lines.newest('backup.made', this.#through);
    this.#at = found?.at ?? this.#at;
    this.#through = Math.max(this.#through, seq);
    return this.#at;
  }
}
