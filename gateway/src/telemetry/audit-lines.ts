/** Lines of the audit log as they leave the program: JSON with the names that people have now. */
import type { AuditLine } from '../base/audit.ts';
import type { AuditLineModel } from '../wire/audit-rest.ts';

export const FORGOTTEN = 'deleted person';

/** `names`: of people by id. Who is no longer there is told apart by the beginning of the id. */
export function auditLineModel(line: AuditLine, names: ReadonlyMap<string, string>): AuditLineModel {
  const { seq, event, actor, via, subject, details, address, sealed, previous, hash, salt } = line;
  const who = actor === null ? null : (names.get(actor) ?? `${FORGOTTEN} ${actor.slice(0, 8)}`);
  const named = subject?.startsWith('person:') ? names.get(subject.slice('person:'.length)) : undefined;
  return {
    ...{ seq, at: new Date(line.at).toISOString(), event, actor, who, via, subject },
    subject_name: named ?? null,
    details: JSON.parse(details) as AuditLineModel['details'],
    ...{ address, salt, sealed, previous, hash },
  };
}
