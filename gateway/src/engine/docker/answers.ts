/** The engine's answers in our own words. Only what is used is read, and nothing is trusted to be there. */
import type { ContainerState, EngineFacts } from '../engine.ts';

export interface InfoAnswer {
  readonly CgroupVersion?: string;
  readonly CgroupDriver?: string;
  readonly Runtimes?: Readonly<Record<string, unknown>>;
  readonly DefaultRuntime?: string;
  readonly SecurityOptions?: readonly string[] | null;
  readonly NCPU?: number;
  readonly MemTotal?: number;
  readonly KernelVersion?: string;
  readonly ServerVersion?: string;
  readonly SystemTime?: string;
}

/** `apiVersion` is the version that is spoken. */
export function toFacts(info: InfoAnswer, apiVersion: string): EngineFacts {
  const securityOptions = info.SecurityOptions ?? [];
  return {
    name: 'docker',
    version: info.ServerVersion ?? 'unknown',
    apiVersion,
    cgroupVersion: info.CgroupVersion === '2' ? 2 : 1,
    cgroupDriver: info.CgroupDriver ?? 'none',
    rootless: securityOptions.some((option) => option.split(',').includes('name=rootless')),
    runtimes: Object.keys(info.Runtimes ?? {}),
    defaultRuntime: info.DefaultRuntime ?? 'runc',
    securityOptions,
    cpus: info.NCPU ?? 1,
    memoryBytes: info.MemTotal ?? 0,
    kernelVersion: info.KernelVersion ?? 'unknown',
  };
}

export interface InspectAnswer {
  readonly Id: string;
  readonly Config?: { readonly Labels?: Readonly<Record<string, string>> | null };
  readonly State?: { readonly Status?: string; readonly ExitCode?: number };
}

export function inspectedState(answer: InspectAnswer): ContainerState {
  return state(answer.Id, answer.Config?.Labels, answer.State?.Status, answer.State?.ExitCode);
}

export interface ListedAnswer {
  readonly Id: string;
  readonly Labels?: Readonly<Record<string, string>> | null;
  readonly State?: string;
  /** For people: `Exited (137) 3 seconds ago`; the list has the exit status nowhere else. */
  readonly Status?: string;
}

export function listedState(answer: ListedAnswer): ContainerState {
  const code = /^Exited \((-?\d+)\)/.exec(answer.Status ?? '')?.[1];
  return state(answer.Id, answer.Labels, answer.State, code === undefined ? undefined : Number(code));
}

function state(
  id: string,
  labels: Readonly<Record<string, string>> | null | undefined,
  word: string | undefined,
  exitCode: number | undefined,
): ContainerState {
  const status = statusOf(word);
  return { id, labels: labels ?? {}, status, ...(status === 'exited' && exitCode !== undefined ? { exitCode } : {}) };
}

/** The engine's seven words: a paused container still has its processes, a dead or vanishing one has not. */
function statusOf(word: string | undefined): ContainerState['status'] {
  if (word === 'created') return 'created';
  return word === 'running' || word === 'paused' || word === 'restarting' ? 'running' : 'exited';
}
