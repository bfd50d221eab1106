/**
 * All attacks by class, with what is expected of them. In the weak container each finds a hole; in a worksheet none does,
 * but for what is accepted here with the reason.
 */

/** Holes that are known and accepted. */
export interface Accepted {
  readonly holes: RegExp;
  readonly why: string;
}

export interface Expected {
  /** Where the weak container shows the hole: another network, user, seccomp profile or stand-in. */
  readonly variant?: 'network' | 'shared-user' | 'unconfined' | 'raw';
  readonly runc?: Accepted;
  readonly gvisor?: Accepted;
}

/** What gVisor answers comes from its own kernel in user space; the host's is not behind it. */
const sentry = (holes: RegExp, what: string): Expected => ({ gvisor: { holes, why: `the sentry's own: ${what}` } });

/** Under gVisor the memory limit holds the sentry and the agent too: they die as one, and the worksheet gets a new sandbox. */
const diesAsOne: Expected = {
  gvisor: {
    holes: /^the container died$/,
    why: 'the whole sandbox ends at its limit; the worksheet goes on in a new one',
  },
};

export const catalogue: Readonly<Record<string, Readonly<Record<string, Expected>>>> = {
  neighbours: {
    neighbour_files: {},
    neighbour_processes: {},
    neighbour_sockets: {},
    uid_quota: { variant: 'shared-user' },
    kill_everything: {},
  },
  files: {
    server_files: {},
    root_filesystem: {},
    mount_options: sentry(
      /is not mounted nodev, nosuid$/,
      'it shows neither flag, grants nothing by setuid, has no devices',
    ),
    link_tricks: sentry(
      /^(.proc.1.fd(info)? is listed|a link to .proc.1.environ is followed)$/,
      'it ignores dumpability here',
    ),
    device_nodes: sentry(/^(mknod|open of .dev.(fuse|net.tun)$)/, 'nodes without a device'),
  },
  network: {
    network_routes: { variant: 'network' },
    resolver: {},
    af_vsock: {},
    odd_sockets: sentry(/^netlink protocol 15$/, 'a uevent socket on which nothing is ever heard'),
  },
  privilege: {
    capabilities: sentry(
      /^(no seccomp filter|nice -10 succeeded|SCHED_(FIFO|RR) EINVAL)$/,
      'its scheduler has no priorities',
    ),
    setuid_files: {},
    namespaces: { variant: 'unconfined', ...sentry(/^(unshare|clone with)/, 'namespaces within the sandbox') },
    mounts: {},
    privileged_calls: sentry(/^(syslog|sync) succeeded$/, 'an invented log, and its own files'),
  },
  'kernel surface': {
    compat32: {},
    async_io: sentry(/^io_(uring_setup|setup|submit) succeeded$/, 'rings of its own'),
    page_tricks: sentry(
      /^(splice from a file|tee|memfd_create|mincore) succeeded$|^mlockall ENOMEM$/,
      'its own page cache',
    ),
    tracing: sentry(
      /^(ptrace.TRACEME. succeeded|perf_event_open ENODEV|personality.* EINVAL|a seccomp filter.* EINVAL)$/,
      'its tasks',
    ),
    keyrings: { variant: 'unconfined' },
    sysv_ipc: sentry(/^(shmget|semget|msgget|mq_open) succeeded$/, 'memory that counts against the sandbox'),
    tty_ioctl: sentry(/ENOTTY$/, 'it knows neither request'),
    kernel_files: {},
  },
  resources: {
    mem_bomb: diesAsOne,
    mem_hidden: diesAsOne,
    mem_swarm: diesAsOne,
    fork_bomb: diesAsOne,
    fd_exhaust: {},
    rlimits: {},
    disk_fill: {},
    inode_fill: sentry(/took 20000 files/, 'files are memory of the sandbox, without a bound of their own'),
    cpu_quota: {},
  },
  agent: {
    pid1_memory: sentry(
      /^.proc.1.(environ|maps|smaps|auxv) is readable$/,
      'it ignores dumpability here; there is no secret in them',
    ),
    pid1_stdio: sentry(/^.proc.1.fd is listed/, 'numbers only; none of the private ones can be opened'),
    pid1_signals: {},
    pid1_tamper: sentry(
      /^(setpriority|sched_setaffinity|our own oom_score_adj|(nice|processors) of PID 1)/,
      'numbers that it keeps and does not use',
    ),
    survivor: {},
  },
  stream: {
    output_flood: {},
    huge_line: {},
    frame_forgery: { variant: 'raw' },
  },
  leaks: {
    host_identity: {},
    host_load: {},
    secrets_around: {},
    mount_table: {
      runc: {
        holes: /^(.var.lib|[0-9a-f]{64}|.data.overlay2)/,
        why: 'the mount table names the layers of the root and the files that the engine mounts; it cannot be masked',
      },
    },
    host_totals: {
      runc: {
        holes: /^(MemTotal|sysinfo.2.|processor time in .proc.stat)/,
        why: 'Linux counts these for the machine, not for a cgroup',
      },
    },
  },
};

export const attacks = Object.entries(catalogue).flatMap(([kind, entries]) =>
  Object.entries(entries).map(([name, expected]) => ({ kind, name, ...expected })),
);
