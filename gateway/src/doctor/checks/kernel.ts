/** Settings of the host's kernel that leak, or leave a way open that nobody needs: one row each. */
import { type Check, type Family, failed, type Outcome, passed, unknown, warning } from '../check.ts';
import { type Facts, isSeen } from '../facts.ts';
import { few, seen } from './looking.ts';

const persist = (line: string) => `echo '${line}' >> /etc/sysctl.d/60-carrel.conf && sysctl --system`;

interface Row {
  readonly id: string;
  readonly name: string;
  readonly good: (value: number) => boolean;
  /** Completes "passed where NAME …". */
  readonly expected: string;
  readonly set: number;
  readonly why: string;
  /** Where this kernel has no such setting; a warning without it. */
  readonly absent?: string;
  readonly grave?: true;
}

const atLeast = (least: number) => (value: number) => value >= least;

const ROWS: readonly Row[] = [
  {
    id: 'kptr-restrict',
    name: 'kernel.kptr_restrict',
    good: atLeast(1),
    expected: 'is 1 or 2',
    set: 2,
    why: 'Addresses of the kernel are what an exploit needs first.',
  },
  {
    id: 'dmesg-restrict',
    name: 'kernel.dmesg_restrict',
    good: atLeast(1),
    expected: 'is 1',
    set: 1,
    why: 'The kernel’s log tells addresses, devices and what others’ processes did.',
  },
  {
    id: 'unprivileged-bpf',
    name: 'kernel.unprivileged_bpf_disabled',
    good: atLeast(1),
    expected: 'is 1 or 2',
    set: 2,
    why: 'Programs for the kernel that anybody may load have been ways to root again and again.',
    absent: 'this kernel has no bpf for ordinary users',
  },
  {
    id: 'perf-events',
    name: 'kernel.perf_event_paranoid',
    good: atLeast(2),
    expected: 'is 2 or more',
    set: 3,
    why: 'Counters of the processor tell what neighbours compute, and their code has had holes.',
    absent: 'this kernel has no perf events',
  },
  {
    id: 'io-uring',
    name: 'kernel.io_uring_disabled',
    good: atLeast(1),
    expected: 'is 1 or 2, or the kernel is older than the switch',
    set: 2,
    why: 'io_uring goes around seccomp by its nature and has had many holes.',
    absent: 'this kernel has no such switch (it came with 6.6); the sandboxes’ seccomp profile alone refuses io_uring',
  },
  {
    id: 'userfaultfd',
    name: 'vm.unprivileged_userfaultfd',
    good: (value) => value === 0,
    expected: 'is 0',
    set: 0,
    why: 'It stops the kernel in the middle of its work, which makes races easy to win.',
    absent: 'this kernel has no userfaultfd',
  },
  {
    id: 'address-randomisation',
    name: 'kernel.randomize_va_space',
    good: (value) => value === 2,
    expected: 'is 2',
    set: 2,
    why: 'Without it every exploit knows where everything lies.',
    grave: true,
  },
  {
    id: 'yama',
    name: 'kernel.yama.ptrace_scope',
    good: atLeast(1),
    expected: 'is 1 or more',
    set: 2,
    why: 'Without it a process reads the memory of every other one of the same user.',
  },
];

function row({ id, name, good, expected, set, why, absent, grave }: Row): Check {
  return {
    id,
    title: name,
    why,
    expected: `${name} ${expected}`,
    mend: persist(`${name} = ${set}`),
    look: ({ host }) => {
      const value = host.sysctls[name];
      if (value === undefined) return unknown('not looked at');
      if (!isSeen(value)) {
        if (value.unseen !== ABSENT) return unknown(value.unseen);
        return absent === undefined ? warning('this kernel has no such setting', moduleOf(name)) : passed(absent);
      }
      if (good(Number(value))) return passed(value);
      return (grave ? failed : warning)(`${value}; expected: ${expected}`);
    },
  };
}

const moduleOf = (name: string) =>
  `add ${name.split('.')[1]} to lsm= in GRUB_CMDLINE_LINUX of /etc/default/grub, then update-grub && reboot`;

/** What `gather/` says of a setting that this kernel does not have. */
export const ABSENT = 'this kernel has no such setting';

/** Every setting that is looked at. */
export const SYSCTLS: readonly string[] = [
  ...ROWS.map(({ name }) => name),
  'kernel.core_pattern',
  'fs.suid_dumpable',
  'fs.protected_symlinks',
  'fs.protected_hardlinks',
  'fs.protected_fifos',
  'fs.protected_regular',
  'user.max_user_namespaces',
  'kernel.unprivileged_userns_clone',
  'kernel.apparmor_restrict_unprivileged_userns',
  'fs.inotify.max_user_instances',
  'fs.inotify.max_user_watches',
  'fs.file-max',
  'kernel.pid_max',
  'kernel.threads-max',
];

/** Undefined where it was not seen. */
export function sysctl({ host }: Facts, name: string): number | undefined {
  const value = host.sysctls[name];
  return value !== undefined && isSeen(value) && /^\d+$/.test(value) ? Number(value) : undefined;
}

const LINKS: readonly [string, number][] = [
  ['fs.protected_symlinks', 1],
  ['fs.protected_hardlinks', 1],
  ['fs.protected_fifos', 1],
  ['fs.protected_regular', 1],
];

function userNamespaces(facts: Facts): Outcome {
  const { engine } = facts;
  if (isSeen(engine) && engine.rootless)
    return passed('needed by the rootless engine; sandboxes cannot make any, by seccomp');
  if (sysctl(facts, 'user.max_user_namespaces') === 0) return passed('nobody may make any');
  if (sysctl(facts, 'kernel.unprivileged_userns_clone') === 0) return passed('kernel.unprivileged_userns_clone is 0');
  if (sysctl(facts, 'kernel.apparmor_restrict_unprivileged_userns') === 1) return passed('AppArmor restricts them');
  if (sysctl(facts, 'user.max_user_namespaces') === undefined) return unknown('user.max_user_namespaces was not seen');
  const how = restrictUserNamespaces(facts);
  const needed = isSeen(engine) && engine.usernsRemap ? '; the engine needs some itself' : '';
  return warning(`ordinary users of the host may make them${needed}; sandboxes cannot, by seccomp`, how);
}

/** Switches of Debian and of Ubuntu leave root's own alone, which userns-remap and gVisor need. */
function restrictUserNamespaces(facts: Facts): string {
  if (sysctl(facts, 'kernel.unprivileged_userns_clone') !== undefined)
    return persist('kernel.unprivileged_userns_clone = 0');
  if (sysctl(facts, 'kernel.apparmor_restrict_unprivileged_userns') !== undefined)
    return persist('kernel.apparmor_restrict_unprivileged_userns = 1');
  return `${persist('user.max_user_namespaces = 0')} (not with gVisor or userns-remap, which need some)`;
}

const others: readonly Check[] = [
  {
    id: 'unprivileged-userns',
    title: 'user namespaces for ordinary users',
    why: 'They open parts of the kernel to everybody that were root’s alone; most ways to root of recent years begin there.',
    expected: 'ordinary users cannot make user namespaces, or a rootless engine needs them',
    mend: persist('user.max_user_namespaces = 0'),
    look: userNamespaces,
  },
  {
    id: 'protected-links',
    title: 'fs.protected_*',
    why: 'They stop the old tricks with links, FIFOs and files that others prepare in shared folders.',
    expected: 'fs.protected_symlinks, _hardlinks, _fifos and _regular are 1 or more',
    mend: `printf 'fs.protected_symlinks = 1\\nfs.protected_hardlinks = 1\\nfs.protected_fifos = 2\\nfs.protected_regular = 2\\n' >> /etc/sysctl.d/60-carrel.conf && sysctl --system`,
    look: (facts) => {
      const values = LINKS.map(([name, least]) => ({ name, least, value: sysctl(facts, name) }));
      const off = values.filter(({ value, least }) => value !== undefined && value < least);
      if (off.length > 0) return warning(off.map(({ name, value }) => `${name} is ${value}`).join(', '));
      const hidden = values.filter(({ value }) => value === undefined);
      return hidden.length > 0
        ? unknown(`not seen: ${hidden.map(({ name }) => name).join(', ')}`)
        : passed('all four are on');
    },
  },
  {
    id: 'core-pattern',
    title: 'kernel.core_pattern',
    why: 'A program behind a pipe runs as root of the host whenever a process of a sandbox crashes, with what the sandbox made.',
    expected: 'kernel.core_pattern is not a pipe',
    mend: `${persist('kernel.core_pattern = core')} (and disable apport or systemd-coredump, which set it again)`,
    look: ({ host }) =>
      seen(host.sysctls['kernel.core_pattern'] ?? { unseen: 'not looked at' }, (value) =>
        value.startsWith('|')
          ? warning(`a pipe: ${value.split(' ')[0]}; sandboxes have a core limit of 0, which a pipe does not heed`)
          : passed(value),
      ),
  },
  {
    id: 'suid-dumpable',
    title: 'fs.suid_dumpable',
    why: 'With 1 the memory of programs with more rights is written into files that their caller may read.',
    expected: 'fs.suid_dumpable is 0 or 2',
    mend: persist('fs.suid_dumpable = 0'),
    look: (facts) => {
      const value = sysctl(facts, 'fs.suid_dumpable');
      if (value === undefined) return unknown('not seen');
      return value === 1 ? warning('1') : passed(String(value));
    },
  },
  {
    id: 'ksm',
    title: 'merging of equal pages (KSM)',
    why: 'Merged pages tell by their timing what a neighbour has in memory.',
    expected: '/sys/kernel/mm/ksm/run is 0, or the kernel has no KSM',
    mend: 'echo 2 > /sys/kernel/mm/ksm/run, and systemctl disable --now ksmtuned',
    look: ({ host }) =>
      seen(host.ksm, (value) =>
        value === '1' ? warning('on') : passed(value === ABSENT ? 'this kernel has none' : 'off'),
      ),
  },
  {
    id: 'cpu-vulnerabilities',
    title: 'holes of the processor',
    why: 'Code of one worksheet could read the memory of another, or of the host, through the processor.',
    expected: 'the kernel says of no hole of the processor that it is open, and mitigations are not off',
    mend: 'install the microcode (apt-get install intel-microcode or amd64-microcode), upgrade the kernel, reboot; inside of a virtual machine: the host’s too',
    look: ({ host }) =>
      seen(host.cpuVulnerabilities, (holes) => {
        if (isSeen(host.kernelCommandLine) && /\bmitigations=off\b/.test(host.kernelCommandLine))
          return failed(
            'mitigations=off',
            'remove mitigations=off from GRUB_CMDLINE_LINUX in /etc/default/grub, then update-grub && reboot',
          );
        const open = Object.entries(holes).filter(([, says]) => /^(KVM: )?Vulnerable/.test(says));
        if (open.length > 0)
          return warning(
            `open: ${few(
              open.map(([name, says]) => `${name} (${says})`),
              3,
            )}`,
          );
        return passed(`${Object.keys(holes).length} known to the kernel, none open`);
      }),
  },
  {
    id: 'smt',
    title: 'two threads on one core (SMT)',
    why: 'Two worksheets on one core share its caches and buffers; several holes of processors are open only then.',
    expected: 'SMT is off, or the kernel says of no hole that it is open with SMT',
    mend: 'add nosmt to GRUB_CMDLINE_LINUX in /etc/default/grub, then update-grub && reboot; for examinations at least',
    look: ({ host }) =>
      seen(host.smt, (on) => {
        if (!on) return passed('off');
        const open = isSeen(host.cpuVulnerabilities)
          ? Object.entries(host.cpuVulnerabilities).filter(([, says]) => /SMT vulnerable/.test(says))
          : [];
        return open.length > 0
          ? warning(`on, and open with it: ${few(open.map(([name]) => name))}`)
          : passed('on; the kernel knows of no hole that is open because of it');
      }),
  },
];

export const kernel: Family = { id: 'kernel', title: 'Kernel', checks: [...ROWS.map(row), ...others] };
