/**
 * Everything that the checks know. What could not be looked at is `Unseen` with the reason, and never guessed. Plain data: tests
 * give recorded facts of other hosts.
 */
import type { Policy, Site } from '../config/policy.ts';
import type { Settings } from '../config/settings.ts';
import type { EngineReport } from '../engine/docker/engine-report.ts';
import type { SchemaState } from '../store/schema-facts.ts';

export interface Unseen {
  /** Completes "it could not be looked at: …". */
  readonly unseen: string;
}
export type Seen<T> = T | Unseen;

export const unseen = (why: string): Unseen => ({ unseen: why });
export const isSeen = <T>(value: Seen<T>): value is T =>
  !(typeof value === 'object' && value !== null && 'unseen' in value);

export interface Facts {
  /** Milliseconds since 1970, by this host's clock. */
  readonly at: number;
  readonly self: SelfFacts;
  readonly settings: Seen<Settings>;
  readonly host: HostFacts;
  readonly engine: Seen<EngineReport>;
  readonly packages: PackageFacts;
  readonly socket: Seen<SocketFacts>;
  readonly policies: Seen<PolicyFacts>;
  readonly files: Seen<readonly FileFact[]>;
  readonly schema: Seen<SchemaState>;
  readonly site: SiteFacts;
  readonly running: RunningFacts;
}

/** The process that looks. */
export interface SelfFacts {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
  /** Inside of a container the host's files are not to be seen, and its accounts are not these. */
  readonly container: boolean;
  /** Hard limit of open files of this process; Node raises its soft one to it. */
  readonly openFiles: Seen<number>;
}

export interface HostFacts {
  readonly system: Seen<{ readonly id: string; readonly name: string }>;
  /** By name with dots, trimmed; a name that this kernel has not is `Unseen`. */
  readonly sysctls: Readonly<Record<string, Seen<string>>>;
  readonly cgroup: Seen<{ readonly version: 1 | 2; readonly controllers: readonly string[] }>;
  /** Security modules in the kernel's order, for instance `lockdown,capability,landlock,yama,apparmor`. */
  readonly securityModules: Seen<readonly string[]>;
  readonly kernelCommandLine: Seen<string>;
  /** Bytes of all swap. */
  readonly swap: Seen<number>;
  readonly ksm: Seen<string>;
  /** `/sys/devices/system/cpu/smt/active`. */
  readonly smt: Seen<boolean>;
  /** Name of the hole → what the kernel says of it. */
  readonly cpuVulnerabilities: Seen<Readonly<Record<string, string>>>;
  readonly clock: ClockFacts;
  readonly accounts: Seen<readonly { readonly name: string; readonly uid: number }[]>;
  readonly subordinateUids: Seen<readonly IdRange[]>;
  /** Ports on which something listens at an address that others reach. */
  readonly openPorts: Seen<readonly number[]>;
  readonly dataDisk: Seen<DiskFacts>;
  readonly engineDisk: Seen<DiskFacts & { readonly quota: boolean; readonly own: boolean }>;
}

export interface IdRange {
  readonly owner: string;
  readonly first: number;
  readonly count: number;
}

export interface ClockFacts {
  /** Undefined inside: no service that sets the clock told anything. */
  readonly synchronised: Seen<{ readonly yes: boolean; readonly by: string }>;
  /** Milliseconds by which the engine's clock is ahead of this one. */
  readonly engineAhead: Seen<number>;
}

export interface DiskFacts {
  readonly path: string;
  /** `tmpfs`, `ext4`, `xfs`, …; the number in hexadecimal where it has no name here. */
  readonly type: string;
  /** Bytes. */
  readonly size: number;
  /** Bytes that an ordinary user may still write. */
  readonly free: number;
  /** 0 where the file system counts no inodes. */
  readonly inodes: number;
  readonly freeInodes: number;
}

/** What this host's packages say of the engine's programs; absent for one that no package brought. */
export interface PackageFacts {
  readonly runc: Seen<PackageFact>;
  readonly containerd: Seen<PackageFact>;
  readonly engine: Seen<PackageFact>;
}

export interface PackageFact {
  readonly name: string;
  readonly version: string;
  /** Whether it is the distribution's own, which gets fixes without a new upstream version. */
  readonly distribution: boolean;
  /** Every CVE that the package's changelog names. */
  readonly mended: readonly string[];
}

/** Who reaches the engine. */
export interface SocketFacts {
  /** As messages name it. */
  readonly address: string;
  /** Of the socket; absent for TCP. */
  readonly file?: { readonly uid: number; readonly gid: number; readonly mode: number };
  readonly tls: boolean;
  /** The user that the gateway runs as, and where that was seen. */
  readonly gateway: Seen<{ readonly uid: number; readonly groups: readonly number[]; readonly from: string }>;
  /** Containers that run the gateway (compose): whether the engine's socket is mounted in one. */
  readonly mounted: readonly { readonly container: string; readonly socket: boolean }[];
}

export interface PolicyFacts {
  readonly folder: string;
  /** One line each, as `carrel policy check` prints them. */
  readonly problems: readonly string[];
  readonly site?: Site;
  readonly policies: readonly Policy[];
  /** By the policy's image; absent for one that the engine has not. */
  readonly images: Seen<Readonly<Record<string, { readonly created: number; readonly bytes: number } | undefined>>>;
}

/** A file that others must not read, or a folder that others must not enter. */
export interface FileFact {
  readonly path: string;
  readonly what: string;
  readonly uid: number;
  /** Permission bits only. */
  readonly mode: number;
  /** Bits that must not be set. */
  readonly forbidden: number;
  /** Whether it must belong to the user that Carrel runs as. */
  readonly own: boolean;
}

export interface SiteFacts {
  readonly certificate: Seen<CertificateFacts>;
  /** `max-age` of HSTS in seconds; 0 where the header is missing. */
  readonly hsts: Seen<number>;
}

export interface CertificateFacts {
  readonly host: string;
  /** Milliseconds since 1970. */
  readonly validFrom: number;
  readonly validTo: number;
  readonly names: readonly string[];
  readonly matches: boolean;
  /** Why this host's own list of authorities does not believe it. */
  readonly distrust?: string;
  readonly protocol: string;
}

export interface RunningFacts {
  readonly warden: Seen<Answer>;
  readonly gateway: Seen<Answer>;
}

/** `away`: nobody is there. `silent`: something is there and does not answer as it should. */
export interface Answer {
  readonly state: 'answers' | 'away' | 'silent';
  readonly found: string;
}
