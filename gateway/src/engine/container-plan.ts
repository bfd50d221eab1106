/**
 * From a policy to everything that is ever asked of the engine for a sandbox. A pure function: after it nothing can fail for
 * a bad policy, and its test shows every field.
 *
 * The body below is the constant; only the values that are read from `PlanRequest` vary, and nothing in it comes from a
 * client. No secret, name or address is in it: labels and the container's name hold opaque ids.
 */
import type { SandboxId } from '../base/ids.ts';
import type { Policy } from '../config/policy.ts';
import { MASKED_PATHS, READONLY_PATHS } from './hidden-paths.ts';
import { type RuntimeTraits, runtimeTraits } from './runtime-traits.ts';

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

/** Labels of every container that Carrel makes; their values are opaque ids. */
export const LABELS = {
  instance: 'carrel.instance',
  sandbox: 'carrel.sandbox',
  policy: 'carrel.policy',
  uid: 'carrel.uid',
} as const;

export const HOME = '/home/worksheet';

export interface ContainerPlan {
  /** Name of the container. */
  readonly name: string;
  /** The create request in the words of the Docker Engine API. */
  readonly body: ContainerBody;
}

export type ContainerBody = ReturnType<typeof containerBody>;

export function containerPlan(request: PlanRequest): ContainerPlan {
  return { name: `carrel-${request.sandbox}`, body: containerBody(request) };
}

/** The four capabilities that an agent of user id 0 needs to start cells under another one, and to end them. */
const SPLIT_CAPABILITIES = ['SETUID', 'SETGID', 'SETPCAP', 'KILL'];

/** Quota period of the kernel's CPU bandwidth control in microseconds, the engine's own default. */
const CPU_PERIOD = 100_000;

function containerBody(request: PlanRequest) {
  const { policy, uid, isolation } = request;
  const traits = runtimeTraits(policy.runtime);
  const cgroupParent = cgroupParentOf(request.cgroupDriver);
  return {
    Image: policy.image,
    Entrypoint: undefined as readonly string[] | undefined,
    Cmd: agentArguments(request),
    User: isolation === 'split' ? '0:0' : `${uid}:${uid}`,
    WorkingDir: '/',
    Hostname: 'worksheet',
    Env: environment(policy),
    Labels: {
      [LABELS.instance]: request.instance,
      [LABELS.sandbox]: request.sandbox as string,
      [LABELS.policy]: policy.name as string,
      [LABELS.uid]: String(uid),
    } as Readonly<Record<string, string>>,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    OpenStdin: true,
    /** False: a stream that was lost can be attached again. */
    StdinOnce: false,
    Tty: false,
    /** A health check of the image would be an exec in a hostile container. */
    Healthcheck: { Test: ['NONE'] },
    HostConfig: {
      /** lo only. `NetworkDisabled` would isolate no more, and takes away /etc/hosts: `localhost` has no address then. */
      NetworkMode: 'none',
      Dns: ['127.0.0.1'],
      DnsSearch: ['.'],
      IpcMode: 'none',
      CgroupnsMode: 'private',
      ...(cgroupParent === undefined ? {} : { CgroupParent: cgroupParent }),
      Privileged: false,
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      CapAdd: isolation === 'split' ? SPLIT_CAPABILITIES : [],
      SecurityOpt: ['no-new-privileges', `seccomp=${request.seccomp}`],
      MaskedPaths: MASKED_PATHS,
      ReadonlyPaths: READONLY_PATHS,
      Runtime: policy.runtime,
      /** PID 1 is the agent, which reaps. */
      Init: false,
      Memory: policy.memory,
      /** Memory and swap together: there is no swap. */
      MemorySwap: policy.memory,
      OomKillDisable: false,
      /** When the host itself runs out of memory, sandboxes go before the gateway and the engine do. */
      OomScoreAdj: 500,
      /** As period and quota: engines refuse `NanoCpus` above the host's number of processors, a quota they take. */
      CpuPeriod: CPU_PERIOD,
      CpuQuota: Math.round(policy.cpus * CPU_PERIOD),
      CpuShares: 256,
      PidsLimit: policy.pids + traits.pidsMargin,
      Ulimits: ulimits(policy, traits),
      Tmpfs: {
        '/tmp': `${bounds(policy.tmp)},nosuid,nodev,exec,mode=1777`,
        [HOME]: `${bounds(policy.home)},nosuid,nodev,exec,mode=0700,uid=${uid},gid=${uid}`,
        '/dev/shm': `${bounds(policy.shm)},nosuid,nodev,noexec,mode=1777`,
      } as Readonly<Record<string, string>>,
      /** What students print must not fill the host's disk. */
      LogConfig: { Type: 'none' },
      RestartPolicy: { Name: 'no' },
      AutoRemove: false,
    },
  };
}

/** Arguments of the image's entrypoint, the agent. */
function agentArguments({ policy, uid, isolation, orphanSeconds }: PlanRequest): readonly string[] {
  const args = ['--orphan', String(orphanSeconds), '--kernel', policy.kernel];
  if (policy.preload.length > 0) args.push('--preload', policy.preload.join(','));
  for (const [name, value] of Object.entries(policy.environment)) args.push('--env', `${name}=${value}`);
  if (isolation === 'split') args.push('--cell-uid', String(uid));
  return args;
}

/** Numerical libraries start a thread per processor of the host unless told how many the quota allows. */
function environment(policy: Policy): readonly string[] {
  const threads = Math.max(1, Math.ceil(policy.cpus));
  return [
    'PATH=/usr/local/bin:/usr/bin:/bin',
    `HOME=${HOME}`,
    'LANG=C.UTF-8',
    `OMP_NUM_THREADS=${threads}`,
    `OPENBLAS_NUM_THREADS=${threads}`,
  ];
}

function ulimits(policy: Policy, traits: RuntimeTraits) {
  const limits: Record<string, number> = {
    nofile: policy.openFiles,
    core: 0,
    fsize: policy.fileSize,
    memlock: 64 * 1024,
    sigpending: 1024,
    msgqueue: 0,
    ...(traits.processUlimit ? { nproc: policy.pids } : {}),
  };
  return Object.entries(limits).map(([Name, limit]) => ({ Name, Soft: limit, Hard: limit }));
}

const bounds = (tmpfs: { size: number; inodes: number }) => `size=${tmpfs.size},nr_inodes=${tmpfs.inodes}`;

/** All sandboxes lie below one cgroup. A rootless engine on cgroup v1 has no driver (`none`) and takes no parent. */
function cgroupParentOf(driver: string): string | undefined {
  if (driver === 'systemd') return 'carrel.slice';
  return driver === 'cgroupfs' ? '/carrel' : undefined;
}
