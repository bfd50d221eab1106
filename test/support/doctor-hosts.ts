/** Recorded hosts for the tests of `carrel doctor`: a host on which every check passes, and what engines of other hosts tell. */
import { loadPolicies } from '../../gateway/src/config/load-policies.ts';
import { readSettings } from '../../gateway/src/config/settings.ts';
import { type Facts, unseen } from '../../gateway/src/doctor/facts.ts';
import { type EngineReport, reportOf } from '../../gateway/src/engine/docker/engine-report.ts';
import { migrations } from '../../gateway/src/store/migrations/migrations.ts';

export const AT = Date.parse('2026-11-25T12:00:00Z');
const DAY = 86_400_000;
const GIB = 2 ** 30;

type Info = Parameters<typeof reportOf>[0];
type Version = Parameters<typeof reportOf>[1];

const LIMITS = { MemoryLimit: true, SwapLimit: true, CpuCfsQuota: true, PidsLimit: true };
const RUNC = { runc: { path: 'runc' } };
const components = (engine: string, containerd: string, runc: string, api: string): Version => ({
  ApiVersion: api,
  Components: [
    { Name: 'Engine', Version: engine },
    { Name: 'containerd', Version: containerd },
    { Name: 'runc', Version: runc },
    { Name: 'docker-init', Version: '0.19.0' },
  ],
});

/** Answers of `/info` and `/version`, by host. */
export const RECORDED = {
  /** Debian 12, cgroup v1, without a security module. */
  bookworm: {
    info: {
      ...LIMITS,
      ServerVersion: '20.10.24+dfsg1',
      CgroupVersion: '1',
      CgroupDriver: 'cgroupfs',
      Runtimes: { 'io.containerd.runc.v2': { path: 'runc' }, ...RUNC, runsc: { path: '/usr/bin/runsc' } },
      DefaultRuntime: 'runc',
      SecurityOptions: ['name=seccomp,profile=default'],
      NCPU: 2,
      MemTotal: 25_276_514_304,
      KernelVersion: '6.18.44',
      OperatingSystem: 'Debian GNU/Linux 12 (bookworm)',
      Driver: 'overlay2',
      DriverStatus: [
        ['Backing Filesystem', 'extfs'],
        ['Supports d_type', 'true'],
      ],
      DockerRootDir: '/var/lib/docker',
      SystemTime: '2026-11-25T12:00:00.003471863Z',
    },
    version: components('20.10.24+dfsg1', '1.6.20~ds1', '1.1.5+ds1', '1.41'),
  },
  /** Debian 13 with Docker's own packages and userns-remap. */
  trixie: {
    info: {
      ...LIMITS,
      ServerVersion: '29.9.0',
      CgroupVersion: '2',
      CgroupDriver: 'systemd',
      Runtimes: { 'io.containerd.runc.v2': { path: 'runc' }, ...RUNC, runsc: { path: '/usr/bin/runsc' } },
      DefaultRuntime: 'runc',
      SecurityOptions: ['name=apparmor', 'name=seccomp,profile=builtin', 'name=cgroupns', 'name=userns'],
      NCPU: 16,
      MemTotal: 64 * GIB,
      KernelVersion: '6.12.57+deb13-amd64',
      OperatingSystem: 'Debian GNU/Linux 13 (trixie)',
      Driver: 'overlayfs',
      DriverStatus: [['driver-type', 'io.containerd.snapshotter.v1']],
      DockerRootDir: '/var/lib/docker/231072.231072',
      SystemTime: '2026-11-25T12:00:00.010Z',
    },
    version: components('29.9.0', 'v2.3.6', '1.5.3', '1.52'),
  },
  /** Fedora with SELinux. */
  fedora: {
    info: {
      ...LIMITS,
      ServerVersion: '28.3.3',
      CgroupVersion: '2',
      CgroupDriver: 'systemd',
      Runtimes: RUNC,
      SecurityOptions: ['name=seccomp,profile=builtin', 'name=selinux', 'name=cgroupns'],
      NCPU: 8,
      MemTotal: 32 * GIB,
      OperatingSystem: 'Fedora Linux 42',
      Driver: 'overlay2',
      DriverStatus: [['Backing Filesystem', 'xfs']],
      DockerRootDir: '/var/lib/docker',
    },
    version: components('28.3.3', '2.0.5', '1.3.0', '1.51'),
  },
  /** Rootless on Ubuntu 24.04, where systemd delegates memory and pids alone. */
  rootless: {
    info: {
      ...LIMITS,
      CpuCfsQuota: false,
      ServerVersion: '27.5.1',
      CgroupVersion: '2',
      CgroupDriver: 'systemd',
      Runtimes: RUNC,
      SecurityOptions: ['name=seccomp,profile=builtin', 'name=rootless', 'name=cgroupns'],
      NCPU: 4,
      MemTotal: 16 * GIB,
      OperatingSystem: 'Ubuntu 24.04.3 LTS',
      Driver: 'fuse-overlayfs',
      DockerRootDir: '/home/carrel/.local/share/docker',
    },
    version: components('27.5.1', '1.7.27', '1.2.5', '1.47'),
  },
} satisfies Record<string, { info: Info; version: Version }>;

export const recorded = (host: keyof typeof RECORDED): EngineReport =>
  reportOf(RECORDED[host].info, RECORDED[host].version, '/var/run/docker.sock', AT);

export const settingsOf = (environment: Record<string, string> = {}) =>
  readSettings({ CARREL_DATA: '/srv/carrel', CARREL_POLICIES: 'policies', ...environment });

const SYSCTLS: Record<string, string> = {
  'kernel.kptr_restrict': '2',
  'kernel.dmesg_restrict': '1',
  'kernel.unprivileged_bpf_disabled': '2',
  'kernel.perf_event_paranoid': '3',
  'kernel.io_uring_disabled': '2',
  'vm.unprivileged_userfaultfd': '0',
  'kernel.randomize_va_space': '2',
  'kernel.yama.ptrace_scope': '2',
  'kernel.core_pattern': 'core',
  'fs.suid_dumpable': '0',
  'fs.protected_symlinks': '1',
  'fs.protected_hardlinks': '1',
  'fs.protected_fifos': '2',
  'fs.protected_regular': '2',
  'user.max_user_namespaces': '255000',
  'kernel.unprivileged_userns_clone': '0',
  'fs.inotify.max_user_instances': '8192',
  'fs.inotify.max_user_watches': '524288',
  'fs.file-max': '9223372036854775807',
  'kernel.pid_max': '4194304',
  'kernel.threads-max': '1000000',
};

const disk = (path: string) => ({
  path,
  type: 'ext4',
  size: 500 * GIB,
  free: 300 * GIB,
  inodes: 30_000_000,
  freeInodes: 29_000_000,
});

/** Every check passes here. */
export function goodHost(): Facts {
  const { policies, site } = loadPolicies('policies');
  const secret = { uid: 900, mode: 0o600, forbidden: 0o077, own: true };
  const known = Object.keys(migrations);
  return {
    at: AT,
    self: { uid: 0, gid: 0, groups: [], container: false, openFiles: 65_536 },
    settings: settingsOf({ CARREL_PUBLIC_URL: 'https://notebooks.uni.edu' }),
    host: {
      system: { id: 'debian', name: 'Debian GNU/Linux 13 (trixie)' },
      sysctls: SYSCTLS,
      cgroup: { version: 2, controllers: ['cpuset', 'cpu', 'io', 'memory', 'pids'] },
      securityModules: ['lockdown', 'capability', 'landlock', 'yama', 'apparmor'],
      kernelCommandLine: 'BOOT_IMAGE=/vmlinuz root=/dev/sda1 ro quiet',
      swap: 0,
      ksm: '0',
      smt: false,
      cpuVulnerabilities: { meltdown: 'Not affected', spectre_v2: 'Mitigation: Enhanced IBRS' },
      clock: { synchronised: { yes: true, by: 'chrony' }, engineAhead: 10 },
      accounts: [
        { name: 'root', uid: 0 },
        { name: 'carrel', uid: 900 },
      ],
      subordinateUids: [{ owner: 'dockremap', first: 1_000_000, count: 65_536 }],
      openPorts: [22, 80, 443],
      dataDisk: disk('/srv/carrel'),
      engineDisk: { ...disk('/var/lib/docker'), quota: false, own: true },
    },
    engine: recorded('trixie'),
    packages: {
      runc: { name: 'containerd.io', version: '2.3.6-1~debian.13~trixie', distribution: false, mended: [] },
      containerd: { name: 'containerd.io', version: '2.3.6-1~debian.13~trixie', distribution: false, mended: [] },
      engine: { name: 'docker-ce', version: '5:29.9.0-1~debian.13~trixie', distribution: false, mended: [] },
    },
    socket: {
      address: '/var/run/docker.sock',
      file: { uid: 0, gid: 990, mode: 0o660 },
      tls: false,
      gateway: { uid: 900, groups: [900], from: 'gateway, process 12' },
      mounted: [],
    },
    policies: {
      folder: 'policies',
      problems: [],
      site,
      policies: [...policies.values()],
      images: { 'carrel-kernel': { created: AT - 5 * DAY, bytes: GIB } },
    },
    files: [
      { path: '/srv/carrel/secrets.json', what: 'keys', ...secret },
      { path: '/srv/carrel/carrel.sqlite', what: 'database', ...secret },
    ],
    schema: {
      where: '/srv/carrel/carrel.sqlite',
      version: 'SQLite 3.50.4',
      applied: known,
      known,
      backup: AT - DAY / 2,
    },
    site: {
      certificate: {
        host: 'notebooks.uni.edu',
        validFrom: AT - 30 * DAY,
        validTo: AT + 60 * DAY,
        names: ['notebooks.uni.edu'],
        matches: true,
        protocol: 'TLSv1.3',
      },
      hsts: 31_536_000,
    },
    running: {
      warden: { state: 'answers', found: '3 of 200 sandboxes' },
      gateway: { state: 'answers', found: 'version 0.1.0 at 127.0.0.1:8888' },
    },
  };
}

/** Nothing could be looked at. */
export function hiddenHost(): Facts {
  const none = unseen('it is hidden');
  return {
    at: AT,
    self: { uid: 1000, gid: 1000, groups: [], container: true, openFiles: none },
    settings: settingsOf(),
    host: {
      system: none,
      sysctls: Object.fromEntries(Object.keys(SYSCTLS).map((name) => [name, none])),
      cgroup: none,
      securityModules: none,
      kernelCommandLine: none,
      swap: none,
      ksm: none,
      smt: none,
      cpuVulnerabilities: none,
      clock: { synchronised: none, engineAhead: none },
      accounts: none,
      subordinateUids: none,
      openPorts: none,
      dataDisk: none,
      engineDisk: none,
    },
    engine: unseen('no Docker engine at /var/run/docker.sock: this user may not open the socket'),
    packages: { runc: none, containerd: none, engine: none },
    socket: none,
    policies: none,
    files: none,
    schema: unseen('this user may not look: /srv/carrel/carrel.sqlite'),
    site: { certificate: none, hsts: none },
    running: { warden: none, gateway: none },
  };
}
