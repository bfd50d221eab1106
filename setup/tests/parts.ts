/** The parts of `npm test`, in the order in which they run: what fails fast comes first. */

import { checks, runChecks } from '../checks/checks.ts';
import { SetupError } from '../steps.mjs';
import { agentTests } from './agent-tests.ts';
import type { Tally } from './tally.ts';
import { vitestProject } from './vitest-project.ts';

export interface Part {
  readonly name: string;
  readonly needsEngine: boolean;
  run(print: (line: string) => void): Promise<Tally>;
}

const vitest = (name: string, needsEngine = true): Part => ({
  name,
  needsEngine,
  run: (print) => vitestProject(name, print),
});

export const parts: readonly Part[] = [
  {
    name: 'checks',
    needsEngine: false,
    run: async (print) => {
      const failures = await runChecks(checks, print);
      return { passed: checks.length - failures.length, failed: failures.length, skipped: [], failures };
    },
  },
  vitest('unit', false),
  { name: 'agent', needsEngine: true, run: agentTests },
  ...['engine', 'api', 'clients', 'isolation', 'fault', 'fuzz', 'e2e'].map((name) => vitest(name)),
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
