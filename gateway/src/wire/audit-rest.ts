/** `/api/admin/audit`: the audit log as administrators read it. */

export interface AuditLineModel {
  readonly seq: number;
  /** UTC, `2026-01-02T03:04:05.678Z`. */
  readonly at: string;
  readonly event: string;
  /** A person's id; null where nobody is known, and where Carrel itself acted. */
  readonly actor: string | null;
  /** Their name today, or "deleted person" and the beginning of the id. */
  readonly who: string | null;
  /** `browser`, `token`, `command` or `system`. */
  readonly via: string;
  /** `worksheet:ID`, `person:ID`, `kernel:ID`, `token:ID`, `sandbox:ID`. */
  readonly subject: string | null;
  /** The name of a person who is the subject. */
  readonly subject_name: string | null;
  readonly details: Readonly<Record<string, string | number | boolean>>;
  readonly address: string | null;
  readonly salt: string | null;
  readonly sealed: string | null;
  readonly previous: string;
  readonly hash: string;
}

/** The newest ones first. */
export interface AuditModel {
  readonly lines: readonly AuditLineModel[];
  /** What `?before=` has to be for the next ones; null where there are none. */
  readonly next: number | null;
  /** All kinds of events that there are, with what they mean. */
  readonly events: Readonly<Record<string, string>>;
}
