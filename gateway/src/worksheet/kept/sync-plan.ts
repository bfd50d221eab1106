/**
 * What has to be done so that a sandbox has what is kept, and what code has written there is kept (docs/spec/worksheet-files.md).
 * Pure: what is kept, what the sandbox has, and the bound in; steps out.
 */
import type { SandboxId } from '../../base/ids.ts';
import type { SandboxFile } from '../../kernel/contract.ts';
import type { StoredFile } from '../../store/worksheet-files.ts';
import { pathProblem, sizeText } from '../../wire/file-paths.ts';
import type { FileAmount } from '../../wire/file-rest.ts';
import { type OwnersRoom, ownersProblem } from './owners-room.ts';

export interface SyncPlan {
  /** Into the sandbox, which has not got them as they are kept. */
  readonly put: readonly StoredFile[];
  /** The sandbox has them as they are kept, and nobody has written that down yet. */
  readonly same: readonly StoredFile[];
  /** Out of the sandbox: new or changed. */
  readonly take: readonly SandboxFile[];
  /** Code has removed them: they are kept no longer. */
  readonly drop: readonly StoredFile[];
  /** Path → why it is not kept as it is in the sandbox. */
  readonly problems: ReadonlyMap<string, string>;
}

export interface SyncFacts {
  readonly sandbox: SandboxId;
  readonly kept: readonly StoredFile[];
  readonly found: readonly SandboxFile[];
  /** All that the sandbox has is in `found`; where it is not, nothing counts as removed. */
  readonly complete: boolean;
  readonly bound: FileAmount;
  /** As it is before any of the steps; without it nothing but `bound` counts. */
  readonly owner?: OwnersRoom | undefined;
}

export function planSync({ sandbox, kept, found, complete, bound, owner }: SyncFacts): SyncPlan {
  const inSandbox = new Map(found.map((file) => [file.path, file]));
  const put: StoredFile[] = [];
  const same: StoredFile[] = [];
  const drop: StoredFile[] = [];
  const changed = new Map<string, StoredFile>();
  for (const file of kept) {
    const there = inSandbox.get(file.path);
    const equal = there !== undefined && there.size === file.size && there.mtime === file.mtime;
    /** Where two have written it, the later one counts. */
    const newer = there !== undefined && there.mtime > timeOf(file);
    if (file.seenIn !== sandbox && newer) changed.set(file.path, file);
    else if (file.seenIn !== sandbox) (equal ? same : put).push(file);
    else if (there === undefined) complete && drop.push(file);
    else if (!equal) changed.set(file.path, file);
  }
  const known = new Set(kept.map(({ path }) => path));
  const fresh = found.filter(({ path }) => !known.has(path));
  const wanted = [...found.filter(({ path }) => changed.has(path)), ...fresh];
  const problems = new Map<string, string>();
  const take: SandboxFile[] = [];
  const gone = new Set(drop.map(({ path }) => path));
  let { size, count } = amountOf(kept.filter(({ path }) => !gone.has(path)));
  const whole = amountOf(kept).size;
  for (const file of wanted) {
    const before = changed.get(file.path);
    const next = { size: size - (before?.size ?? 0) + file.size, count: count + (before === undefined ? 1 : 0) };
    const room = owner && { ...owner, used: Math.max(0, owner.used - whole + size) };
    const problem =
      pathProblem(file.path) ??
      boundProblem(file.size, { size, count }, next, bound) ??
      (room && ownersProblem(file.size, next.size - size, room));
    if (problem !== undefined) {
      problems.set(file.path, before === undefined ? problem : `${problem}; what it was before is kept`);
      continue;
    }
    ({ size, count } = next);
    take.push(file);
  }
  return { put, same, take, drop, problems };
}

/** The time that the file gets in a sandbox, microseconds since the epoch. */
export const timeOf = (file: StoredFile): number => file.mtime || file.changedAt * 1000;

/** Why a file of `size` bytes does not fit: the amount would be `next`. */
export function boundProblem(size: number, used: FileAmount, next: FileAmount, bound: FileAmount): string | undefined {
  if (next.count > bound.count)
    return `${sizeText(size)} are not kept: ${used.count} of ${bound.count} files are kept already`;
  if (next.size > bound.size)
    return `${sizeText(size)} are not kept: ${sizeText(used.size)} of ${sizeText(bound.size)} are used`;
  return undefined;
}

export const amountOf = (files: readonly StoredFile[]): FileAmount => ({
  size: files.reduce((sum, { size }) => sum + size, 0),
  count: files.length,
});
