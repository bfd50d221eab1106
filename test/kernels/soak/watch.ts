/** What the processes hold in the course of the long run, and whether it grows. */
import { readdir, readFile } from 'node:fs/promises';
import { containersOf, processesOf } from '../../../bench/support/containers.ts';
import { pss } from '../../../bench/support/processes.ts';
import { fds } from '../../fault/support/host.ts';
import type { Carrel } from '../../support/carrel.ts';

/** Of a moment at which every kernel is idle. */
export interface Sample {
  /** Seconds since the beginning. */
  readonly at: number;
  readonly gateway: Holding;
  readonly warden: Holding;
  readonly agents: readonly Holding[];
  readonly kernels: readonly KernelHolding[];
}

export interface Holding {
  readonly pid: number;
  /** Bytes. */
  readonly memory: number;
  readonly fds: number;
}

export interface KernelHolding extends Holding {
  readonly threads: number;
  readonly children: number;
  /** Executed by this process. */
  readonly cells: number;
}

const holding = async (pid: number): Promise<Holding> => ({ pid, memory: await pss(pid), fds: await fds(pid) });

/** `cells`: how many each kernel's process has executed, by its `birthOf`. Kernels that are not among them are left out. */
export async function sampleOf(carrel: Carrel, at: number, cells: ReadonlyMap<string, number>): Promise<Sample> {
  const agents: Holding[] = [];
  const kernels: KernelHolding[] = [];
  for (const container of await containersOf(carrel)) {
    const processes = await processesOf(container);
    for (const { pid, part } of processes) {
      const known = part === 'kernel' ? cells.get(await birthOf(pid)) : undefined;
      if (known === undefined) continue;
      const threads = (await readdir(`/proc/${pid}/task`)).length;
      const children = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).split(' ').filter(Boolean).length;
      kernels.push({ ...(await holding(pid)), threads, children, cells: known });
      for (const other of processes) if (other.part === 'agent') agents.push(await holding(other.pid));
    }
  }
  if (kernels.length !== cells.size)
    throw new Error(`expected ${cells.size} kernels in the containers, found ${kernels.length}`);
  const [gateway, warden] = await Promise.all([carrel.pid('gateway'), carrel.pid('warden')]);
  return { at, gateway: await holding(gateway), warden: await holding(warden), agents, kernels };
}

/**
 * Tells the kernel's process as it knows itself: its id inside of the sandbox, and when it began (ticks since the machine's start).
 * What is garbage, or free and kept by the C library for later, is no growth: it is given back first.
 */
export const BIRTH = `import ctypes, gc, os
gc.collect(); ctypes.CDLL(None).malloc_trim(0)
print(os.getpid(), open("/proc/self/stat").read().rpartition(")")[2].split()[19])`;

async function birthOf(pid: number): Promise<string> {
  const [status, stat] = await Promise.all(
    ['status', 'stat'].map((file) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')),
  );
  const inner = /^NSpid:.*\s(\d+)$/m.exec(status ?? '')?.[1];
  return `${inner} ${stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
}
