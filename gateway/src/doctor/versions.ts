/** Versions of runc, containerd and the engine: as upstream and as distributions write them. Pure. */

export interface Version {
  readonly numbers: readonly number[];
  /** `rc.3` of `1.4.0-rc.3`; a version with one is older than the same without. */
  readonly candidate?: number;
}

const PATTERN = /^v?(?:\d+:)?(\d+(?:\.\d+)*)(?:[-~.]?rc\.?(\d+))?/;

/** `20.10.24+dfsg1`, `v1.7.27`, `1.6.20~ds1`, `1.0.0-rc93`; undefined for what begins with no number. */
export function parseVersion(text: string): Version | undefined {
  const match = PATTERN.exec(text.trim());
  if (match === null) return undefined;
  const numbers = String(match[1]).split('.').map(Number);
  return match[2] === undefined ? { numbers } : { numbers, candidate: Number(match[2]) };
}

/** Negative where `a` is older. */
export function compareVersions(a: Version, b: Version): number {
  for (let at = 0; at < Math.max(a.numbers.length, b.numbers.length); at += 1) {
    const difference = (a.numbers[at] ?? 0) - (b.numbers[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return (a.candidate ?? Number.POSITIVE_INFINITY) === (b.candidate ?? Number.POSITIVE_INFINITY)
    ? 0
    : (a.candidate ?? Number.POSITIVE_INFINITY) - (b.candidate ?? Number.POSITIVE_INFINITY);
}

/** Whether the version is in `[from, before)`. */
export function isBetween(version: Version, from: string, before: string): boolean {
  const [low, high] = [parseVersion(from), parseVersion(before)];
  if (low === undefined || high === undefined) throw new RangeError(`not versions: ${from}, ${before}`);
  return compareVersions(version, low) >= 0 && compareVersions(version, high) < 0;
}

/** Marks of Debian, Ubuntu, Fedora, RHEL, SUSE and Alpine in a version: they mend holes without a new upstream number. */
export const looksLikeDistribution = (text: string): boolean =>
  /[+~.-](dfsg|ds\d|deb\d|ubuntu|el\d|fc\d|lp\d|r\d+$)|\+ds|-\d+ubuntu/.test(text);
