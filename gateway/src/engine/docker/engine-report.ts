/**
 * What an engine tells of itself beyond what sandboxes need: parts and their versions, which limits it can enforce, storage, images,
 * and the mounts of containers. For `doctor`, which only asks.
 */
import type Docker from 'dockerode';
import type { Scope } from '../../base/scope.ts';
import { type InfoAnswer, toFacts } from './answers.ts';
import { type DockerConnection, unlessStatus } from './docker-connection.ts';

export interface EngineReport {
  /** For messages. */
  readonly address: string;
  readonly version: string;
  /** Newest version of the API that it speaks. */
  readonly api: string;
  /** Undefined where the engine does not say. */
  readonly runc?: string;
  readonly containerd?: string;
  readonly system: string;
  readonly kernel: string;
  readonly cgroupVersion: 1 | 2;
  readonly cgroupDriver: string;
  /** Which limits the engine can enforce. */
  readonly limits: { readonly memory: boolean; readonly swap: boolean; readonly cpu: boolean; readonly pids: boolean };
  readonly rootless: boolean;
  readonly usernsRemap: boolean;
  /** `default`, `builtin`, `unconfined` or a path; undefined where there is no seccomp. */
  readonly seccomp?: string;
  readonly appArmor: boolean;
  readonly seLinux: boolean;
  readonly runtimes: readonly string[];
  readonly storage: { readonly driver: string; readonly status: Readonly<Record<string, string>> };
  readonly root: string;
  readonly cpus: number;
  /** Bytes. */
  readonly memory: number;
  /** Milliseconds since 1970 by the engine's clock, and by ours when it answered; undefined where it does not say. */
  readonly clock?: { readonly theirs: number; readonly ours: number };
}

interface VersionAnswer {
  readonly ApiVersion?: string;
  readonly Components?: readonly { readonly Name?: string; readonly Version?: string }[] | null;
}

interface FullInfo extends InfoAnswer {
  readonly MemoryLimit?: boolean;
  readonly SwapLimit?: boolean;
  readonly CpuCfsQuota?: boolean;
  readonly PidsLimit?: boolean;
  readonly OperatingSystem?: string;
  readonly Driver?: string;
  readonly DriverStatus?: readonly (readonly string[])[] | null;
  readonly DockerRootDir?: string;
}

/** dockerode takes a signal here; its types do not say so. */
const versionOf = (docker: Docker, abortSignal: AbortSignal): Promise<VersionAnswer> =>
  (docker.version as unknown as (options: object) => Promise<VersionAnswer>).call(docker, { abortSignal });
const infoOf = (docker: Docker, abortSignal: AbortSignal): Promise<FullInfo> =>
  (docker.info as unknown as (options: object) => Promise<FullInfo>).call(docker, { abortSignal });

/** Throws `engine_unavailable` with the reason where no engine answers. */
export async function engineReport(connection: DockerConnection, scope: Scope): Promise<EngineReport> {
  const version = await connection.call(scope, 'tell its version', versionOf);
  const asked = Date.now();
  const info = await connection.call(scope, 'describe itself', infoOf);
  const ours = (asked + Date.now()) / 2;
  return reportOf(info, version, connection.shown, ours);
}

/** Pure; tests give recorded answers. `ours` is our clock when the engine answered. */
export function reportOf(info: FullInfo, version: VersionAnswer, address: string, ours: number): EngineReport {
  const facts = toFacts(info, version.ApiVersion ?? 'unknown');
  const options = facts.securityOptions.map((option) => option.split(','));
  const option = (name: string) => options.find((words) => words[0] === `name=${name}`);
  const part = (name: string) => version.Components?.find((each) => each.Name === name)?.Version;
  const [runc, containerd] = [part('runc'), part('containerd')];
  const seccomp = option('seccomp');
  const theirs = Date.parse(info.SystemTime ?? '');
  return {
    address,
    version: facts.version,
    api: facts.apiVersion,
    ...(runc === undefined ? {} : { runc }),
    ...(containerd === undefined ? {} : { containerd }),
    system: info.OperatingSystem ?? 'unknown',
    kernel: facts.kernelVersion,
    cgroupVersion: facts.cgroupVersion,
    cgroupDriver: facts.cgroupDriver,
    limits: {
      memory: info.MemoryLimit === true,
      swap: info.SwapLimit === true,
      cpu: info.CpuCfsQuota === true,
      pids: info.PidsLimit === true,
    },
    rootless: facts.rootless,
    usernsRemap: option('userns') !== undefined,
    ...(seccomp === undefined
      ? {}
      : { seccomp: seccomp.find((word) => word.startsWith('profile='))?.slice('profile='.length) ?? 'default' }),
    appArmor: option('apparmor') !== undefined,
    seLinux: option('selinux') !== undefined,
    runtimes: facts.runtimes,
    storage: {
      driver: info.Driver ?? 'unknown',
      status: Object.fromEntries((info.DriverStatus ?? []).map(([key = '', value = '']) => [key, value])),
    },
    root: info.DockerRootDir ?? 'unknown',
    cpus: facts.cpus,
    memory: facts.memoryBytes,
    ...(Number.isNaN(theirs) ? {} : { clock: { theirs, ours } }),
  };
}

export interface ImageFact {
  /** Milliseconds since 1970. */
  readonly created: number;
  readonly bytes: number;
}

/** Undefined where the engine has no image of that name. */
export async function imageFact(
  connection: DockerConnection,
  image: string,
  scope: Scope,
): Promise<ImageFact | undefined> {
  const answer = await connection.call(scope, 'inspect the image', (docker, abortSignal) =>
    docker
      .getImage(image)
      .inspect({ abortSignal } as object)
      .catch(unlessStatus(404)),
  );
  return answer === undefined ? undefined : { created: Date.parse(answer.Created), bytes: answer.Size };
}

export interface ContainerFact {
  readonly name: string;
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Paths of the host that are mounted in it. */
  readonly mounts: readonly string[];
}

/** The running containers that carry the label. */
export async function containersWith(
  connection: DockerConnection,
  label: string,
  scope: Scope,
): Promise<readonly ContainerFact[]> {
  const found = await connection.call(scope, 'list containers', (docker, abortSignal) =>
    docker.listContainers({ filters: { label: [label] }, abortSignal }),
  );
  return found.map((each) => ({
    name: (each.Names[0] ?? each.Id).replace(/^\//, ''),
    image: each.Image,
    labels: each.Labels ?? {},
    mounts: (each.Mounts ?? []).map(({ Source }) => Source),
  }));
}
