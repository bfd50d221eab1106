import type { KernelId, PolicyName, SandboxId, UserId } from '../base/ids.ts';

/** What must outlive the gateway's process to find its kernels again. */
export interface KernelRecord {
  readonly id: KernelId;
  readonly owner: UserId;
  readonly policy: PolicyName;
  readonly kernel: string;
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  readonly sandbox: SandboxId;
  /** Number of the kernel process within the sandbox, counted from 1. */
  readonly generation: number;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly lastActivity: number;
}

export type LastActivity = Pick<KernelRecord, 'id' | 'lastActivity'>;

/** Implemented by `store/`. */
export interface KernelRecords {
  all(): Promise<KernelRecord[]>;
  put(record: KernelRecord): Promise<void>;
  /** What of these is not stored, or not any more, is left out. */
  touch(seen: readonly LastActivity[]): Promise<void>;
  remove(id: KernelId): Promise<void>;
}
