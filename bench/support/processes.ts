/** Memory and processor time of processes, from /proc. Reading another user's needs root. */
import { readdir, readFile, writeFile } from 'node:fs/promises';

const KIB = 1024;

/** Proportional set size in bytes: shared pages are divided among those who share them. 0 where the process has gone. */
export async function pss(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  return Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) * KIB;
}

/** Highest resident memory in bytes since the process started, or since `resetPeak`. */
export async function peak(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) * KIB;
}

/** Answers the resident memory of this moment, in bytes. */
export async function resetPeak(pid: number): Promise<number> {
  await writeFile(`/proc/${pid}/clear_refs`, '5');
  return await peak(pid);
}

/** Processor time of all threads in milliseconds, from the scheduler's own account (nanoseconds); 0 where it has gone. */
export async function cpu(pid: number): Promise<number> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const times = await Promise.all(
    threads.map(async (thread) => {
      const text = await readFile(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').catch(() => '0');
      return Number(text.split(' ')[0]) / 1e6;
    }),
  );
  return times.reduce((sum, time) => sum + time, 0);
}

export async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return text.split(' ').filter(Boolean).map(Number);
}

/** The process and all below it. */
export async function treeOf(pid: number): Promise<number[]> {
  const below = await Promise.all((await childrenOf(pid)).map(treeOf));
  return [pid, ...below.flat()];
}

export async function parentOf(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^PPid:\s+(\d+)/m.exec(text)?.[1]);
}

/** How long ago a process began, in milliseconds; the system keeps it in hundredths of a second. */
export async function ageOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const [uptime] = (await readFile('/proc/uptime', 'utf8')).split(' ').map(Number);
  const ticks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
  return (uptime ?? Number.NaN) * 1000 - ticks * 10;
}
