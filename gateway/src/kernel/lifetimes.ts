/** When a kernel has had its time (policy `idle`, `life`, `cell`). Pure: facts and a time in, a decision out. */
import type { Policy } from '../config/policy.ts';
import { formatDuration } from '../config/quantities.ts';
import type { ExecutionState } from './contract.ts';

/** A cell that does not heed an interrupt is interrupted again after this time, in milliseconds, then its kernel restarted. */
const HEED = 30_000;
const MOST_INTERRUPTS = 3;

export interface LifeFacts {
  readonly state: ExecutionState;
  readonly lastActivity: number;
  readonly createdAt: number;
  /** The cell that runs, and how often it was interrupted for its length. */
  readonly cell: { readonly since: number; readonly interrupts: number } | undefined;
}

export type LifeDecision =
  | { readonly do: 'nothing' }
  | { readonly do: 'cull'; readonly by: 'idle' | 'life'; readonly why: string }
  | { readonly do: 'interrupt' | 'restart'; readonly why: string };

/** A busy kernel is never ended as idle; clients that are merely connected do not make it busy. */
export function decide(policy: Policy, facts: LifeFacts, now: number): LifeDecision {
  const { name } = policy;
  if (now - facts.createdAt >= policy.life)
    return {
      do: 'cull',
      by: 'life',
      why: `its longest life, ${formatDuration(policy.life)} by policy ${name}, is over`,
    };
  const idle = facts.state !== 'busy' && facts.state !== 'starting' && facts.state !== 'restarting';
  if (idle && now - facts.lastActivity >= policy.idle)
    return {
      do: 'cull',
      by: 'idle',
      why: `it was idle for ${formatDuration(policy.idle)}, the limit of policy ${name}`,
    };
  if (facts.cell === undefined) return { do: 'nothing' };
  const { since, interrupts } = facts.cell;
  if (now - since < policy.cell + interrupts * HEED) return { do: 'nothing' };
  const limit = `the longest run of a cell is ${formatDuration(policy.cell)} by policy ${name}`;
  if (interrupts < MOST_INTERRUPTS) return { do: 'interrupt', why: `${limit}; it is interrupted` };
  return { do: 'restart', why: `${limit}; it did not heed ${MOST_INTERRUPTS} interrupts` };
}
