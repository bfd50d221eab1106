/**
 * The pages of `gateway/web`, built by Vite into its `dist`. What was built carries a hash of what it was built from: where that
 * is the present one there is nothing to do.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { root } from './dependencies.mjs';
import { contentHash } from './kernel-image.ts';
import { run, step } from './steps.mjs';

const FOLDER = join(root, 'gateway/web');
const STAMP = join(FOLDER, 'dist/.built-from');
/** What the pages are made from, with the versions of all packages. */
const SOURCES = ['gateway/web', 'gateway/src/base', 'gateway/src/wire'];

/** Paths below the folder, sorted, without what is built and what only tests. */
export function pageSourcesOf(folder: string): string[] {
  const files = SOURCES.flatMap((name) =>
    readdirSync(join(folder, name), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1)),
  );
  const built = `${join('gateway/web/dist')}${sep}`;
  const counts = (path: string) => !path.startsWith(built) && !/[.]test[.]tsx?$/.test(path);
  return [...files.filter(counts), 'package-lock.json'].sort();
}

/** Afterwards `gateway/web/dist` is what the present sources make. */
export async function ensureWebPages(): Promise<void> {
  const wanted = contentHash(root, pageSourcesOf(root), []);
  if (stamp() === wanted) return;
  await step('building the pages', (note) =>
    run(process.execPath, [join(root, 'node_modules/vite/bin/vite.js'), 'build'], {
      cwd: FOLDER,
      note,
      /** A test's own would build React for developing. */
      env: { ...process.env, NODE_ENV: 'production' },
    }),
  );
  writeFileSync(STAMP, wanted);
}

function stamp(): string | undefined {
  try {
    return readFileSync(STAMP, 'utf8');
  } catch {
    return undefined;
  }
}
