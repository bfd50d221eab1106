/** The parts of `npm test`. What needs no engine and fails fast comes before all, the longest of the others first. */

import { checks, runChecks } from '../checks/checks.ts';
import { SetupError } from '../steps.mjs';
import { agentTests } from './agent-tests.ts';
import type { Tally } from './tally.ts';
import { vitestProject } from './vitest-project.ts';

export interface Part {
  readonly name: string;
  readonly needsEngine: boolean;
  /** Those of the start run one after the other; the others wait more than they compute, so two of them share the machine. */
  readonly turn: 'first' | 'then';
  run(print: (line: string) => void): Promise<Tally>;
}

const vitest = (name: string, turn: Part['turn'] = 'then'): Part => ({
  name,
  turn,
  needsEngine: turn !== 'first',
  run: (print) => vitestProject(name, print),
});

export const parts: readonly Part[] = [
  {
    name: 'checks',
    turn: 'first',
    needsEngine: false,
    run: async (print) => {
      const failures = await runChecks(checks, print);
      return { passed: checks.length - failures.length, failed: failures.length, skipped: [], failures, again: [] };
    },
  },
  vitest('unit', 'first'),
  { name: 'agent', turn: 'first', needsEngine: true, run: agentTests },
  ...[
    'e2e',
    'fault',
    'api',
    'stack',
    'store',
    'isolation',
    'kernels',
    'image',
    'engine',
    'clients',
    'fuzz',
    'bench',
  ].map((name) => vitest(name)),
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
