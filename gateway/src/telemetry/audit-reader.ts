/** Reads the audit log for administrators: a page of it, all of it as JSON lines, and whether its chain holds. */
import { AUDIT_EVENTS } from '../base/audit.ts';
import type { AuditQuery } from '../store/audit.ts';
import type { Store } from '../store/store.ts';
import type { AuditModel } from '../wire/audit-rest.ts';
import { type AuditVerdict, checkAudit } from './audit-check.ts';
import { auditLineModel } from './audit-lines.ts';

export class AuditReader {
  readonly #store: Pick<Store, 'audit' | 'users'>;

  constructor(store: Pick<Store, 'audit' | 'users'>) {
    this.#store = store;
  }

  /** `person`: a name of today or an id; who is neither has no lines. */
  async page({ person, ...query }: Omit<AuditQuery, 'actor'> & { person?: string | undefined }): Promise<AuditModel> {
    const users = await this.#store.users.list();
    const actor = person === undefined ? undefined : (users.find(({ name }) => name === person)?.id ?? person);
    const found = await this.#store.audit.find({ ...query, actor });
    const names = new Map<string, string>(users.map(({ id, name }) => [id, name]));
    return {
      lines: found.map((line) => auditLineModel(line, names)),
      next: found.length < query.limit ? null : (found.at(-1)?.seq ?? null),
      events: AUDIT_EVENTS,
    };
  }

  /** One line of JSON for each, the oldest first. */
  async *lines(): AsyncGenerator<string> {
    const names = new Map<string, string>((await this.#store.users.list()).map(({ id, name }) => [id, name]));
    for await (const line of this.#store.audit.all()) yield `${JSON.stringify(auditLineModel(line, names))}\n`;
  }

  check(): Promise<AuditVerdict> {
    return checkAudit(this.#store.audit);
  }
}
