/** The parts of `npm test`. Those of one lane run one after the other; what needs no engine and fails fast comes before all. */

import { checks, runChecks } from '../checks/checks.ts';
import { SetupError } from '../steps.mjs';
import { agentTests } from './agent-tests.ts';
import type { Tally } from './tally.ts';
import { vitestProject } from './vitest-project.ts';

export interface Part {
  readonly name: string;
  readonly needsEngine: boolean;
  /** Tests of the whole program wait more than they compute, so two lanes of them share the machine. */
  readonly lane: 'first' | 'left' | 'right';
  run(print: (line: string) => void): Promise<Tally>;
}

const vitest = (name: string, lane: Part['lane']): Part => ({
  name,
  lane,
  needsEngine: lane !== 'first',
  run: (print) => vitestProject(name, print),
});

export const parts: readonly Part[] = [
  {
    name: 'checks',
    lane: 'first',
    needsEngine: false,
    run: async (print) => {
      const failures = await runChecks(checks, print);
      return { passed: checks.length - failures.length, failed: failures.length, skipped: [], failures };
    },
  },
  vitest('unit', 'first'),
  { name: 'agent', lane: 'first', needsEngine: true, run: agentTests },
  ...['image', 'engine', 'api', 'store', 'clients', 'kernels', 'fuzz'].map((name) => vitest(name, 'left')),
  ...['bench', 'fault', 'isolation', 'e2e', 'stack'].map((name) => vitest(name, 'right')),
];

/** All parts where none is named. */
export function chooseParts(names: readonly string[]): readonly Part[] {
  const unknown = names.filter((name) => !parts.some((part) => part.name === name));
  if (unknown.length > 0) {
    throw new SetupError(
      `expected parts of the tests (${parts.map((part) => part.name).join(', ')}), got ${unknown.join(', ')}`,
    );
  }
  return names.length === 0 ? parts : parts.filter((part) => names.includes(part.name));
}
