/**
 * What a check of `carrel doctor` is: a pure function from facts to an outcome, and the words that go with it. `gather/` looks at the
 * host and the installation; nothing here does.
 */
import type { Facts } from './facts.ts';

/** `unknown`: it could not be looked at from here; `found` says why. */
export type Verdict = 'passed' | 'warning' | 'failed' | 'unknown';

export interface Outcome {
  readonly verdict: Verdict;
  /** What was found, as one line. */
  readonly found: string;
  /** The command that mends it, where it is another than the check's own. */
  readonly mend?: string;
}

export interface Check {
  /** What `--only` and monitoring name; never changed once released. */
  readonly id: string;
  /** What is looked at, in a few words. */
  readonly title: string;
  /** One sentence. */
  readonly why: string;
  /** Completes "passed where …"; docs/admin/doctor.md prints it. */
  readonly expected: string;
  /** The command, or the line of a settings file, that mends it. */
  readonly mend: string;
  readonly look: (facts: Facts) => Outcome;
}

export interface Family {
  readonly id: string;
  readonly title: string;
  readonly checks: readonly Check[];
}

/** One check with its outcome: what text, JSON and the report of the attacks print. */
export interface Line {
  readonly id: string;
  readonly family: string;
  readonly title: string;
  readonly verdict: Verdict;
  readonly found: string;
  readonly why: string;
  /** Absent where there is nothing to mend. */
  readonly mend?: string;
}

export const passed = (found: string): Outcome => ({ verdict: 'passed', found });
export const unknown = (found: string): Outcome => ({ verdict: 'unknown', found });
export const warning = (found: string, mend?: string): Outcome => outcome('warning', found, mend);
export const failed = (found: string, mend?: string): Outcome => outcome('failed', found, mend);

function outcome(verdict: Verdict, found: string, mend?: string): Outcome {
  return { verdict, found, ...(mend === undefined ? {} : { mend }) };
}
