/** The distribution's packages, installed without questions. Plain JavaScript: Node 26 itself may need one. */
import { existsSync, readFileSync } from 'node:fs';
import { run, SetupError } from './steps.mjs';

const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };

export const isRoot = () => process.getuid?.() === 0;
export const isDebian = () => existsSync('/etc/debian_version');

/**
 * Names of those packages that are not installed.
 * @param {readonly string[]} names
 * @param {string} status dpkg's list, one paragraph per package
 */
export function missingPackages(names, status = readStatus()) {
  const installed = new Set(
    status
      .split('\n\n')
      .filter((paragraph) => /^Status: \S+ ok installed$/m.test(paragraph))
      .map((paragraph) => /^Package: (.*)$/m.exec(paragraph)?.[1]),
  );
  return names.filter((name) => !installed.has(name));
}

const readStatus = () => (existsSync('/var/lib/dpkg/status') ? readFileSync('/var/lib/dpkg/status', 'utf8') : '');

/**
 * Installs what is missing of the packages, with no recommended ones. Where we may not, the failure says what to type.
 * @param {readonly string[]} names
 * @param {import('./steps.mjs').Note} note
 */
export async function installPackages(names, note) {
  const missing = missingPackages(names);
  if (missing.length === 0) return;
  const how = `apt-get install --no-install-recommends ${missing.join(' ')}`;
  if (!isDebian()) throw new SetupError(`Missing here, by their Debian names: ${missing.join(', ')}`);
  if (!isRoot()) throw new SetupError(`Not root, so these packages were not installed; as root:\n  ${how}`);
  note('apt-get update');
  await run('apt-get', ['update', '-q'], { note, env: environment });
  note(how);
  await run('apt-get', ['install', '-yq', '--no-install-recommends', ...missing], { note, env: environment });
}
