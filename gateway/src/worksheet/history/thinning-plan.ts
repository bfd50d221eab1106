/**
 * Which versions of a worksheet make room for newer ones (docs/spec/worksheet-history.md). What was kept by itself gets sparser with
 * its age; what has a name stays. Pure.
 */
import type { StoredVersion } from '../../store/versions.ts';

type Thinnable = Pick<StoredVersion, 'id' | 'at' | 'kind' | 'name'>;

/** Milliseconds. */
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MONTH = 31 * DAY;
const WEEK = 7 * DAY;

/** Versions of one worksheet that have a name. */
export const MOST_NAMED = 100;
/** Versions of one worksheet that have none. */
export const MOST_UNNAMED = 200;
/** Bytes of all versions of one worksheet, as they are stored. */
export const MOST_BYTES = 128 * 1024 * 1024;

/** The first to go first. */
const KINDS = ['automatic', 'named', 'before-restore', 'imported'];

/** Of `versions`, the newest first, those that are one too many for their age or for their number. */
export function thin<V extends Thinnable>(versions: readonly V[], now: number): V[] {
  const seen = new Set<string>();
  const dense = versions.filter(({ at, kind, name }, index) => {
    if (index === 0 || kind !== 'automatic' || name !== null) return false;
    const bucket = bucketOf(at, now - at);
    const first = bucket === undefined || !seen.has(bucket);
    if (bucket !== undefined) seen.add(bucket);
    return !first;
  });
  const gone = new Set(dense);
  const left = versions.filter((version) => !gone.has(version));
  const unnamed = left.filter(({ name }) => name === null).length;
  return [...dense, ...spare(left).slice(0, Math.max(0, unnamed - MOST_UNNAMED))];
}

/** Those that may be given up for their size, the first to go first; never the newest. */
export function spare<V extends Thinnable>(versions: readonly V[]): V[] {
  return versions
    .slice(1)
    .filter(({ name }) => name === null)
    .sort((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || a.at - b.at);
}

/** One of each bucket stays; undefined where all do. */
function bucketOf(at: number, age: number): string | undefined {
  if (age < HOUR) return undefined;
  if (age < DAY) return `hour ${Math.floor(at / HOUR)}`;
  if (age < MONTH) return `day ${Math.floor(at / DAY)}`;
  return `week ${Math.floor(at / WEEK)}`;
}
