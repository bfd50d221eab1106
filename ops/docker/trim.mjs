/**
 * `trim.mjs SOURCES`, in the build of the images: leaves in node_modules what the sources import and what these packages need, and
 * in the sources no test.
 */
import { globSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const SPECIFIER =
  /(?:from\s+|import\s*\(\s*|import\s+|createRequire\(import\.meta\.url\)(?:\.resolve)?\()'([^'.][^']*)'/g;
const sources = resolve(process.argv[2] ?? 'gateway/src');
const modules = resolve('node_modules');

for (const test of globSync('**/*.test.ts', { cwd: sources })) rmSync(join(sources, test));
const needed = new Set();
for (const file of globSync('**/*.ts', { cwd: sources })) {
  const text = readFileSync(join(sources, file), 'utf8').replaceAll(/^import type .*$/gm, '');
  for (const [, specifier = ''] of text.matchAll(SPECIFIER))
    if (!specifier.startsWith('node:')) need(packageOf(specifier), modules);
}
const left = removeOthers(modules);
for (const file of globSync('**/*.{map,md,d.ts,d.mts,d.cts}', { cwd: modules }))
  rmSync(join(modules, file), { force: true });
process.stdout.write(`${left} packages: ${[...needed].map((path) => relative(modules, path)).join(' ')}\n`);

/** @param {string} specifier */
function packageOf(specifier) {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

/**
 * Keeps the package as Node finds it from this folder, and what it needs.
 * @param {string} name
 * @param {string} from
 */
function need(name, from) {
  for (let folder = from; folder.startsWith(modules); folder = dirname(folder)) {
    const place = folder.endsWith('node_modules') ? join(folder, name) : join(folder, 'node_modules', name);
    const manifest = manifestOf(place);
    if (manifest === undefined) continue;
    if (needed.has(place)) return;
    needed.add(place);
    const { dependencies = {}, optionalDependencies = {}, peerDependencies = {} } = manifest;
    for (const other of Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies }))
      need(other, place);
    return;
  }
}

/** @param {string} place */
function manifestOf(place) {
  try {
    return JSON.parse(readFileSync(join(place, 'package.json'), 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * Answers how many packages are left.
 * @param {string} folder
 */
function removeOthers(folder) {
  let kept = 0;
  for (const name of readdirSync(folder)) {
    const place = join(folder, name);
    if (name.startsWith('.')) rmSync(place, { recursive: true });
    else if (needed.has(place)) kept += 1;
    else {
      const below = name.startsWith('@') ? removeOthers(place) : 0;
      if (below === 0) rmSync(place, { recursive: true });
      kept += below;
    }
  }
  return kept;
}
