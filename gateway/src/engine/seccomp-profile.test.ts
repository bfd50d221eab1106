/** What policies/seccomp/worksheet.json must never allow, and how its argument rules must be written. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

interface Rule {
  comment: string;
  names: string[];
  action: string;
  errnoRet?: number;
  args?: { index: number; value: number; valueTwo?: number; op: string }[];
}

const profile: { defaultAction: string; architectures: string[]; syscalls: Rule[] } = JSON.parse(
  readFileSync('policies/seccomp/worksheet.json', 'utf8'),
);
const allowing = profile.syscalls.filter((rule) => rule.action === 'SCMP_ACT_ALLOW');
const allowed = new Set(allowing.flatMap((rule) => rule.names));
const withoutCondition = new Set(allowing.filter((rule) => rule.args === undefined).flatMap((rule) => rule.names));

const NEVER = {
  'asynchronous I/O':
    'io_setup io_submit io_getevents io_cancel io_destroy io_pgetevents io_uring_setup io_uring_enter io_uring_register',
  'other processes':
    'ptrace process_vm_readv process_vm_writev process_mrelease process_madvise pidfd_getfd kcmp seccomp',
  'copies inside the kernel': 'splice tee vmsplice sendfile readahead',
  'memory that belongs to nobody': 'memfd_create memfd_secret remap_file_pages mlock2 mlockall userfaultfd',
  'side channels': 'mincore cachestat map_shadow_stack mseal perf_event_open',
  'System V and message queues':
    'shmget shmat shmctl shmdt semget semop semtimedop semctl msgget msgsnd msgrcv msgctl mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr',
  'segments and probes': 'modify_ldt set_thread_area uretprobe iopl ioperm',
  'mounts and namespaces':
    'mount umount2 pivot_root chroot unshare setns open_tree move_mount fsopen fsconfig fsmount fspick mount_setattr listmount statmount name_to_handle_at open_by_handle_at fanotify_init fanotify_mark clone3',
  'extended attributes':
    'setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr setxattrat getxattrat removexattrat listxattrat',
  'stalls of the host': 'sync syncfs sync_file_range',
  clocks: 'adjtimex clock_adjtime clock_settime settimeofday',
  priorities: 'ioprio_set ioprio_get sched_setattr',
  identity: 'capset setfsuid setfsgid',
  futex2: 'futex_wait futex_wake futex_requeue futex_waitv',
  kernel:
    'bpf keyctl add_key request_key init_module finit_module delete_module kexec_load kexec_file_load reboot swapon swapoff syslog quotactl acct nfsservctl lookup_dcookie',
};

describe('the seccomp profile', () => {
  it('is an allow-list for the 64-bit calls of x86-64 only', () => {
    expect(profile.defaultAction).toBe('SCMP_ACT_ERRNO');
    expect(profile.architectures).toEqual(['SCMP_ARCH_X86_64']);
  });

  it.each(Object.entries(NEVER))('allows nothing of: %s', (_, names) => {
    expect(names.split(' ').filter((name) => allowed.has(name))).toEqual([]);
  });

  it('compares arguments for equality only, whole or masked', () => {
    const operators = allowing.flatMap((rule) => rule.args ?? []).map((arg) => arg.op);
    expect(new Set(operators)).toEqual(new Set(['SCMP_CMP_EQ', 'SCMP_CMP_MASKED_EQ']));
  });

  it.each([
    'socket',
    'socketpair',
    'clone',
    'ioctl',
    'personality',
    'prlimit64',
    'sched_setaffinity',
    'sched_setparam',
    'setpriority',
    'sched_setscheduler',
    'mknod',
    'mknodat',
  ])('allows %s under a condition only', (name) => {
    expect(allowed.has(name)).toBe(true);
    expect(withoutCondition.has(name)).toBe(false);
  });

  it('opens AF_UNIX, TCP and UDP over IP, and NETLINK_ROUTE', () => {
    const rules = allowing
      .filter((rule) => rule.names.includes('socket'))
      .map((rule) => rule.args?.map((arg) => arg.value).join(','));
    expect(rules.sort()).toEqual(['1', '10,0', '10,17', '10,6', '16,0', '2,0', '2,17', '2,6']);
  });

  it('masks the low half of ioctl requests and has none that types into a terminal', () => {
    const requests = allowing.filter((rule) => rule.names.includes('ioctl')).map((rule) => rule.args?.[0]);
    expect(requests.every((arg) => arg?.index === 1 && arg.value === 0xffffffff)).toBe(true);
    const [TIOCSTI, TIOCLINUX] = [0x5412, 0x541c];
    expect(requests.map((arg) => arg?.valueTwo)).not.toEqual(expect.arrayContaining([TIOCSTI]));
    expect(requests.map((arg) => arg?.valueTwo)).not.toEqual(expect.arrayContaining([TIOCLINUX]));
  });

  it('says "not implemented" where libc then falls back', () => {
    const refused = profile.syscalls.filter((rule) => rule.errnoRet === 38).flatMap((rule) => rule.names);
    expect(refused).toEqual(expect.arrayContaining(['clone3', 'mbind', 'sendfile', 'memfd_create', 'futex_waitv']));
  });

  it('has a comment in every group', () => {
    expect(profile.syscalls.filter((rule) => !rule.comment)).toEqual([]);
  });
});
