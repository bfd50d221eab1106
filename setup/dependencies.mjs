/**
 * Node packages, by `npm ci`, only where what is installed is not what package-lock.json names. npm writes what it installed
 * into node_modules/.package-lock.json as its last act, so that an interrupted installation is noticed too.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { run, step } from './steps.mjs';

export const root = resolve(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..');
/** Node 26 of the npm package `node`: the program runs on it whatever the host has. */
export const node = join(root, 'node_modules/.bin/node');

const packagesOf = (path) => {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages;
  } catch {
    return undefined;
  }
};

/** Whether every package that is needed here is installed in the version that the lock file names, and no other. */
export function dependenciesAreInstalled(folder = root) {
  const wanted = packagesOf(join(folder, 'package-lock.json'));
  const installed = packagesOf(join(folder, 'node_modules/.package-lock.json'));
  if (wanted === undefined || installed === undefined || !existsSync(join(folder, 'node_modules/.bin/node')))
    return false;
  const missing = Object.entries(wanted).some(
    ([path, entry]) => path !== '' && !entry.optional && installed[path]?.version !== entry.version,
  );
  return !missing && Object.entries(installed).every(([path, entry]) => wanted[path]?.version === entry.version);
}

export async function ensureDependencies() {
  if (dependenciesAreInstalled()) return;
  const total = Object.values(packagesOf(join(root, 'package-lock.json')) ?? {}).filter(
    (entry) => !entry.optional,
  ).length;
  await step('installing the Node packages with npm ci', async (note) => {
    const count = setInterval(() => note(`${folders(join(root, 'node_modules'))} of about ${total} packages`), 2000);
    const npm = process.env.npm_execpath;
    const args = ['ci', '--no-audit', '--no-fund'];
    try {
      await (npm === undefined
        ? run('npm', args, { cwd: root })
        : run(process.execPath, [npm, ...args], { cwd: root }));
    } finally {
      clearInterval(count);
    }
  });
}

function folders(path) {
  const list = (folder) => (existsSync(folder) ? readdirSync(folder).filter((name) => !name.startsWith('.')) : []);
  return list(path).reduce((sum, name) => sum + (name.startsWith('@') ? list(join(path, name)).length : 1), 0);
}
