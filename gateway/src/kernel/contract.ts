/**
 * What the edge may ask of kernels. Implemented by `registry.ts`; an owner sees and reaches only its own kernels: those of
 * others are `not_found`.
 */
import type { KernelId, PolicyName, SandboxId, UserId } from '../base/ids.ts';
import type { SandboxFiles } from '../sandbox/file-transfers.ts';
import type { SandboxWait } from '../wire/execution-facts.ts';
import type { KernelMessage } from '../wire/kernel-message.ts';
import type { UnknownVariables, VariableSize } from '../wire/memory-facts.ts';
import type { KernelClient } from './client.ts';

export {
  type SandboxFile,
  SandboxFileError,
  type SandboxFiles,
} from '../sandbox/file-transfers.ts';

export type ExecutionState = 'starting' | 'idle' | 'busy' | 'restarting' | 'dead';

/** `GET /api/kernels/{id}`, the shape that Jupyter clients expect. */
export interface KernelModel {
  readonly id: KernelId;
  /** Name of the kernelspec, for instance `python3` or `python3-large`. */
  readonly name: string;
  /** UTC, `2026-01-02T03:04:05.678Z`; GatewayKernelManager needs the fraction. */
  readonly last_activity: string;
  readonly execution_state: ExecutionState;
  readonly connections: number;
  readonly reason?: string;
}

/** Facts for the page and the status line; bytes and microseconds. */
export interface KernelUsage {
  readonly memory: { readonly used: number; readonly peak: number; readonly limit: number };
  readonly cpu: { readonly usec: number };
  /** Since memory passed 80 % of its limit, until it is below 75 %; with the largest variables. */
  readonly short?: { readonly variables: readonly VariableSize[] | UnknownVariables };
}

/** How a kernel's life ended: its policy's `idle` or `life`, or anything else. */
export interface KernelEnd {
  readonly by: 'idle' | 'life' | 'other';
  /** As a person reads it. */
  readonly why: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface KernelStart {
  readonly owner: UserId;
  /** Policy and kernelspec as resolved from the requested kernelspec name. */
  readonly policy: PolicyName;
  readonly kernel: string;
  /** The kernelspec name that the client used. */
  readonly name: string;
  /** Only names that begin with `KERNEL_` arrive here. */
  readonly env: Readonly<Record<string, string>>;
  /** An id that the client proposes; refused with `conflict` where it exists. */
  readonly id?: KernelId;
  /** Of somebody who can be told that it takes longer. Without it a start fails after START_WITHIN. */
  readonly queue?: QueuePatience;
}

export interface QueuePatience {
  /** Milliseconds until a sandbox must be there. */
  readonly within: number;
  /** Each new place in the queue. */
  readonly told: (wait: SandboxWait) => void;
}

/** A sandbox that lives, as far as its files are concerned. */
export interface OpenSandbox {
  readonly id: SandboxId;
  readonly files: SandboxFiles;
}

/** Who keeps the files of sandboxes. None of these disturbs a cell. */
export interface FileKeeper {
  /** Another sandbox, or another kernel in it: no message reaches the kernel before this resolves. */
  prepare(kernel: KernelId, sandbox: OpenSandbox): Promise<void>;
  /** A cell has ended, or runs for long. */
  look(kernel: KernelId, sandbox: OpenSandbox): void;
  /** The sandbox is about to be ended on purpose. */
  rescue(kernel: KernelId, sandbox: OpenSandbox): Promise<void>;
}

export interface KernelConnection {
  /** A message from the client. Resolves when more may be sent: the edge stops reading the socket meanwhile. Undefined: at once. */
  receive(message: KernelMessage): Promise<void> | undefined;
  /** The socket has closed; what it missed is kept for its session. */
  closed(): void;
}

export interface Kernels {
  /** Resolves once the kernel answers (its model is `idle`, or `starting` when it is listed early). */
  start(request: KernelStart): Promise<KernelModel>;
  list(owner: UserId): readonly KernelModel[];
  /** Throws `not_found` where there is none. */
  get(owner: UserId, id: KernelId): KernelModel;
  /** Undefined where there is none. */
  find(owner: UserId, id: KernelId): KernelModel | undefined;
  usage(owner: UserId, id: KernelId): KernelUsage | undefined;
  interrupt(owner: UserId, id: KernelId): Promise<void>;
  /** Resolves once the new kernel has answered kernel_info. */
  restart(owner: UserId, id: KernelId): Promise<KernelModel>;
  shutdown(owner: UserId, id: KernelId): Promise<void>;
  /** `session` is the client's session_id, undefined where it sends none. */
  connect(owner: UserId, id: KernelId, client: KernelClient, session: string | undefined): KernelConnection;
  /** Called whenever a kernel's sandbox has told what it uses. */
  onUsage(listener: (id: KernelId) => void): void;
  /** Called for every kernel that has gone for good. */
  onGone(listener: (id: KernelId, end: KernelEnd) => void): void;
}
