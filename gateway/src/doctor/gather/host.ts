/** Looks at this host: kernel, cgroups, processor, accounts, ports, clock. Reads only; what a plain user may not read is `Unseen`. */
import { existsSync } from 'node:fs';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { ABSENT, SYSCTLS } from '../checks/kernel.ts';
import { type ClockFacts, type HostFacts, type IdRange, isSeen, type Seen, type SelfFacts, unseen } from '../facts.ts';
import { output, text } from './files.ts';

const VULNERABILITIES = '/sys/devices/system/cpu/vulnerabilities';

export async function selfFacts(): Promise<SelfFacts> {
  const limits = await text('/proc/self/limits');
  const hard = isSeen(limits) ? /^Max open files\s+\S+\s+(\S+)/m.exec(limits)?.[1] : undefined;
  return {
    uid: process.getuid?.() ?? 0,
    gid: process.getgid?.() ?? 0,
    groups: process.getgroups?.() ?? [],
    container: await isContainer(),
    openFiles: openFiles(hard),
  };
}

/** The number of the first namespace of processes (PROC_PID_INIT_INO): who is in it is on the host, whatever files were left there. */
const HOST_PROCESSES = 'pid:[4026531836]';

async function isContainer(): Promise<boolean> {
  const marked = existsSync('/.dockerenv') || existsSync('/run/.containerenv');
  return marked && (await readlink('/proc/self/ns/pid').catch(() => '')) !== HOST_PROCESSES;
}

function openFiles(hard: string | undefined): Seen<number> {
  if (hard === undefined) return unseen('/proc/self/limits tells nothing');
  return hard === 'unlimited' ? Number.MAX_SAFE_INTEGER : Number(hard);
}

/** Everything but the disks and the clock of the engine, which need to know where the engine is. */
export async function hostFacts(): Promise<Omit<HostFacts, 'dataDisk' | 'engineDisk' | 'clock'>> {
  const [system, sysctls, cgroup, modules, commandLine, swaps, ksm, smt, holes, accounts, subordinate, ports] =
    await Promise.all([
      text('/etc/os-release'),
      allSysctls(),
      cgroups(),
      text('/sys/kernel/security/lsm'),
      text('/proc/cmdline'),
      text('/proc/swaps'),
      text('/sys/kernel/mm/ksm/run'),
      text('/sys/devices/system/cpu/smt/active'),
      vulnerabilities(),
      text('/etc/passwd'),
      text('/etc/subuid'),
      openPorts(),
    ]);
  return {
    system: map(system, osRelease),
    sysctls,
    cgroup,
    securityModules: isSeen(modules) ? modules.split(',') : unseen(`${modules.unseen} (securityfs is not mounted?)`),
    kernelCommandLine: commandLine,
    swap: map(swaps, swapBytes),
    ksm: isSeen(ksm) ? ksm : /^no such/.test(ksm.unseen) ? ABSENT : ksm,
    smt: isSeen(smt) ? smt === '1' : /^no such/.test(smt.unseen) ? false : smt,
    cpuVulnerabilities: holes,
    accounts: map(accounts, passwd),
    subordinateUids: isSeen(subordinate)
      ? idRanges(subordinate)
      : /^no such/.test(subordinate.unseen)
        ? []
        : subordinate,
    openPorts: ports,
  };
}

const map = <A, B>(value: Seen<A>, change: (value: A) => B): Seen<B> => (isSeen(value) ? change(value) : value);

export function osRelease(content: string): { id: string; name: string } {
  const value = (key: string) => new RegExp(`^${key}="?([^"\n]*)`, 'm').exec(content)?.[1];
  return { id: value('ID') ?? 'unknown', name: value('PRETTY_NAME') ?? 'unknown' };
}

async function allSysctls(): Promise<Record<string, Seen<string>>> {
  const read = async (name: string): Promise<[string, Seen<string>]> => {
    const value = await text(`/proc/sys/${name.replaceAll('.', '/')}`);
    return [name, isSeen(value) || !/^no such/.test(value.unseen) ? value : unseen(ABSENT)];
  };
  return Object.fromEntries(await Promise.all(SYSCTLS.map(read)));
}

async function cgroups(): Promise<HostFacts['cgroup']> {
  const unified = await text('/sys/fs/cgroup/cgroup.controllers');
  if (isSeen(unified)) return { version: 2, controllers: unified.split(' ') };
  const table = await text('/proc/cgroups');
  return map(table, (content) => ({ version: 1 as const, controllers: v1Controllers(content) }));
}

/** Enabled ones of /proc/cgroups. */
export const v1Controllers = (content: string): string[] =>
  content
    .split('\n')
    .map((line) => line.split('\t'))
    .flatMap(([name = '#', , , enabled]) => (name.startsWith('#') || enabled !== '1' ? [] : [name]));

/** Bytes of all swaps in /proc/swaps. */
export const swapBytes = (content: string): number =>
  content
    .split('\n')
    .slice(1)
    .reduce((sum, line) => sum + Number(line.trim().split(/\s+/)[2] ?? 0) * 1024, 0);

async function vulnerabilities(): Promise<HostFacts['cpuVulnerabilities']> {
  try {
    const names = await readdir(VULNERABILITIES);
    const says = async (name: string) => [name, (await readFile(`${VULNERABILITIES}/${name}`, 'utf8')).trim()];
    return Object.fromEntries(await Promise.all(names.map(says)));
  } catch {
    return unseen(`this kernel tells nothing of them (${VULNERABILITIES})`);
  }
}

export const passwd = (content: string): { name: string; uid: number }[] =>
  content
    .split('\n')
    .map((line) => line.split(':'))
    .flatMap(([name = '', , uid = '']) => (/^\d+$/.test(uid) ? [{ name, uid: Number(uid) }] : []));

export const idRanges = (content: string): IdRange[] =>
  content
    .split('\n')
    .map((line) => line.split(':'))
    .flatMap(([owner = '', first = '', count = '']) =>
      /^\d+$/.test(first) && /^\d+$/.test(count) ? [{ owner, first: Number(first), count: Number(count) }] : [],
    );

async function openPorts(): Promise<Seen<number[]>> {
  const tables = await Promise.all([text('/proc/net/tcp'), text('/proc/net/tcp6')]);
  const read = tables.filter(isSeen);
  return read.length === 0 ? unseen('/proc/net/tcp cannot be read') : [...new Set(read.flatMap(listening))];
}

const LISTENING = '0A';
/** 127.0.0.0/8 and ::1, and the same inside of IPv6, as /proc/net/tcp and tcp6 write them on little-endian machines. */
const LOOPBACK = /^([0-9A-F]{6}7F|0{24}01000000|0{16}FFFF0000[0-9A-F]{6}7F)$/;

/** Ports at which something listens for others than this machine. */
export const listening = (content: string): number[] =>
  content
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .flatMap(([, local = '', , state]) => {
      const [address = '', port = ''] = local.split(':');
      return state === LISTENING && !LOOPBACK.test(address) ? [Number.parseInt(port, 16)] : [];
    });

/** Asks the services that set clocks; the first that answers decides. */
export async function synchronised(): Promise<ClockFacts['synchronised']> {
  const chrony = await output('chronyc', '-c', 'tracking');
  if (chrony !== undefined) return { yes: !/Not synchronised/i.test(chrony), by: 'chrony' };
  const systemd = await output('timedatectl', 'show', '-p', 'NTPSynchronized', '--value');
  if (systemd === 'yes' || systemd === 'no') return { yes: systemd === 'yes', by: 'timedatectl' };
  if (existsSync('/run/systemd/timesync/synchronized')) return { yes: true, by: 'systemd-timesyncd' };
  const ntp = await output('ntpq', '-c', 'rv 0 leap');
  if (ntp !== undefined) return { yes: !/leap_alarm|leap=11/.test(ntp), by: 'ntpd' };
  return unseen('neither chrony, timedatectl nor ntpd answers here');
}
