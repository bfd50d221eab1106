/**
 * Carries files between what is kept and a sandbox, as `sync-plan.ts` says. Each file is kept whole or not at all; what was done
 * when the sandbox or this process dies in the middle is done, and the next time goes on from what is seen then.
 */
import type { WorksheetId } from '../../base/ids.ts';
import { type OpenSandbox, type SandboxFile, SandboxFileError } from '../../kernel/contract.ts';
import type { StoredFile, WorksheetFiles } from '../../store/worksheet-files.ts';
import type { FileAmount } from '../../wire/file-rest.ts';
import type { Blob, Blobs } from './blobs.ts';
import type { OwnersRoom } from './owners-room.ts';
import { planSync, timeOf } from './sync-plan.ts';

/** Files of a sandbox that are looked at. */
export const MOST_FILES = 5000;
/** A file that changed less than this before it was read may change again without a trace in its time; microseconds. */
const SETTLED = 100_000;

export interface SyncPorts {
  readonly records: WorksheetFiles;
  readonly blobs: Blobs;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface SyncResult {
  /** Path → why it is not kept, or not in the sandbox. */
  readonly problems: ReadonlyMap<string, string>;
  /** Something was being written, and is to be looked at again soon. */
  readonly again: boolean;
}

/** Puts into the sandbox what it has not got. Fails with SandboxFileError where it cannot be reached. */
export async function fillSandbox(
  ports: SyncPorts,
  worksheet: WorksheetId,
  sandbox: OpenSandbox,
): Promise<ReadonlyMap<string, string>> {
  const kept = await ports.records.list(worksheet);
  if (kept.every(({ seenIn }) => seenIn === sandbox.id)) return new Map();
  const { files, cut } = await sandbox.files.list(MOST_FILES);
  const bound = { size: 0, count: 0 };
  const plan = planSync({ sandbox: sandbox.id, kept, found: files, complete: !cut, bound });
  const problems = new Map<string, string>();
  for (const file of plan.same) await ports.records.seen(worksheet, file.path, sandbox.id, timeOf(file));
  for (const file of plan.put) await putFile(ports, worksheet, sandbox, file, problems);
  return problems;
}

/** Both ways. Fails with SandboxFileError where the sandbox cannot be reached. */
export async function syncSandbox(
  ports: SyncPorts,
  worksheet: WorksheetId,
  sandbox: OpenSandbox,
  { bound, owner }: { readonly bound: FileAmount; readonly owner: () => Promise<OwnersRoom> },
): Promise<SyncResult> {
  const { records, blobs } = ports;
  const kept = await records.list(worksheet);
  const listing = await sandbox.files.list(MOST_FILES);
  const facts = { sandbox: sandbox.id, kept, found: listing.files, complete: !listing.cut, bound };
  const first = planSync(facts);
  /** The store is asked for all files of the owner only where some are to be taken. */
  const plan = first.take.length === 0 ? first : planSync({ ...facts, owner: await owner() });
  const problems = new Map(plan.problems);
  let again = false;
  for (const file of plan.drop) {
    await records.remove(worksheet, file.path);
    await blobs.drop(file.blob);
  }
  for (const file of plan.same) await records.seen(worksheet, file.path, sandbox.id, timeOf(file));
  for (const file of plan.take) {
    const before = kept.find(({ path }) => path === file.path);
    const taken = await takeFile(ports, worksheet, sandbox, { file, before, now: listing.now });
    again ||= taken === 'again';
    if (typeof taken === 'object') problems.set(file.path, taken.problem);
  }
  for (const file of plan.put) await putFile(ports, worksheet, sandbox, file, problems);
  return { problems, again };
}

/** Into the sandbox. Where that refuses it, `problems` says why; where it is not there, it fails. */
export async function putFile(
  { records, blobs }: SyncPorts,
  worksheet: WorksheetId,
  sandbox: OpenSandbox,
  file: StoredFile,
  problems: Map<string, string>,
): Promise<void> {
  const content = await blobs.read(file.blob);
  const mtime = timeOf(file);
  try {
    await sandbox.files.write(file.path, { size: file.size, mtime }, content);
    await records.seen(worksheet, file.path, sandbox.id, mtime);
    problems.delete(file.path);
  } catch (error) {
    if (!(error instanceof SandboxFileError) || error.code === 'lost') throw error;
    problems.set(file.path, `it is kept, but the sandbox has not got it: ${error.message}`);
  } finally {
    content.destroy();
  }
}

interface Wanted {
  readonly file: SandboxFile;
  /** What is kept of it. */
  readonly before: StoredFile | undefined;
  /** The sandbox's time when it was listed. */
  readonly now: number;
}

async function takeFile(
  ports: SyncPorts,
  worksheet: WorksheetId,
  sandbox: OpenSandbox,
  { file, before, now }: Wanted,
): Promise<'taken' | 'again' | { problem: string }> {
  let read: { blob: Blob; mtime: number };
  try {
    read = await readFile(ports, sandbox, file.path, {
      begin: ({ size }) => {
        if (size > file.size) throw new SandboxFileError('changed', 'it has grown meanwhile');
      },
    });
  } catch (error) {
    if (!(error instanceof SandboxFileError) || error.code === 'lost') throw error;
    if (error.code === 'missing') return 'again';
    return error.code === 'changed' ? 'again' : { problem: `it is not kept: ${error.message}` };
  }
  const { blob, mtime } = read;
  const settled = now - mtime >= SETTLED;
  const same = blob.sha256 === before?.sha256;
  try {
    await ports.records.put(worksheet, {
      path: file.path,
      size: blob.size,
      mtime: settled || same ? mtime : 0,
      sha256: blob.sha256,
      blob: same ? before.blob : blob.id,
      seenIn: sandbox.id,
      changedAt: same ? before.changedAt : ports.now(),
    });
  } finally {
    await ports.blobs.settle(blob.id);
  }
  if (before !== undefined && !same) await ports.blobs.drop(before.blob);
  return settled || same ? 'taken' : 'again';
}

/**
 * A file of the sandbox as a blob that is still to be settled. `begin` may throw to have none of it; `passing`: it is given to
 * somebody and not kept.
 */
export async function readFile(
  { blobs }: Pick<SyncPorts, 'blobs'>,
  sandbox: OpenSandbox,
  path: string,
  { begin, passing = false }: { readonly begin: (facts: { size: number }) => void; readonly passing?: boolean },
): Promise<{ blob: Blob; mtime: number }> {
  const writer = await blobs.create();
  try {
    const { mtime } = await sandbox.files.read(path, begin, (piece) => writer.add(piece));
    return { blob: await writer.finish(passing), mtime };
  } catch (error) {
    await writer.cancel();
    await blobs.settle(writer.id);
    throw error;
  }
}
