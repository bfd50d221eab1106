/** Runs the checks over facts: what text, JSON and the report of the attacks are made of. */
import { CarrelError } from '../base/errors.ts';
import type { Check, Family, Line, Verdict } from './check.ts';
import type { Facts } from './facts.ts';
import { FAMILIES } from './families.ts';

export interface Result {
  readonly lines: readonly Line[];
  readonly counts: Readonly<Record<Verdict, number>>;
  /** For monitoring: 0 nothing to mend, 1 a warning, 2 something failed. What is not known counts as nothing. */
  readonly status: 0 | 1 | 2;
}

/** `only` names checks or whole families; all of them where it is empty. Throws `bad_request` for a name that is none. */
export function runChecks(facts: Facts, only: readonly string[] = []): Result {
  const lines = chosen(only).map(([family, check]) => line(family, check, facts));
  const counts = { passed: 0, warning: 0, failed: 0, unknown: 0 };
  for (const { verdict } of lines) counts[verdict] += 1;
  return { lines, counts, status: counts.failed > 0 ? 2 : counts.warning > 0 ? 1 : 0 };
}

/** Throws `bad_request` where a name is neither a check's nor a family's. */
export function chosen(only: readonly string[]): [Family, Check][] {
  const all = FAMILIES.flatMap((family) => family.checks.map((check): [Family, Check] => [family, check]));
  if (only.length === 0) return all;
  const known = new Set(all.flatMap(([family, check]) => [family.id, check.id]));
  const strange = only.filter((name) => !known.has(name));
  if (strange.length > 0)
    throw new CarrelError(
      'bad_request',
      `expected checks or families (${FAMILIES.map(({ id }) => id).join(', ')}, or a check of docs/admin/doctor.md), got ${strange.join(', ')}`,
    );
  return all.filter(([family, check]) => only.includes(family.id) || only.includes(check.id));
}

function line(family: Family, check: Check, facts: Facts): Line {
  const { verdict, found, mend } = check.look(facts);
  const remedy = verdict === 'warning' || verdict === 'failed' ? { mend: mend ?? check.mend } : {};
  return { id: check.id, family: family.id, title: check.title, verdict, found, why: check.why, ...remedy };
}
