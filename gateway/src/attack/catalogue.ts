/**
 * All attacks by class, with what is expected of them. In the weak containers of the tests each finds a hole; in a sandbox none does,
 * but for what is accepted here with the reason. What an attack tries and how it is judged stands at the head of its program.
 */

/** Holes that are known and accepted. */
export interface Accepted {
  readonly holes: RegExp;
  readonly why: string;
}

interface Expected {
  /** The weak container that shows the hole, where it is not the plain one: another network, user, profile or stand-in, or rights over the machine. */
  readonly variant?: 'network' | 'shared-user' | 'unconfined' | 'admin' | 'raw';
  /** Published holes that went this way. */
  readonly cve?: readonly string[];
  readonly runc?: Accepted;
  readonly gvisor?: Accepted;
}

export interface Kind {
  /** Of the threat: stays, so that other documents may name it. */
  readonly threat: string;
  readonly title: string;
  readonly attacks: Readonly<Record<string, Expected>>;
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

const kinds: readonly Kind[] = [
  {
    threat: 'T1',
    title: 'Neighbours',
    attacks: {
      neighbour_files: {},
      neighbour_processes: {},
      neighbour_sockets: {},
      uid_quota: { variant: 'shared-user' },
      kill_everything: {},
      file_locks: {},
    },
  },
  {
    threat: 'T2',
    title: 'Files of server and image',
    attacks: {
      server_files: {},
      root_filesystem: {},
      shared_layers: { cve: ['CVE-2016-5195', 'CVE-2022-0847'] },
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
  },
  {
    threat: 'T3',
    title: 'Network, mail and proxy',
    attacks: {
      network_routes: { variant: 'network' },
      mail_and_proxy: { variant: 'network' },
      service_names: { variant: 'network' },
      resolver: {},
      af_vsock: {},
      odd_sockets: sentry(/^netlink protocol 15$/, 'a uevent socket on which nothing is ever heard'),
    },
  },
  {
    threat: 'T4',
    title: 'Privilege, capabilities and namespaces',
    attacks: {
      capabilities: sentry(
        /^(no seccomp filter|nice -10 succeeded|SCHED_(FIFO|RR) EINVAL)$/,
        'its scheduler has no priorities',
      ),
      setuid_files: {},
      namespaces: {
        variant: 'unconfined',
        cve: ['CVE-2022-0185'],
        ...sentry(/^(unshare|clone with)/, 'namespaces within the sandbox'),
      },
      mounts: {},
      privileged_calls: sentry(/^(syslog|sync) succeeded$/, 'an invented log, and its own files'),
    },
  },
  {
    threat: 'T5',
    title: 'Kernel interfaces',
    attacks: {
      compat32: {},
      async_io: { cve: ['CVE-2022-29582'], ...sentry(/^io_(uring_setup|setup|submit) succeeded$/, 'rings of its own') },
      page_tricks: {
        cve: ['CVE-2026-31431'],
        ...sentry(/^(splice from a file|tee|memfd_create|mincore) succeeded$|^mlockall ENOMEM$/, 'its own page cache'),
      },
      tracing: sentry(
        /^(ptrace.TRACEME. succeeded|perf_event_open ENODEV|personality.* EINVAL|a seccomp filter.* EINVAL)$/,
        'its tasks',
      ),
      keyrings: { variant: 'unconfined' },
      sysv_ipc: sentry(/^(shmget|semget|msgget|mq_open) succeeded$/, 'memory that counts against the sandbox'),
      tty_ioctl: { cve: ['CVE-2019-10063', 'CVE-2023-28100'], ...sentry(/ENOTTY$/, 'it knows neither request') },
      kernel_files: {},
      kernel_pointers: { variant: 'admin', ...sentry(/^the kernel's log succeeded$/, 'an invented log') },
    },
  },
  {
    threat: 'T6',
    title: 'Escape by known holes of engine and runtime',
    attacks: {
      leaked_descriptors: { cve: ['CVE-2024-21626'] },
      runtime_binary: { cve: ['CVE-2019-5736'] },
      masked_paths: {
        cve: ['CVE-2025-31133', 'CVE-2025-52881'],
        ...sentry(/^.(proc|sys).[a-z]+ is not masked/, 'files that it invents and that tell nothing of the host'),
      },
      special_filesystems: {
        variant: 'admin',
        cve: ['CVE-2022-0492'],
        ...sentry(/^unshare/, 'namespaces within the sandbox'),
      },
      usermode_helpers: { variant: 'admin', cve: ['CVE-2022-0492', 'CVE-2025-31133'] },
    },
  },
  {
    threat: 'T7',
    title: 'Exhaustion of memory, processes, files and processors',
    attacks: {
      mem_bomb: diesAsOne,
      mem_hidden: diesAsOne,
      mem_swarm: diesAsOne,
      fork_bomb: diesAsOne,
      zombie_flood: {},
      timer_flood: sentry(/^20000 timers/, 'memory that counts against the sandbox'),
      fd_exhaust: {},
      rlimits: {},
      raise_limits: {},
      disk_fill: {},
      inode_fill: sentry(/then own cap$/, 'files are memory of the sandbox, without a bound of their own'),
      cpu_quota: {},
      host_stalls: sentry(
        /^(sync|syncfs|sync_file_range|readahead) /,
        'its own files; those of the image are not written',
      ),
    },
  },
  {
    threat: 'T8',
    title: 'The agent',
    attacks: {
      pid1_memory: sentry(
        /^.proc.1.(environ|maps|smaps|auxv) is readable$/,
        'it ignores dumpability here; there is no secret in them',
      ),
      pid1_stdio: sentry(/^.proc.1.fd is listed/, 'numbers only; none of the private ones can be opened'),
      pid1_signals: {},
      signals_by_file: {},
      pid1_tamper: sentry(
        /^(setpriority|sched_setaffinity|our own oom_score_adj|(nice|processors) of PID 1)/,
        'numbers that it keeps and does not use',
      ),
      helper_processes: sentry(
        /: (descriptors are listed|environment is readable|limits change)$/,
        'it ignores dumpability here; the helper has no secret, and works for this worksheet alone',
      ),
      local_sockets: {},
      survivor: {},
    },
  },
  {
    threat: 'T9',
    title: 'The stream of messages',
    attacks: {
      output_flood: {},
      huge_line: {},
      display_flood: {},
      frame_forgery: { variant: 'raw' },
      kernel_socket: { variant: 'raw' },
    },
  },
  {
    threat: 'T10',
    title: 'The transfer of files',
    attacks: {
      transfer_links: { cve: ['CVE-2024-28185'] },
      transfer_special: {},
      transfer_races: { cve: ['CVE-2018-15664', 'CVE-2024-28189'] },
    },
  },
  {
    threat: 'T11',
    title: 'Facts about the host',
    attacks: {
      host_identity: {},
      host_load: {},
      hardware_facts: {
        runc: {
          holes: /^.proc.cpuinfo names/,
          why: 'programs choose their code by the model of the processor, and would ask the processor itself',
        },
        gvisor: {
          holes: /^.proc.cpuinfo names/,
          why: 'programs choose their code by the model of the processor, and would ask the processor itself',
        },
      },
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
  },
  {
    threat: 'T12',
    title: 'Timing',
    attacks: {
      clock_discipline: {},
      activity_counters: {
        runc: {
          holes: /^.proc.(stat|meminfo|uptime|net.softnet_stat|net.sockstat) moves$/,
          why: 'Linux counts these for the machine; programs need the files to know their time and memory, and those of the network cannot be masked',
        },
      },
      cache_timing: sentry(/^(mincore succeeded|hardware counters ENODEV)$/, 'its own page cache, and no counters'),
    },
  },
];

/** What no attack of the catalogue can show, and why it is lived with. */
export const RESIDUAL: readonly { readonly what: string; readonly why: string }[] = [
  {
    what: 'A new hole of the host’s kernel, reached through the system calls that are allowed',
    why: 'the calls that remain are what Python and its libraries need; a policy with gVisor takes the host’s kernel out of reach, and updates of the host close known holes',
  },
  {
    what: 'Timing of caches, memory and processors that worksheets share',
    why: 'plain instructions measure it; a policy with processors of its own, SMT off, or a host of its own for exams narrows it',
  },
  {
    what: 'A worksheet can ruin itself: its own kernel, files and outputs',
    why: 'code in a worksheet is meant to have all of the worksheet; neither its neighbours nor the server are touched',
  },
];

export interface Attack extends Expected {
  readonly name: string;
  /** Title of its class. */
  readonly kind: string;
  readonly threat: string;
}

export const attacks: readonly Attack[] = kinds.flatMap(({ threat, title: kind, attacks: entries }) =>
  Object.entries(entries).map(([name, expected]) => ({ threat, kind, name, ...expected })),
);
