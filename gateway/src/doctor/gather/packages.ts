/**
 * What the packages of this host say of runc, containerd and the engine: name, version, and the holes that the changelog names as
 * mended. Debian and Ubuntu by dpkg, Fedora, RHEL and SUSE by rpm.
 */
import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { type PackageFact, type PackageFacts, type Seen, unseen } from '../facts.ts';
import { output } from './files.ts';

/** Names of the packages that may have brought each program; Docker's own come first, since they replace the others. */
const NAMES = {
  runc: ['containerd.io', 'runc', 'runc-app', 'docker-runc'],
  containerd: ['containerd.io', 'containerd', 'containerd-app'],
  engine: ['docker-ce', 'docker.io', 'docker.io-app', 'moby-engine', 'docker'],
} as const;
/** Upstream's packages: their version is the truth. */
const UPSTREAM = new Set(['docker-ce', 'containerd.io']);
const LARGEST_CHANGELOG = 32 * 2 ** 20;
const HOLE = /\b(?:CVE-\d{4}-\d{4,7}|GHSA(?:-[0-9a-z]{4}){3})\b/g;

export async function packageFacts(elsewhere: string | undefined): Promise<PackageFacts> {
  if (elsewhere !== undefined) {
    const away = unseen(elsewhere);
    return { runc: away, containerd: away, engine: away };
  }
  const [runc, containerd, engine] = await Promise.all([find(NAMES.runc), find(NAMES.containerd), find(NAMES.engine)]);
  return { runc, containerd, engine };
}

async function find(names: readonly string[]): Promise<Seen<PackageFact>> {
  for (const name of names) {
    const version = await debianVersion(name);
    if (version !== undefined) return fact(name, version, await debianChangelog(name));
  }
  for (const name of names) {
    const version = await output('rpm', '-q', '--qf', '%{VERSION}-%{RELEASE}', name);
    if (version !== undefined) return fact(name, version, (await output('rpm', '-q', '--changelog', name)) ?? '');
  }
  return unseen(`no package of ${names.join(', ')} is installed here`);
}

const fact = (name: string, version: string, changelog: string): PackageFact => ({
  name,
  version,
  distribution: !UPSTREAM.has(name),
  mended: holesNamed(changelog),
});

/** A changelog also names holes to take a mention back; such a one is then one line of a later entry, and counts as mended here. */
export const holesNamed = (changelog: string): string[] => [...new Set(changelog.match(HOLE) ?? [])].sort();

/** A format of dpkg-query, not of ours. */
const STATUS_AND_VERSION = ['db:Status-Status', 'Version'].map((field) => `\${${field}}`).join(' ');

async function debianVersion(name: string): Promise<string | undefined> {
  const told = await output('dpkg-query', '-W', '-f', STATUS_AND_VERSION, name);
  return told?.startsWith('installed ') ? told.slice('installed '.length) : undefined;
}

async function debianChangelog(name: string): Promise<string> {
  for (const file of ['changelog.Debian.gz', 'changelog.gz', 'changelog.Debian'])
    try {
      const content = await readFile(`/usr/share/doc/${name}/${file}`);
      return (file.endsWith('.gz') ? gunzipSync(content, { maxOutputLength: LARGEST_CHANGELOG }) : content).toString();
    } catch {
      /* The next name. */
    }
  return '';
}
