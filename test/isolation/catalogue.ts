/**
 * All attacks by class, with what is expected of them: a hole in the weak container (else why there is none), containment
 * in a worksheet, and under gVisor the differences, each with its reason.
 */

export interface Expected {
  /** A text: the weak container contains it too, because of this. */
  readonly weak?: string;
  /** Where in the weak container the hole shows: another network, user, seccomp profile or stand-in. */
  readonly variant?: 'network' | 'shared-user' | 'unconfined' | 'raw';
  /** A text: not contained in a worksheet, accepted because of this. */
  readonly runc?: string;
  /** A text: not contained under gVisor, accepted because of this. */
  readonly gvisor?: string;
}

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
    mount_options: {
      gvisor:
        'it keeps neither flag, and needs neither: setuid files gain nothing there, and its device nodes are its own',
    },
    link_tricks: {},
    device_nodes: {},
  },
  network: {
    network_routes: { variant: 'network' },
    resolver: {},
    af_vsock: {},
    odd_sockets: {},
  },
  privilege: {
    capabilities: {},
    setuid_files: {},
    namespaces: { variant: 'unconfined' },
    mounts: {},
    privileged_calls: {},
  },
  'kernel surface': {
    compat32: {},
    async_io: {},
    page_tricks: {},
    tracing: {},
    keyrings: { variant: 'unconfined' },
    sysv_ipc: {},
    tty_ioctl: {},
    kernel_files: {},
  },
  resources: {
    mem_bomb: {},
    mem_hidden: {},
    mem_swarm: {},
    fork_bomb: {},
    fd_exhaust: {},
    rlimits: {},
    disk_fill: {},
    inode_fill: {},
    cpu_quota: {},
  },
  agent: {
    pid1_memory: {},
    pid1_stdio: {},
    pid1_signals: {},
    pid1_tamper: {},
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
      runc: 'the mount table of the container itself names the layers of its root; no path in /proc/self can be masked',
    },
    host_totals: {
      runc: 'sysinfo(2) and /proc/meminfo are not per cgroup in Linux',
    },
  },
};

/** `[class, attack, expected]` of every attack. */
export const attacks = Object.entries(catalogue).flatMap(([kind, entries]) =>
  Object.entries(entries).map(([name, expected]) => ({ kind, name, ...expected })),
);
