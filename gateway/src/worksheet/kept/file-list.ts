/** What a person is told of a worksheet's files: what is kept and what its sandbox has, as one list. Pure. */
import type { SandboxFile } from '../../kernel/contract.ts';
import type { StoredFile } from '../../store/worksheet-files.ts';
import { pathProblem } from '../../wire/file-paths.ts';
import type { FileModel } from '../../wire/file-rest.ts';
import { named } from '../../wire/told.ts';
import { timeOf } from './sync-plan.ts';

/** `found`: undefined where there is no sandbox, or where it is silent. */
export function fileList(
  kept: readonly StoredFile[],
  found: readonly SandboxFile[] | undefined,
  problems: ReadonlyMap<string, string>,
): FileModel[] {
  const inSandbox = new Map(found?.map((file) => [file.path, file]));
  const known = new Map(kept.map((file) => [file.path, file]));
  const paths = [...new Set([...known.keys(), ...inSandbox.keys()])].sort();
  return paths.flatMap((path) => {
    const file = known.get(path);
    const there = inSandbox.get(path);
    const problem = problems.get(path) ?? (file === undefined ? pathProblem(path) : undefined);
    const about = problem === undefined ? {} : { problem, ...named(problem) };
    if (there === undefined)
      return file === undefined ? [] : [{ ...modelOf(path, file.size, timeOf(file), true, false), ...about }];
    const current =
      file !== undefined && (file.mtime === 0 || (file.size === there.size && file.mtime === there.mtime));
    return [{ ...modelOf(path, there.size, there.mtime, current, true), ...about }];
  });
}

/** `mtime`: microseconds since the epoch. */
const modelOf = (path: string, size: number, mtime: number, kept: boolean, in_sandbox: boolean): FileModel => ({
  path,
  size,
  changed_at: new Date(Math.min(mtime / 1000, LATEST)).toISOString(),
  kept,
  in_sandbox,
});

/** The last millisecond that JavaScript can tell. */
const LATEST = 8.64e15;
