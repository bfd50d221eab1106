/** The distribution's packages, installed without questions. */
import { existsSync, readFileSync } from 'node:fs';
import { type Note, run, SetupError } from './steps.mjs';

const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };

/** Names of those packages that are not installed. `status` is dpkg's list, one paragraph per package. */
export function missingPackages(names: readonly string[], status = readStatus()): string[] {
  const installed = new Set(
    status
      .split('\n\n')
      .filter((paragraph) => /^Status: \S+ ok installed$/m.test(paragraph))
      .map((paragraph) => /^Package: (.*)$/m.exec(paragraph)?.[1]),
  );
  return names.filter((name) => !installed.has(name));
}

const readStatus = () => (existsSync('/var/lib/dpkg/status') ? readFileSync('/var/lib/dpkg/status', 'utf8') : '');

/** Installs what is missing of the packages, with no recommended ones. Needs root. */
export async function installPackages(names: readonly string[], note: Note): Promise<void> {
  const missing = missingPackages(names);
  if (missing.length === 0) return;
  const how = `apt-get install --no-install-recommends ${missing.join(' ')}`;
  if (process.getuid?.() !== 0)
    throw new SetupError(`Not root, so these packages were not installed; as root:\n  ${how}`);
  note('apt-get update');
  await run('apt-get', ['update', '-q'], { note, env: environment });
  note(how);
  await run('apt-get', ['install', '-yq', '--no-install-recommends', ...missing], { note, env: environment });
}
