/**
 * Node packages, by `npm ci`, only where what is installed is not what package-lock.json names. npm writes what it installed
 * into node_modules/.package-lock.json as its last act, so that an interrupted installation is noticed too.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { installPackages } from './debian.mjs';
import { run, SetupError, step } from './steps.mjs';

export const root = resolve(import.meta.dirname, '..');
/** Node 26 of the npm package `node`: the program runs on it whatever the host has. */
export const node = join(root, 'node_modules/.bin/node');

/** @typedef {Record<string, { version?: string, optional?: boolean }>} Packages */

/** @type {(path: string) => Packages | undefined} */
const packagesOf = (path) => {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages;
  } catch {
    return undefined;
  }
};

/** What the scripts of packages leave that an earlier setup, or `npm ci` by hand, let run: addons for the host's Node, not for ours. */
const ADDONS = ['node_modules/ssh2/lib/protocol/crypto/build', 'node_modules/cpu-features/build'];

/** Whether every package that is needed here is installed in the version that the lock file names, and no other, and no addon was built. */
export function dependenciesAreInstalled(folder = root) {
  const wanted = packagesOf(join(folder, 'package-lock.json'));
  const installed = packagesOf(join(folder, 'node_modules/.package-lock.json'));
  if (wanted === undefined || installed === undefined || !existsSync(join(folder, 'node_modules/.bin/node')))
    return false;
  if (ADDONS.some((path) => existsSync(join(folder, path)))) return false;
  const missing = Object.entries(wanted).some(
    ([path, entry]) => path !== '' && !entry.optional && installed[path]?.version !== entry.version,
  );
  return !missing && Object.entries(installed).every(([path, entry]) => wanted[path]?.version === entry.version);
}

/** Afterwards `node` runs and finds every package. */
export async function ensureDependencies() {
  if (!dependenciesAreInstalled()) await step('installing the Node packages with npm ci', install);
  await ensureNodeRuns();
}

/**
 * Of the packages' own scripts only Node's is run, whatever npm makes of `allowScripts`: npm before 11 does not know it, and a native
 * addon that is built by the host's Node loads the library of that Node into ours where the distribution has one (Debian), which then
 * crashes at its end.
 * @param {import('./steps.mjs').Note} note
 */
async function install(note) {
  const wanted = Object.values(packagesOf(join(root, 'package-lock.json')) ?? {});
  const total = wanted.filter((entry) => !entry.optional).length;
  const modules = join(root, 'node_modules');
  const count = setInterval(
    () => note(`${folders(modules)} of about ${total} packages; Node itself is the last`),
    2000,
  );
  try {
    await npm('ci', '--ignore-scripts', '--no-audit', '--no-fund');
    await npm('rebuild', '--ignore-scripts=false', 'node');
  } finally {
    clearInterval(count);
  }
}

/** @param {readonly string[]} args */
async function npm(...args) {
  const path = process.env['npm_execpath'];
  await (path === undefined ? run('npm', args, { cwd: root }) : run(process.execPath, [path, ...args], { cwd: root }));
}

/** Node's own builds need libatomic, which a small Debian lacks. */
async function ensureNodeRuns() {
  const { stderr, status } = spawnSync(node, ['--version'], { encoding: 'utf8' });
  if (status === 0) return;
  if (!stderr.includes('libatomic')) throw new SetupError(`${node} does not run: ${stderr || `status ${status}`}`);
  await step('installing libatomic1, which Node needs', (note) => installPackages(['libatomic1'], note));
}

/** @param {string} path */
function folders(path) {
  /** @param {string} folder */
  const list = (folder) => (existsSync(folder) ? readdirSync(folder).filter((name) => !name.startsWith('.')) : []);
  return list(path).reduce((sum, name) => sum + (name.startsWith('@') ? list(join(path, name)).length : 1), 0);
}
