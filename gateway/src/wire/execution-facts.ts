/** Live facts of a worksheet's execution, as its status tells them (worksheet-protocol.ts). */
import type { UnknownVariables, VariableSize } from './memory-facts.ts';

/** Why a sandbox was ended by its policy: nothing was run for long, or its longest life was over. */
export const sleepCauses = ['idle', 'life'] as const;
export type SleepCause = (typeof sleepCauses)[number];

/** The sandbox was ended by its policy: variables are gone, everything else is kept, and the next run opens another one. */
export interface Sleep {
  /** UTC, `2026-01-02T03:04:05.678Z`. */
  readonly since: string;
  readonly by: SleepCause;
}

/** Memory has passed 80 % of its limit, and is not below 75 % since. */
export interface MemoryShort {
  readonly variables: readonly VariableSize[] | UnknownVariables;
}

/** Bytes of memory, microseconds of processor time since the sandbox began. */
export interface SandboxUsage {
  readonly memory: number;
  readonly limit: number;
  readonly cpu: number;
  readonly short?: MemoryShort;
}

/** The queue of those who wait for a sandbox. Place 1 is next; `expectedMs` is the warden's estimate from the starts it has seen. */
export interface SandboxWait {
  readonly place: number;
  readonly of: number;
  readonly expectedMs: number;
}

/** A cell of whose output more was kept than its document holds: `GET /api/worksheets/ID/cells/CELL/output.txt`, while the sandbox lives. */
export interface FullOutput {
  readonly cell: string;
  readonly bytes: number;
}

/** The kernelspec that the next run uses: its name, and as people read it ("Python 3 (large)"). */
export interface ChosenKernel {
  readonly name: string;
  readonly title: string;
  /** The longest run of a cell, in milliseconds. */
  readonly cell?: number;
}
