/**
 * From a policy to everything that is ever asked of the engine for a sandbox. A pure function: after it nothing can fail for
 * a bad policy, and its test shows every field.
 */
import type { SandboxId } from '../base/ids.ts';
import type { Policy } from '../config/policy.ts';

/** Who protects the agent from the cell: the kernel's Landlock (one user id), or a second user id. */
export type Isolation = 'guarded' | 'split';

export interface PlanRequest {
  readonly sandbox: SandboxId;
  readonly policy: Policy;
  /** The sandbox's own user id, also its group id; never 0, never that of another live sandbox. */
  readonly uid: number;
  readonly isolation: Isolation;
  /** Marks the containers of this installation. */
  readonly instance: string;
  /** Seconds without a word from outside after which the agent ends the sandbox. */
  readonly orphanSeconds: number;
  readonly cgroupDriver: string;
  /** The seccomp profile as JSON text. */
  readonly seccomp: string;
}
