/**
 * What the rest of the program knows of a container engine. Drivers implement it (`docker/`); the contract suite in
 * `test/contract/engine-contract.ts` runs on the real driver and on `FakeEngine`.
 *
 * Every call ends by its scope. "Already done" is success: starting a started container, removing a removed one.
 */
import type { Duplex } from 'node:stream';
import type { Scope } from '../base/scope.ts';
import type { ContainerPlan } from './container-plan.ts';

export interface EngineFacts {
  readonly name: string;
  /** For instance `20.10.24`. */
  readonly version: string;
  /** For instance `1.41`. */
  readonly apiVersion: string;
  readonly cgroupVersion: 1 | 2;
  readonly cgroupDriver: string;
  readonly rootless: boolean;
  /** Names of the OCI runtimes that the engine offers. */
  readonly runtimes: readonly string[];
  readonly defaultRuntime: string;
  readonly securityOptions: readonly string[];
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly kernelVersion: string;
}

export interface ContainerState {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly status: 'created' | 'running' | 'exited';
  /** Exit status where `status` is `exited` and the engine reports it. */
  readonly exitCode?: number;
}

/** What a running container uses now, as the engine counts it. */
export interface ContainerUsage {
  /** Bytes, without what the kernel could give back at once. */
  readonly memory: number;
  /** Processor time since its start. */
  readonly cpuSeconds: number;
}

export type ContainerEvent =
  | { readonly type: 'started'; readonly containerId: string }
  | { readonly type: 'out-of-memory'; readonly containerId: string }
  | { readonly type: 'exited'; readonly containerId: string; readonly exitCode: number }
  | { readonly type: 'removed'; readonly containerId: string };

/** The container's stdin and stdout. Its stderr goes to `onStderr` of `attach`. */
export interface AttachedStream {
  /** Raw bytes: what is written reaches stdin, what is read comes from stdout. Destroying it detaches; the container goes on. */
  readonly stream: Duplex;
}

export interface Engine {
  /** Answers when the engine does; `engine_unavailable` with the address and the reason otherwise. */
  facts(scope: Scope): Promise<EngineFacts>;
  /** The id of a local image, or undefined where there is none of that name. Never pulls. */
  imageId(image: string, scope: Scope): Promise<string | undefined>;
  /** Makes a container; `image_missing` or `sandbox_rejected` (with the engine's own words) where it cannot. Returns its id. */
  create(plan: ContainerPlan, scope: Scope): Promise<string>;
  start(containerId: string, scope: Scope): Promise<void>;
  /** Must be called before `start` where the first output matters. `onStderr` receives at most the first 4 KiB. */
  attach(containerId: string, scope: Scope, onStderr?: (text: string) => void): Promise<AttachedStream>;
  /** SIGKILL. Close the attached stream first: an unread one makes the engine hang (moby 41827). */
  kill(containerId: string, scope: Scope): Promise<void>;
  remove(containerId: string, scope: Scope): Promise<void>;
  inspect(containerId: string, scope: Scope): Promise<ContainerState | undefined>;
  /** Undefined where there is no such container or it does not run. */
  usage(containerId: string, scope: Scope): Promise<ContainerUsage | undefined>;
  /** All containers, running or not, that carry the label `key=value`. */
  list(label: { key: string; value: string }, scope: Scope): Promise<ContainerState[]>;
  /** Waits for the container's end and answers its exit status. */
  wait(containerId: string, scope: Scope): Promise<number>;
  /**
   * Events of the containers that carry the label, until `signal` aborts. Ends with an error when the engine goes away; the
   * caller then lists the world and subscribes again.
   */
  events(label: { key: string; value: string }, signal: AbortSignal): AsyncIterable<ContainerEvent>;
}
