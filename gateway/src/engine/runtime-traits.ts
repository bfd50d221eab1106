/** What differs between the OCI runtimes that a policy may name. The one place that knows: the plan and the probe ask here. */

export interface RuntimeTraits {
  /** Agent and cell must have two user ids, whatever the host's kernel offers. */
  readonly alwaysSplit: boolean;
  /** Added to the pids limit of the cgroup: processes and threads of the runtime itself that are counted there. */
  readonly pidsMargin: number;
  /** The pids limit also has to be a `nproc` ulimit, because the cgroup's limit is widened by the margin. */
  readonly processUlimit: boolean;
  /** The seccomp profile filters the runtime's own system calls or nothing, never the cell's. */
  readonly ignoresSeccomp: boolean;
  /** `nr_inodes` of a tmpfs has no effect. */
  readonly ignoresInodes: boolean;
}

const NATIVE: RuntimeTraits = {
  alwaysSplit: false,
  pidsMargin: 0,
  processUlimit: false,
  ignoresSeccomp: false,
  ignoresInodes: false,
};

/**
 * gVisor: a process may read the memory map of another one of its user id in spite of PR_SET_DUMPABLE, and may kill PID 1;
 * the threads of the sentry count as pids, and a limit of 128 ends it. Measured with release 20221219.
 */
const GVISOR: RuntimeTraits = {
  alwaysSplit: true,
  pidsMargin: 384,
  processUlimit: true,
  ignoresSeccomp: true,
  ignoresInodes: true,
};

const TRAITS: Readonly<Record<string, RuntimeTraits>> = { runc: NATIVE, crun: NATIVE, runsc: GVISOR };

/** Names such as `runsc-kvm` belong to the family before the dash; a runtime that is not known is taken as a native one. */
export function runtimeTraits(runtime: string): RuntimeTraits {
  const family = runtime.split('-')[0] ?? runtime;
  return TRAITS[runtime] ?? TRAITS[family] ?? NATIVE;
}
