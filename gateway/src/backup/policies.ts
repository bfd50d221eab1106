/** The site's policies in a backup: the files that `loadPolicies` reads. They are compared when it is restored, never replaced. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

const READ = /^(?:[^/]+\.yaml|seccomp\/[^/]+\.json)$/;

export interface PolicyFile {
  /** `standard.yaml`, `seccomp/worksheet.json`. */
  readonly path: string;
  readonly content: Buffer;
}

export const isPolicyPath = (path: string): boolean => READ.test(path) && !path.includes('..');

/** None where there is no such folder. */
export async function policyFiles(folder: string): Promise<PolicyFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const paths = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter(isPolicyPath)
    .sort();
  return Promise.all(paths.map(async (path) => ({ path, content: await readFile(join(folder, path)) })));
}

/** Paths of the backup's that the folder has otherwise or not at all. */
export async function differingPolicies(kept: readonly PolicyFile[], folder: string): Promise<string[]> {
  const present = new Map((await policyFiles(folder)).map(({ path, content }) => [path, content]));
  return kept.filter(({ path, content }) => !present.get(path)?.equals(content)).map(({ path }) => path);
}

export async function writePolicies(kept: readonly PolicyFile[], folder: string): Promise<void> {
  for (const { path, content } of kept) {
    await mkdir(dirname(join(folder, path)), { recursive: true, mode: 0o700 });
    await writeFile(join(folder, path), content, { mode: 0o600 });
  }
}
