/** Ways to look at a fact that may not be seen; each check is then about what was seen. */

import type { EngineReport } from '../../engine/docker/engine-report.ts';
import { type Outcome, unknown } from '../check.ts';
import { type Facts, isSeen, type Seen } from '../facts.ts';

/** Judges what the engine told; unknown where none answered. */
export const ofEngine =
  (judge: (report: EngineReport, facts: Facts) => Outcome) =>
  (facts: Facts): Outcome =>
    isSeen(facts.engine) ? judge(facts.engine, facts) : unknown('no engine answered');

/** Judges one fact; unknown, with the reason, where it was not seen. */
export const seen = <T>(value: Seen<T>, judge: (value: T) => Outcome): Outcome =>
  isSeen(value) ? judge(value) : unknown(value.unseen);

/** For facts of the host that a container does not show. */
export const without = (what: string): Outcome =>
  unknown(`${what} cannot be seen from inside of a container; run carrel doctor on the host`);

/** `a, b and 3 more`. */
export function few(names: readonly string[], most = 4): string {
  const shown = names.slice(0, most).join(', ');
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
}
