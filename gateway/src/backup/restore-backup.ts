/**
 * `carrel restore FILE`: a backup becomes an empty installation. All of it is checked before anything is written, and it is there as a
 * whole or not at all: drafts in the data folder get their names at the very end, the database last.
 */
import { existsSync } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm, rmdir, stat, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CarrelError } from '../base/errors.ts';
import { lockDataFolder } from '../store/data-lock.ts';
import { notEmpty } from '../store/empty-database.ts';
import { openRestoreTarget, type RestoreTarget, requireEmptyDatabase } from '../store/restore-target.ts';
import { loadSecrets } from '../store/secrets.ts';
import { damaged } from './archive-reader.ts';
import { differingPolicies, type PolicyFile, writePolicies } from './policies.ts';
import type { Progress } from './progress.ts';
import { type FoundBackup, readBackup } from './read-backup.ts';
import { openKeys } from './sealed-keys.ts';

export interface RestoreParts {
  readonly dataFolder: string;
  readonly database?: string | undefined;
  readonly policyFolder: string;
  /** `leave-out`: what the backup has of keys is not restored. */
  readonly passphrase?: string | 'leave-out' | undefined;
  readonly progress: Progress;
}

export interface Restored extends FoundBackup {
  readonly keys: boolean;
  /** Policies that the site has otherwise; those of the backup lie in this folder. */
  readonly policies?: { readonly folder: string; readonly differing: readonly string[] };
}

/** Opens the backup once more from its beginning. */
export type Reopen = () => AsyncIterable<Uint8Array>;

const DRAFTS = 'restoring';
const KEPT_POLICIES = 'policies-of-the-backup';
/** Files and keys have begun to get their names; without rows in the database they are nobody's. */
const MARK = 'begun';

/** Throws `conflict` for an installation in which something is, and `bad_request` for a backup that cannot be restored. */
export async function restoreBackup(source: Reopen, parts: RestoreParts): Promise<Restored> {
  await mkdir(parts.dataFolder, { recursive: true, mode: 0o700 });
  using _held = lockDataFolder(parts.dataFolder);
  await requireEmptyInstallation(parts);
  const kept: { keys?: Buffer; policies: PolicyFile[] } = { policies: [] };
  const found = await readBackup(source(), {
    keys: async (sealed) => {
      kept.keys = sealed;
    },
    policy: async (path, content) => void kept.policies.push({ path, content }),
  });
  const keys = await keysOf(kept.keys, parts);
  await requireRoom(found, parts.dataFolder);
  const drafts = join(parts.dataFolder, DRAFTS);
  await mkdir(join(drafts, 'files'), { recursive: true, mode: 0o700 });
  try {
    await using target = await openRestoreTarget({ ...parts, drafts, folder: parts.dataFolder }, found.contents.steps);
    await fill(target, source(), join(drafts, 'files'), found, parts.progress);
    await target.complete();
    await requireContents(target, join(drafts, 'files'), found);
    if (keys !== undefined) await writeFile(join(drafts, 'secrets.json'), keys, { mode: 0o600, flush: true });
    if (keys !== undefined) await loadSecrets(drafts);
    const differing = await differingPolicies(kept.policies, parts.policyFolder);
    if (differing.length > 0) await writePolicies(kept.policies, join(parts.dataFolder, KEPT_POLICIES));
    await giveNames(drafts, parts.dataFolder, keys !== undefined);
    await target.commit();
    const policies = { folder: join(parts.dataFolder, KEPT_POLICIES), differing };
    await rm(drafts, { recursive: true });
    return { ...found, keys: keys !== undefined, ...(differing.length > 0 ? { policies } : {}) };
  } catch (error) {
    if (!existsSync(join(drafts, MARK))) await rm(drafts, { recursive: true, force: true });
    throw fullDisk(error, parts.dataFolder);
  }
}

/** What a restore that was killed had moved into its place goes with it; the database, which comes last, is empty then. */
export async function requireEmptyInstallation({
  dataFolder,
  database,
  passphrase,
}: Pick<RestoreParts, 'dataFolder' | 'database' | 'passphrase'>): Promise<void> {
  await requireEmptyDatabase({ folder: dataFolder, database });
  const files = join(dataFolder, 'files');
  const secrets = join(dataFolder, 'secrets.json');
  if (existsSync(join(dataFolder, DRAFTS, MARK))) {
    await rm(files, { recursive: true, force: true });
    await rm(secrets, { force: true });
  }
  await rm(join(dataFolder, DRAFTS), { recursive: true, force: true });
  const found = await readdir(files).catch(() => []);
  if (found.length > 0)
    throw notEmpty(`the folder ${files}`, `${found.length} ${found.length === 1 ? 'file' : 'files'}`);
  if (passphrase !== 'leave-out' && existsSync(secrets))
    throw notEmpty(`the data folder ${dataFolder}`, 'keys of its own (secrets.json)');
}

async function keysOf(sealed: Buffer | undefined, { passphrase }: RestoreParts): Promise<string | undefined> {
  if (sealed === undefined || passphrase === 'leave-out') return undefined;
  if (passphrase === undefined)
    throw new CarrelError(
      'bad_request',
      'the backup holds the installation’s keys, encrypted: give their passphrase with --passphrase-file or --passphrase-stdin, or leave them out with --without-keys',
    );
  return openKeys(sealed, passphrase);
}

/** Any other failure as it is. */
export function fullDisk(error: unknown, folder: string): unknown {
  const { code, message = '' } = error as NodeJS.ErrnoException;
  if (!['ENOSPC', 'EDQUOT'].includes(code ?? '') && !/disk is full/.test(message)) return error;
  return new CarrelError('no_capacity', `the disk of ${folder} is full; nothing was changed`, { cause: error });
}

/** Bytes that the disk needs beside the files. */
const RESERVE = 256 * 1024 * 1024;

async function requireRoom({ manifest }: FoundBackup, folder: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const needed = manifest.files.bytes + RESERVE;
  if (bavail * bsize < needed)
    throw new CarrelError(
      'no_capacity',
      `the disk of ${folder} has ${bavail * bsize} bytes free, and ${needed} are needed; nothing was changed`,
    );
}

async function fill(
  target: RestoreTarget,
  stream: AsyncIterable<Uint8Array>,
  folder: string,
  found: FoundBackup,
  progress: Progress,
) {
  let file: FileHandle | undefined;
  const close = async () => {
    await file?.sync();
    await file?.close();
    file = undefined;
  };
  progress.expect(found.manifest.files.count);
  try {
    await readBackup(stream, {
      rows: async (table, rows) => {
        await target.insert(table, rows);
        progress.rows(rows.length);
      },
      piece: async (blob, content, first) => {
        if (first) {
          await close();
          file = await open(join(folder, blob), 'wx', 0o600);
          progress.file();
        }
        await file?.writeFile(content);
        progress.bytes(content.length);
      },
    });
  } finally {
    await close();
  }
}

/** All that the rows refer to is there, but for what was missing already. */
async function requireContents(target: RestoreTarget, folder: string, { manifest }: FoundBackup): Promise<void> {
  let missing = 0;
  for await (const { blob } of target.contents()) {
    const there = await stat(join(folder, blob)).catch(() => undefined);
    if (there !== undefined) continue;
    missing += 1;
    if (missing > manifest.files.missing.count)
      throw damaged(`files/${blob}`, 'a row refers to it, and it is not there');
  }
}

async function giveNames(drafts: string, dataFolder: string, keys: boolean): Promise<void> {
  const folder = await open(join(drafts, 'files'));
  await folder.sync().finally(() => folder.close());
  await writeFile(join(drafts, MARK), '', { flush: true });
  await rmdir(join(dataFolder, 'files')).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  await rename(join(drafts, 'files'), join(dataFolder, 'files'));
  if (keys) await rename(join(drafts, 'secrets.json'), join(dataFolder, 'secrets.json'));
}
