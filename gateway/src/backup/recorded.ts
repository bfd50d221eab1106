/** What `carrel backup`, `verify` and `restore` leave in the audit log: who, what, the file and its size, and what came of it (BK11). */
import { userInfo } from 'node:os';
import { basename } from 'node:path';
import type { AuditDetails, AuditEventName } from '../base/audit.ts';
import { toCarrelError } from '../base/errors.ts';
import { appendAlone } from '../store/audit-alone.ts';
import type { BackupManifest } from './format.ts';

export interface BackupAct {
  readonly did: 'backup' | 'verify' | 'restore';
  /** As it was given; `-` is a pipe. */
  readonly file: string;
  readonly dataFolder: string;
  readonly database?: string | undefined;
}

const EVENTS = {
  backup: 'backup.made',
  verify: 'backup.verified',
  restore: 'backup.restored',
} as const satisfies Record<BackupAct['did'], AuditEventName>;

/**
 * Does the work and adds the line, of a failure too. Undefined is an installation that cannot be told. That the line cannot be written
 * fails nothing: `onUntold` is told why, since a backup that is there is worth more than its line.
 */
export async function recorded<T>(
  act: BackupAct | undefined,
  work: () => Promise<T>,
  details: (done: T) => AuditDetails,
  onUntold: (why: string) => void,
): Promise<T> {
  const add = async (event: AuditEventName, more: AuditDetails) => {
    if (act === undefined) return;
    const entry = { event, via: 'command' as const, at: Date.now(), details: { ...whoAndWhat(act), ...more } };
    await appendAlone(act.dataFolder, act.database, [entry]).catch((error: Error) => onUntold(error.message));
  };
  let done: T;
  try {
    done = await work();
  } catch (error) {
    await add('backup.failed', { did: act?.did ?? '', result: toCarrelError(error).code });
    throw error;
  }
  await add(EVENTS[act?.did ?? 'backup'], details(done));
  return done;
}

/** `flawed`: some files were missing or damaged already when the backup was made. */
export const resultOf = ({ files }: BackupManifest): 'whole' | 'flawed' =>
  files.missing.count + files.damaged.count > 0 ? 'flawed' : 'whole';

function whoAndWhat({ file }: BackupAct): AuditDetails {
  const { SUDO_USER: sudo } = process.env;
  return { user: userName(), ...(sudo === undefined ? {} : { sudo }), file: file === '-' ? 'a pipe' : basename(file) };
}

/** In a container the user may have no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.() ?? 'unknown'}`;
  }
}
