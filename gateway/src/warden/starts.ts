/**
 * Which planned sandboxes are started now. Few at a time, because an engine that makes many containers at once makes each of
 * them slowly; first those that somebody waits for, in the order of arrival, then refills of pools. Pure.
 */
import type { PolicyName, SandboxId } from '../base/ids.ts';

export interface Startable {
  readonly id: SandboxId;
  readonly policy: PolicyName;
  readonly memory: number;
}

export interface StartSituation {
  /** In the order in which they were planned. */
  readonly planned: readonly Startable[];
  /** Policies of the starts that run, one entry per start. */
  readonly running: readonly PolicyName[];
  /** Policies of the opens that wait and have no ready sandbox, in the order of arrival. */
  readonly waiting: readonly PolicyName[];
  readonly slots: number;
  /** Bytes that sandboxes with a container leave of the share. */
  readonly room: number;
}

/** Starts at the same time, from the engine's processors; measured as the best throughput with one and a half per core. */
export const slotsFor = (cpus: number): number => Math.max(2, Math.round(cpus * 1.5));

export function chooseStarts({ planned, running, waiting, slots, room }: StartSituation): SandboxId[] {
  const left = [...planned];
  const chosen: SandboxId[] = [];
  let free = room;
  const active = () => running.length + chosen.length;
  /** False when it must wait for room or for a slot. */
  const take = (start: Startable): boolean => {
    if (active() >= slots || start.memory > free) return false;
    left.splice(left.indexOf(start), 1);
    free -= start.memory;
    chosen.push(start.id);
    return true;
  };

  for (const policy of without(waiting, running)) {
    const start = left.find((candidate) => candidate.policy === policy);
    /** Nothing overtakes an open that waits for room: a large one would wait for ever. */
    if (start !== undefined && !take(start)) return chosen;
  }
  /** A slot is always left for the next open. */
  while (active() - waiting.length < slots - 1) {
    const [refill] = left;
    if (refill === undefined || !take(refill)) break;
  }
  return chosen;
}

/** Opens whose sandbox is already being started need no other one. */
function without(waiting: readonly PolicyName[], running: readonly PolicyName[]): PolicyName[] {
  const left = [...running];
  return waiting.filter((policy) => {
    const at = left.indexOf(policy);
    if (at < 0) return true;
    left.splice(at, 1);
    return false;
  });
}
