/**
 * User ids for sandboxes: never 0, never one that a live sandbox has, and none again before the range is used up. A user id
 * of a sandbox that is gone may still own inotify instances or files that outlived it, hence the long way round.
 */
import { CarrelError } from '../base/errors.ts';

export interface Uids {
  readonly first: number;
  readonly count: number;
}

/** The next free id at or after `next`; afterwards `next` is one more. */
export function takeUid(range: Uids, next: number, used: Pick<ReadonlySet<number>, 'has'>): number {
  const { first, count } = range;
  if (first < 1) throw new CarrelError('invalid_settings', `expected user ids above 0, got a range from ${first}`);
  const begin = next >= first && next < first + count ? next : first;
  for (let step = 0; step < count; step += 1) {
    const uid = first + ((begin - first + step) % count);
    if (!used.has(uid)) return uid;
  }
  throw new CarrelError('no_capacity', `user ids: ${count} of ${count} in use`);
}
