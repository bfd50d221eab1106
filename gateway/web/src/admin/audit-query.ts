/** What of the audit log is asked for: pure. */

/** Empty where it does not matter; days as `2026-01-31`. */
export interface AuditFilter {
  readonly event: string;
  readonly person: string;
  readonly from: string;
  /** This day counts too. */
  readonly until: string;
}

const DAY = 86_400_000;

/** The query of a page of the audit log: the lines before the one with the number `before`. */
export function auditQuery({ event, person, from, until }: AuditFilter, before?: number): string {
  const query = new URLSearchParams();
  const start = (day: string): number => new Date(`${day}T00:00`).getTime();
  if (event !== '') query.set('event', event);
  if (person.trim() !== '') query.set('person', person.trim());
  if (from !== '') query.set('from', new Date(start(from)).toISOString());
  if (until !== '') query.set('until', new Date(start(until) + DAY).toISOString());
  if (before !== undefined) query.set('before', String(before));
  return query.toString();
}
