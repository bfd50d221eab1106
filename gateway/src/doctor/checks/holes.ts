/**
 * Whether runc, containerd and the engine have known holes (`hole-table.ts`). A version is the truth for what upstream built. A
 * distribution mends without a new number: then its changelog is read, and what it does not name is a warning, since it may
 * have judged the hole as not its own.
 */
import { type Check, failed, type Outcome, passed, unknown, warning } from '../check.ts';
import { isSeen, type PackageFact, type Seen } from '../facts.ts';
import { HOLES } from '../hole-table.ts';
import { type Component, type Hole, TABLE_DATE } from '../holes/hole.ts';
import { isBetween, looksLikeDistribution, parseVersion } from '../versions.ts';
import { few, ofEngine } from './looking.ts';

/** The holes of the table that a version has, as upstream numbers it. */
export function holesOf(component: Component, version: string): readonly Hole[] {
  const parsed = parseVersion(version);
  if (parsed === undefined) return [];
  return HOLES.filter(
    (hole) => hole.component === component && hole.affected.some(([from, before]) => isBetween(parsed, from, before)),
  );
}

/** `of` is what the packages of the host say; it counts where it is about this very version. */
export function judgeHoles(component: Component, version: string, of: Seen<PackageFact>): Outcome {
  if (parseVersion(version) === undefined) return unknown(`the version ${JSON.stringify(version)} says nothing`);
  const all = holesOf(component, version);
  const same =
    isSeen(of) && of.version.replace(/^\d+:/, '').startsWith(version.replace(/^v/, '').split(/[+~-]/)[0] ?? '');
  const distribution = looksLikeDistribution(version) || (same && of.distribution);
  const mended = same ? of.mended : [];
  const left = all.filter(({ id }) => !mended.includes(id));
  const shown = same ? `${version} (package ${of.name} ${of.version})` : version;
  if (left.length === 0) {
    const how = all.length > 0 ? `; ${all.length} mended by the distribution, by its changelog` : '';
    return passed(`${shown}: none of the ${TABLE_DATE} table${how}`);
  }
  const reached = left.filter(({ reach }) => reach !== 'unused');
  const list = few((reached.length > 0 ? reached : left).map(({ id }) => id));
  const split = `${left.length} known, ${reached.length} that Carrel's use reaches`;
  if (distribution) {
    const how = same
      ? 'that the changelog of the package does not name'
      : 'by the number alone: a distribution may have mended them, and its changelog is not to be seen here';
    return warning(`${shown}: ${split}, ${how}: ${list}`);
  }
  const grave = reached.some(({ severity }) => severity === 'high' || severity === 'critical');
  return (grave ? failed : warning)(`${shown}: ${split}: ${list}`);
}

const check = (component: Component, title: string, why: string, mend: string): Check => ({
  id: `holes-${component}`,
  title,
  why,
  expected: 'the version has none of the holes below, or the changelog of its package names them',
  mend,
  look: ofEngine((report, { packages }) => {
    const version = component === 'engine' ? report.version : report[component];
    if (version === undefined) return unknown('the engine does not tell its version');
    return judgeHoles(component, version, packages[component]);
  }),
});

export const holes: readonly Check[] = [
  check(
    'runc',
    'known holes of runc',
    'runc is the wall between a sandbox and the host: its holes are ways out.',
    'apt-get update && apt-get install --only-upgrade runc, or install Docker’s own containerd.io with runc 1.3.6, 1.4.3, 1.5.0 or newer',
  ),
  check(
    'containerd',
    'known holes of containerd',
    'containerd unpacks images and starts containers as root.',
    'apt-get update && apt-get install --only-upgrade containerd, or Docker’s own containerd.io 2.2.9, 2.3.6 or newer',
  ),
  check(
    'engine',
    'known holes of the engine',
    'The engine is root on the host.',
    'apt-get update && apt-get install --only-upgrade docker.io, or Docker’s own docker-ce 29.8.2 or newer',
  ),
];
