/** What the registry has of one kernel beside the kernel itself, which is not there while its sandbox is being opened. */
import type { KernelId, PolicyName, UserId } from '../base/ids.ts';
import type { KernelModel } from './contract.ts';
import { type FileVisitOptions, FileVisits } from './file-visits.ts';
import type { Kernel } from './kernel.ts';
import type { KernelRecord } from './records.ts';

export interface Entry {
  readonly id: KernelId;
  readonly owner: UserId;
  readonly policy: PolicyName;
  readonly createdAt: number;
  /** Undefined while its sandbox is being opened. */
  kernel: Kernel | undefined;
  readonly starting: KernelModel;
  /** Of the cell that began at `since`, for its length. */
  interrupts: { since: number; count: number };
  storedActivity: number;
  storedAt: number;
  readonly files: FileVisits;
  /** Aborted when it is removed: whoever waits for its sandbox waits no longer. */
  readonly wanted: AbortController;
}

export function newEntry(about: Omit<KernelRecord, 'sandbox' | 'generation'>, options: FileVisitOptions): Entry {
  const { id, name, owner, policy, createdAt, lastActivity } = about;
  const last_activity = new Date(lastActivity).toISOString();
  return {
    ...{ id, owner, policy, createdAt, kernel: undefined },
    starting: { id, name, connections: 0, execution_state: 'starting', last_activity },
    interrupts: { since: 0, count: 0 },
    ...{ storedActivity: lastActivity, storedAt: createdAt },
    files: new FileVisits(id, createdAt, options),
    wanted: new AbortController(),
  };
}

export const modelOf = ({ kernel, starting }: Entry): KernelModel => kernel?.model ?? starting;
