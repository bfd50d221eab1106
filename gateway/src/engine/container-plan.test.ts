/** The create request, field by field: what is constant, and what each value of a policy may change. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { samplePolicy } from '../../../test/contract/sample-policy.ts';
import { isSandboxId, type SandboxId } from '../base/ids.ts';
import type { Policy } from '../config/policy.ts';
import { containerPlan, type PlanRequest } from './container-plan.ts';

const sandboxId = (text: string): SandboxId => {
  if (!isSandboxId(text)) throw new Error(`${text} is no sandbox id`);
  return text;
};

const MIB = 2 ** 20;

const request = (policy: Partial<Policy> = {}, changes: Partial<PlanRequest> = {}): PlanRequest => ({
  sandbox: sandboxId('0123456789abcdef'),
  policy: samplePolicy(policy),
  uid: 200_017,
  isolation: 'guarded',
  instance: 'here',
  orphanSeconds: 600,
  cgroupDriver: 'systemd',
  seccomp: '{"defaultAction":"SCMP_ACT_ERRNO"}',
  ...changes,
});

describe('the create request', () => {
  const { name, body } = containerPlan(request({ preload: ['numpy', 'pandas'], environment: { A: '1', B: 'x y' } }));

  it('asks for this and nothing else', () => {
    const { MaskedPaths, ReadonlyPaths, ...host } = body.HostConfig;
    expect(name).toBe('carrel-0123456789abcdef');
    expect({ ...body, HostConfig: host }).toEqual({
      Image: 'debian:trixie-slim',
      Entrypoint: undefined,
      Cmd: ['--orphan', '600', '--kernel', 'python3', '--preload', 'numpy,pandas', '--env', 'A=1', '--env', 'B=x y'],
      User: '200017:200017',
      WorkingDir: '/',
      Hostname: 'worksheet',
      Env: [
        'PATH=/usr/local/bin:/usr/bin:/bin',
        'HOME=/home/worksheet',
        'LANG=C.UTF-8',
        'OMP_NUM_THREADS=1',
        'OPENBLAS_NUM_THREADS=1',
      ],
      Labels: {
        'carrel.instance': 'here',
        'carrel.sandbox': '0123456789abcdef',
        'carrel.policy': 'sample',
        'carrel.uid': '200017',
      },
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
      OpenStdin: true,
      StdinOnce: false,
      Tty: false,
      Healthcheck: { Test: ['NONE'] },
      HostConfig: {
        NetworkMode: 'none',
        Dns: ['127.0.0.1'],
        DnsSearch: ['.'],
        IpcMode: 'none',
        CgroupnsMode: 'private',
        CgroupParent: 'carrel.slice',
        Privileged: false,
        ReadonlyRootfs: true,
        CapDrop: ['ALL'],
        CapAdd: [],
        SecurityOpt: ['no-new-privileges', 'seccomp={"defaultAction":"SCMP_ACT_ERRNO"}'],
        Runtime: 'runc',
        Init: false,
        Memory: 64 * MIB,
        MemorySwap: 64 * MIB,
        OomKillDisable: false,
        OomScoreAdj: 500,
        CpuPeriod: 100_000,
        CpuQuota: 100_000,
        CpuShares: 256,
        PidsLimit: 64,
        Ulimits: [
          { Name: 'nofile', Soft: 256, Hard: 256 },
          { Name: 'core', Soft: 0, Hard: 0 },
          { Name: 'fsize', Soft: 16 * MIB, Hard: 16 * MIB },
          { Name: 'memlock', Soft: 65_536, Hard: 65_536 },
          { Name: 'sigpending', Soft: 1024, Hard: 1024 },
          { Name: 'msgqueue', Soft: 0, Hard: 0 },
        ],
        Tmpfs: {
          '/tmp': `size=${4 * MIB},nr_inodes=512,nosuid,nodev,exec,mode=1777`,
          '/home/worksheet': `size=${4 * MIB},nr_inodes=256,nosuid,nodev,exec,mode=0700,uid=200017,gid=200017`,
          '/dev/shm': `size=${2 * MIB},nr_inodes=128,nosuid,nodev,noexec,mode=1777`,
        },
        LogConfig: { Type: 'none' },
        RestartPolicy: { Name: 'no' },
        AutoRemove: false,
      },
    });
  });

  it('masks what tells of the host, its load and its neighbours, and keeps the engine’s own masks', () => {
    const engineDefaults = [
      'acpi',
      'asound',
      'kcore',
      'keys',
      'latency_stats',
      'timer_list',
      'timer_stats',
      'sched_debug',
      'scsi',
    ];
    const load = [
      'loadavg',
      'pressure',
      'diskstats',
      'interrupts',
      'softirqs',
      'schedstat',
      'zoneinfo',
      'locks',
      'swaps',
    ];
    const identity = [
      'cmdline',
      'config.gz',
      'key-users',
      'partitions',
      'modules',
      'sys/kernel/random/boot_id',
      'driver',
    ];
    const memory = [
      'kallsyms',
      'kpagecount',
      'kpageflags',
      'kpagecgroup',
      'slabinfo',
      'vmallocinfo',
      'buddyinfo',
      'iomem',
      'ioports',
    ];
    const sys = [
      'firmware',
      'block',
      'class',
      'dev',
      'bus',
      'module',
      'kernel',
      'hypervisor',
      'devices/virtual/dmi',
      'devices/platform',
    ];
    const expected = [
      ...[...engineDefaults, ...load, ...identity, ...memory].map((path) => `/proc/${path}`),
      ...sys.map((path) => `/sys/${path}`),
    ];
    expect(body.HostConfig.MaskedPaths).toEqual(expect.arrayContaining(expected));
    const readonly = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];
    expect([...body.HostConfig.ReadonlyPaths]).toEqual(readonly);
  });
});

describe('a split sandbox', () => {
  const { body } = containerPlan(request({}, { isolation: 'split' }));

  it('runs its agent as user id 0 with four capabilities, and tells it the cell’s user id', () => {
    expect(body.User).toBe('0:0');
    expect(body.HostConfig.CapDrop).toEqual(['ALL']);
    expect(body.HostConfig.CapAdd).toEqual(['SETUID', 'SETGID', 'SETPCAP', 'KILL']);
    expect(body.Cmd.slice(-2)).toEqual(['--cell-uid', '200017']);
    expect(body.HostConfig.Tmpfs['/home/worksheet']).toContain('uid=200017,gid=200017');
  });
});

describe('runtimes and cgroup drivers', () => {
  it('gVisor gets room for the sentry’s threads, and the limit of the cell as a ulimit', () => {
    const { HostConfig } = containerPlan(request({ runtime: 'runsc', pids: 128 }, { isolation: 'split' })).body;
    expect(HostConfig.Runtime).toBe('runsc');
    expect(HostConfig.PidsLimit).toBe(512);
    expect(HostConfig.Ulimits).toContainEqual({ Name: 'nproc', Soft: 128, Hard: 128 });
  });

  it.each([
    ['systemd', 'carrel.slice'],
    ['cgroupfs', '/carrel'],
    ['none', undefined],
  ])('under the driver %s all sandboxes lie in %s', (cgroupDriver, parent) => {
    expect(containerPlan(request({}, { cgroupDriver })).body.HostConfig.CgroupParent).toBe(parent);
  });
});

describe('whatever the policy', () => {
  const size = fc.integer({ min: 1, max: 2 ** 40 });
  const tmpfs = fc.record({ size, inodes: fc.integer({ min: 16, max: 1_000_000 }) });
  const policies = fc.record({
    title: fc.string(),
    description: fc.string(),
    image: fc.string(),
    kernel: fc.string(),
    kernels: fc.array(fc.string()),
    memory: size,
    cpus: fc.double({ min: 0.05, max: 256, noNaN: true }),
    pids: fc.integer({ min: 16, max: 4096 }),
    openFiles: fc.integer({ min: 64, max: 65_536 }),
    fileSize: size,
    tmp: tmpfs,
    home: tmpfs,
    shm: tmpfs,
    runtime: fc.constantFrom('runc', 'crun', 'runsc', 'kata'),
    idle: size,
    life: size,
    cell: size,
    preload: fc.array(fc.string()),
    environment: fc.dictionary(fc.string(), fc.string()),
  });
  const requests = fc.record({
    policy: policies,
    uid: fc.integer({ min: 1, max: 2 ** 32 - 3 }),
    isolation: fc.constantFrom('guarded' as const, 'split' as const),
    orphanSeconds: fc.nat(),
  });

  /** All that may differ between two plans; a path that is not here is constant. */
  const VARIES = [
    'Image',
    'Cmd',
    'User',
    'Env',
    'Labels.carrel.uid',
    'HostConfig.CapAdd',
    'HostConfig.Runtime',
    'HostConfig.Memory',
    'HostConfig.MemorySwap',
    'HostConfig.CpuQuota',
    'HostConfig.PidsLimit',
    'HostConfig.Ulimits',
    'HostConfig.Tmpfs./tmp',
    'HostConfig.Tmpfs./home/worksheet',
    'HostConfig.Tmpfs./dev/shm',
  ];

  it('only these fields differ, user id 0 comes with a split only, and memory is memory and swap', () => {
    const template = flat(containerPlan(request()).body);
    fc.assert(
      fc.property(requests, ({ policy, ...changes }) => {
        const { body } = containerPlan(request(policy as Partial<Policy>, changes));
        const fields = flat(body);
        const differing = [...new Set([...template.keys(), ...fields.keys()])].filter(
          (key) => template.get(key) !== fields.get(key),
        );
        expect(VARIES).toEqual(expect.arrayContaining(differing));
        expect(body.User).toBe(changes.isolation === 'split' ? '0:0' : `${changes.uid}:${changes.uid}`);
        expect(body.HostConfig.MemorySwap).toBe(body.HostConfig.Memory);
        expect(body.HostConfig.CapAdd.length).toBe(changes.isolation === 'split' ? 4 : 0);
        expect(Object.keys(body.HostConfig.Tmpfs)).toEqual(['/tmp', '/home/worksheet', '/dev/shm']);
        for (const options of Object.values(body.HostConfig.Tmpfs))
          expect(options).toMatch(/^size=\d+,nr_inodes=\d+,nosuid,nodev,/);
        expect(body.Env.every((entry) => /^(PATH|HOME|LANG|OMP_NUM_THREADS|OPENBLAS_NUM_THREADS)=/.test(entry))).toBe(
          true,
        );
      }),
    );
  });
});

/** Path → JSON of each field; lists are one value. */
function flat(value: object, path = ''): Map<string, string | undefined> {
  const entries = Object.entries(value).flatMap(([key, inner]): [string, string | undefined][] => {
    const at = path === '' ? key : `${path}.${key}`;
    const nested = typeof inner === 'object' && inner !== null && !Array.isArray(inner);
    return nested ? [...flat(inner, at)] : [[at, JSON.stringify(inner)]];
  });
  return new Map(entries);
}
