/** Which user ids sandboxes may have. Where the engine maps user ids itself, the site's range does not exist inside. */
import type { Site } from '../config/policy.ts';
import type { EngineFacts } from './engine.ts';

export interface UidRange {
  /** `site`: the range of site.yaml, on the host as inside. `mapped`: inside the engine's own user namespace. */
  readonly strategy: 'site' | 'mapped';
  readonly first: number;
  readonly count: number;
}

/**
 * A rootless engine, and one with userns-remap, has the ids of one /etc/subuid line, 65536 by custom; ids below 1000 are left
 * to the image.
 */
const MAPPED: UidRange = { strategy: 'mapped', first: 1000, count: 65_536 - 1000 - 2 };

export function uidRange(facts: EngineFacts, site: Site): UidRange {
  const options = facts.securityOptions.flatMap((option) => option.split(','));
  const mapped = facts.rootless || options.includes('name=userns') || options.includes('name=rootless');
  return mapped ? MAPPED : { strategy: 'site', first: site.uids.first, count: site.uids.count };
}
