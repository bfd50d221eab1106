/**
 * The audit log's lines: who did what, when and from where. A line names people by their ids alone, so that forgetting a person
 * leaves the lines as they are; the address that a request came from stands beside the line, which holds its sealed form.
 */
import { createHash } from 'node:crypto';
import type { UserId } from './ids.ts';

/** All that is recorded, with what it means. `docs/admin/audit.md` has the same list. */
export const AUDIT_EVENTS = {
  'gateway.started': 'a gateway has started, with these settings and release',
  'policies.loaded': 'the policies that hold from now on, each with the hash of its values',
  'person.signed-in': 'a browser was signed in',
  'person.sign-in-failed': 'a sign-in was refused',
  'person.signed-out': 'a browser was signed out by its person',
  'person.sessions-ended': 'a person ended other browsers of theirs',
  'person.signed-up': 'somebody made an account',
  'person.password-changed': 'a person changed their password',
  'person.password-set': 'a password was set by an invitation or a link',
  'person.invited': 'an administrator made an account',
  'person.link-made': 'a link that sets a password was made',
  'person.link-withdrawn': 'a link that sets a password was withdrawn',
  'person.role-changed': 'a person has another role',
  'person.disabled': 'a person may do nothing any more',
  'person.enabled': 'a person is allowed in again',
  'person.exported': 'everything of a person was written out',
  'person.deleted': 'a person was deleted with all that was theirs',
  'token.made': 'an API token was made',
  'token.revoked': 'an API token was revoked',
  'worksheet.made': 'a worksheet was made',
  'worksheet.imported': 'a worksheet was made from a file',
  'worksheet.copied': 'a worksheet was made from another one, or from a version',
  'worksheet.changed': 'the title or the kernel of a worksheet was changed',
  'worksheet.shared': 'a worksheet was shared with a person',
  'worksheet.unshared': 'a person has lost a worksheet',
  'worksheet.left': 'a person gave up a worksheet of another one',
  'worksheet.link-made': 'a link to a worksheet was made',
  'worksheet.link-withdrawn': 'a link to a worksheet was withdrawn',
  'worksheet.link-used': 'a person came to a worksheet by its link',
  'worksheet.trashed': 'a worksheet was moved to the trash',
  'worksheet.untrashed': 'a worksheet was taken out of the trash',
  'worksheet.removed': 'a worksheet was removed for good',
  'worksheet.exported': 'a worksheet was taken out as a file',
  'worksheet.restored': 'a worksheet is again as a version of it was',
  'worksheet.version-removed': 'a version was removed from a history',
  'kernel.started': 'a kernel was started in a sandbox',
  'kernel.stopped': 'a kernel has ended',
  'kernel.stopped-by-admin': 'an administrator stopped a sandbox',
  'code.asked': 'a person asked for cells to be run whose policy wants that recorded',
  'code.run': 'code was run whose policy wants it recorded',
  'admin.looked': 'an administrator looked at what is others’, noted once in ten minutes',
  'audit.exported': 'the audit log was written out',
  'backup.made': 'a backup of the installation was made',
  'backup.verified': 'a backup was read and found to be whole',
  'backup.restored': 'this installation was made out of a backup',
  'backup.failed': 'a backup was not made, is not whole, or was not restored',
} as const;

export type AuditEventName = keyof typeof AUDIT_EVENTS;
export const isAuditEvent = (text: string): text is AuditEventName => Object.hasOwn(AUDIT_EVENTS, text);

/** How somebody acted; `system` is Carrel itself. */
export type AuditVia = 'browser' | 'token' | 'command' | 'system';
export type AuditDetails = Readonly<Record<string, string | number | boolean>>;

export interface AuditEntry {
  readonly event: AuditEventName;
  /** Whose act it was; undefined where nobody is known. */
  readonly actor?: UserId | undefined;
  readonly via: AuditVia;
  /** From where it came. */
  readonly address?: string | undefined;
  /** What it was done to: `worksheet:ID`, `person:ID`, `kernel:ID`, `token:ID`, `sandbox:ID`. */
  readonly subject?: string | undefined;
  readonly details?: AuditDetails | undefined;
}

export interface AuditSink {
  /** Never fails; what cannot be stored is in the log of the process. */
  record(...entries: readonly AuditEntry[]): void;
}

export const silentAudit: AuditSink = { record: () => {} };

/** A line as it is stored. */
export interface AuditLine {
  /** 1 and up, without gaps. */
  readonly seq: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly event: string;
  readonly actor: string | null;
  readonly via: string;
  readonly subject: string | null;
  /** JSON as it was written. */
  readonly details: string;
  /** Null where there was none, and where it was forgotten with its person. */
  readonly address: string | null;
  readonly salt: string | null;
  /** SHA-256 of salt and address; null where there was no address. */
  readonly sealed: string | null;
  /** The hash of the line before; of the first one sixty-four zeros. */
  readonly previous: string;
  readonly hash: string;
}

export const FIRST_PREVIOUS = '0'.repeat(64);

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

export const sealOf = (salt: string, address: string): string => sha256(`${salt} ${address}`);

/** Of all that never changes. */
export const hashOf = (line: Omit<AuditLine, 'hash' | 'address' | 'salt'>): string => {
  const { seq, at, event, actor, via, subject, details, sealed, previous } = line;
  return sha256(JSON.stringify([seq, at, event, actor, via, subject, details, sealed, previous]));
};

/** What is wrong with a line behind the one with this number and hash; undefined where nothing is. */
export function flawOf(line: AuditLine, before: Pick<AuditLine, 'seq' | 'hash'>): string | undefined {
  if (line.seq !== before.seq + 1)
    return `${line.seq === before.seq + 2 ? 'line' : 'lines'} ${range(before.seq + 1, line.seq - 1)} missing before line ${line.seq}`;
  if (line.previous !== before.hash) return `line ${line.seq} does not follow line ${before.seq} as it is now`;
  if (line.hash !== hashOf(line)) return `line ${line.seq} was changed`;
  const { sealed, salt, address } = line;
  const open = address !== null || salt !== null;
  if (open && (sealed === null || sealOf(salt ?? '', address ?? '') !== sealed))
    return `the address of line ${line.seq} was changed`;
  return undefined;
}

const range = (first: number, last: number): string => (first >= last ? String(first) : `${first} to ${last}`);
