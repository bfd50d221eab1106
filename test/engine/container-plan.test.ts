/** What a process sees of itself in a container made from the plan, on the real engine. */
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { newSandboxId } from '../../gateway/src/base/ids.ts';
import { Scope } from '../../gateway/src/base/scope.ts';
import { type ContainerPlan, containerPlan, type Isolation, LABELS } from '../../gateway/src/engine/container-plan.ts';
import { findDockerAddress } from '../../gateway/src/engine/docker/address.ts';
import { DockerEngine } from '../../gateway/src/engine/docker/docker-engine.ts';
import { MASKED_PATHS } from '../../gateway/src/engine/hidden-paths.ts';
import { samplePolicy } from '../contract/sample-policy.ts';

const engine = new DockerEngine(findDockerAddress(process.env).address);
const scope = () => Scope.withDeadline('the call', 60_000);
const instance = `plan-${newSandboxId()}`;
const seccomp = readFileSync('policies/seccomp/worksheet.json', 'utf8');
const facts = await engine.facts(scope());
const MIB = 2 ** 20;
let uid = 245_000;

afterAll(async () => {
  for (const { id } of await engine.list({ key: LABELS.instance, value: instance }, scope()))
    await engine.remove(id, scope());
});

function planOf(isolation: Isolation, command: readonly string[]): ContainerPlan {
  const { cgroupDriver } = facts;
  const request = { sandbox: newSandboxId(), policy: samplePolicy({ memory: 128 * MIB }), uid: uid++, isolation };
  const plan = containerPlan({ ...request, instance, orphanSeconds: 60, cgroupDriver, seccomp });
  return { ...plan, body: { ...plan.body, Entrypoint: command, Cmd: [] } };
}

/** Runs a command in a container of the plan and answers its stdout. */
async function output(command: readonly string[], isolation: Isolation = 'guarded'): Promise<string> {
  const plan = planOf(isolation, command);
  const id = await engine.create(plan, scope());
  const { stream } = await engine.attach(id, scope());
  await engine.start(id, scope());
  let text = '';
  for await (const chunk of stream) text += chunk;
  await engine.remove(id, scope());
  return text;
}

const shell = (script: string, isolation?: Isolation) => output(['sh', '-c', script], isolation);

describe('a guarded sandbox', () => {
  it('has no capability, cannot get one, runs under its own user id and a seccomp filter', async () => {
    const status = await shell('cat /proc/self/status');
    expect(status).toMatch(/CapEff:\s0{16}\n/);
    expect(status).toMatch(/CapBnd:\s0{16}\n/);
    expect(status).toMatch(/NoNewPrivs:\s1\n/);
    expect(status).toMatch(/Seccomp:\s2\n/);
    expect(status).toMatch(/Uid:\s(2\d{5})\s\1\s\1\s\1\n/);
    expect(status).toMatch(/Gid:\s(2\d{5})\s\1\s\1\s\1\n/);
    expect(status).toMatch(/Groups:\s(2\d{5})?\s*\n/);
  });

  it('can write to its three folders and nowhere else', async () => {
    const script = `for at in / /etc /usr /var /run /dev /proc /sys /sys/fs/cgroup /root /home /dev/mqueue /tmp /home/worksheet /dev/shm; do
      ( : > $at/probe ) 2>/dev/null && echo $at; done`;
    expect((await shell(script)).split('\n').filter(Boolean)).toEqual(['/tmp', '/home/worksheet', '/dev/shm']);
  });

  it('has those folders bounded in size and number of files, without devices and set-user-id', async () => {
    const mounts = await shell('grep -E " (/tmp|/home/worksheet|/dev/shm) " /proc/self/mounts');
    const options = new Map(
      mounts
        .trim()
        .split('\n')
        .map((line) => [line.split(' ')[1], line.split(' ')[3]?.split(',') ?? []]),
    );
    expect(options.get('/tmp')).toEqual(expect.arrayContaining(['nosuid', 'nodev', 'size=4096k', 'nr_inodes=512']));
    expect(options.get('/home/worksheet')).toEqual(
      expect.arrayContaining(['nosuid', 'nodev', 'size=4096k', 'nr_inodes=256', 'mode=700']),
    );
    expect(options.get('/dev/shm')).toEqual(
      expect.arrayContaining(['nosuid', 'nodev', 'noexec', 'size=2048k', 'nr_inodes=128']),
    );
  });

  it('has the loopback device only, knows localhost, and no name server of the host', async () => {
    const text = await shell('tail -n +3 /proc/net/dev | cut -d: -f1; cat /etc/resolv.conf');
    const [device, ...resolver] = text
      .trim()
      .split('\n')
      .map((line) => line.trim());
    expect(device).toBe('lo');
    expect(await shell('getent hosts localhost')).toContain('localhost');
    expect(resolver.filter((line) => line.startsWith('nameserver'))).toEqual(['nameserver 127.0.0.1']);
  });

  it('is told nothing of who it is for, nor of the host', async () => {
    const text = await shell('hostname; env | cut -d= -f1 | sort');
    const names = ['HOME', 'LANG', 'OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'PATH', 'PWD'];
    expect(
      text
        .trim()
        .split('\n')
        .filter((line) => !['HOSTNAME', 'SHLVL', '_', 'OLDPWD'].includes(line)),
    ).toEqual(['worksheet', ...names]);
  });

  it('reads nothing from the masked paths', async () => {
    const files = MASKED_PATHS.join(' ');
    const script = `for at in ${files}; do if [ -d $at ]; then ls -A $at; else cat $at 2>/dev/null; fi; done | wc -c`;
    expect((await shell(script)).trim()).toBe('0');
  });

  it('has the limits of its policy', async () => {
    const limits = await shell('cat /proc/self/limits');
    for (const [name, value] of [
      ['Max open files', '256'],
      ['Max core file size', '0'],
      ['Max file size', String(16 * MIB)],
      ['Max locked memory', '65536'],
      ['Max pending signals', '1024'],
      ['Max msgqueue size', '0'],
    ]) {
      expect(limits).toMatch(new RegExp(`${name}\\s+${value}\\s+${value}\\s`));
    }
    const v1 = 'cd /sys/fs/cgroup; cat memory/memory.limit_in_bytes pids/pids.max cpu/cpu.cfs_quota_us';
    const v2 = 'cd /sys/fs/cgroup; cat memory.max pids.max; cut -d" " -f1 cpu.max';
    const cgroup = await shell(facts.cgroupVersion === 1 ? v1 : v2);
    expect(cgroup.trim().split('\n')).toEqual([String(128 * MIB), '64', '100000']);
  });

  it('goes before the gateway does when the host runs out of memory', async () => {
    expect((await shell('cat /proc/self/oom_score_adj')).trim()).toBe('500');
  });

  /** Number, arguments; each is a probe that would succeed, or fail with another error, without the filter. */
  const EPERM = 1;
  const ENOSYS = 38;
  it.each([
    ['AF_VSOCK', EPERM, '41, 40, 1, 0'],
    ['AF_VSOCK behind a filled upper half', EPERM, '41, 0x100000028, 1, 0'],
    ['AF_ALG', EPERM, '41, 38, 5, 0'],
    ['NETLINK_AUDIT', EPERM, '41, 16, 3, 9'],
    ['MPTCP', EPERM, '41, 2, 1, 262'],
    ['ptrace', EPERM, '101, 0, 0, 0, 0'],
    ['unshare(CLONE_NEWUSER)', EPERM, '272, 0x10000000'],
    ['clone(CLONE_NEWUSER)', EPERM, '56, 0x10000011, 0, 0, 0, 0'],
    ['clone3', ENOSYS, '435, 0, 0'],
    ['io_uring_setup', ENOSYS, '425, 1, 0'],
    ['memfd_create', ENOSYS, '319, 0, 0'],
    ['splice', ENOSYS, '275, 0, 0, 1, 0, 0, 0'],
    ['shmget', EPERM, '29, 0, 4096, 0x3ff'],
    ['mq_open', EPERM, '240, 0, 0'],
    ['modify_ldt', EPERM, '154, 0, 0, 0'],
    ['userfaultfd', EPERM, '323, 1'],
    ['bpf', EPERM, '321, 0, 0, 0'],
    ['keyctl', EPERM, '250, 0, 0xfffffffd, 0'],
    ['perf_event_open', EPERM, '298, 0, 0, 0xffffffff, 0xffffffff, 0'],
    ['prlimit64 of another process', EPERM, '302, 1, 7, 0, 0'],
    ['setpriority(PRIO_USER)', EPERM, '141, 2, 0, 19'],
    ['TIOCSTI', EPERM, '16, 0, 0x5412, 0'],
    ['TIOCSTI behind a filled upper half', EPERM, '16, 0, 0x100005412, 0'],
    ['personality(ADDR_NO_RANDOMIZE)', EPERM, '135, 0x40000'],
    ['mknod of a device', EPERM, '133, 0, 0x2000, 0x103'],
    ['sync', EPERM, '162'],
  ])('is refused %s', async (_, errno, call) => {
    const text = await output(['perl', '-e', `my $r = syscall(${call}); print $r == -1 ? $! + 0 : "allowed: $r"`]);
    expect(text).toBe(String(errno));
  });
});

describe('a split sandbox', () => {
  it('has an agent of user id 0 with exactly four capabilities', async () => {
    const status = await shell('cat /proc/self/status', 'split');
    /** KILL 5, SETGID 6, SETUID 7, SETPCAP 8. */
    expect(status).toMatch(/CapEff:\s00000000000001e0\n/);
    expect(status).toMatch(/CapBnd:\s00000000000001e0\n/);
    expect(status).toMatch(/NoNewPrivs:\s1\n/);
    expect(status).toMatch(/Uid:\s0\s/);
  });

  it('has a home of the cell’s user id, which its agent does not enter', async () => {
    expect((await shell('stat -c "%u %a" /home/worksheet', 'split')).trim()).toMatch(/^2\d{5} 700$/);
    expect(await shell('ls /home/worksheet 2>&1 || true', 'split')).toContain('Permission denied');
  });
});

it('two sandboxes see neither each other’s processes nor each other’s files', async () => {
  const id = await engine.create(planOf('guarded', ['sh', '-c', 'echo mine > /tmp/canary; exec sleep 60']), scope());
  await engine.start(id, scope());
  const seen = await shell('ls /tmp /dev/shm; ls -d /proc/[0-9]* | wc -l');
  expect(seen).not.toContain('canary');
  expect(Number(seen.trim().split('\n').at(-1))).toBeLessThan(6);
});
