/**
 * What a Carrel holds of its host at a moment, read from /proc, the cgroup file systems and the engine: compared before and
 * after a fault. Only what belongs to this Carrel is counted, so that other work on the host does not matter.
 */
import { readdir, readFile } from 'node:fs/promises';
import type Docker from 'dockerode';
import type { Carrel } from '../../support/carrel.ts';
import { containers, engineAt } from './docker.ts';
import { until } from './until.ts';

export interface Holdings {
  /** Open file descriptors of each process. */
  readonly gatewayFds: number;
  readonly wardenFds: number;
  /** Resident memory in bytes. */
  readonly gatewayRss: number;
  readonly wardenRss: number;
  readonly containers: number;
  /** Folders of this Carrel's containers in all cgroup hierarchies. */
  readonly cgroups: number;
  /** Processes and threads in this Carrel's containers. */
  readonly tasks: number;
}

export async function fds(pid: number): Promise<number> {
  return (await readdir(`/proc/${pid}/fd`)).length;
}

/** Resident memory of a process in bytes. */
export async function rss(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
}

/** Highest resident memory of a process while `work` runs, in bytes. */
export async function peakRss(pid: number, work: () => Promise<unknown>): Promise<number> {
  let peak = 0;
  const timer = setInterval(
    () =>
      void rss(pid).then(
        (now) => (peak = Math.max(peak, now)),
        () => {},
      ),
    50,
  );
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  return peak;
}

/** The folders of the containers in the cgroup file systems (version 1: one per controller). */
async function cgroupsOf(ids: ReadonlySet<string>, folder = '/sys/fs/cgroup', depth = 0): Promise<string[]> {
  if (ids.size === 0 || depth > DEPTH) return [];
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const own = folders.filter((name) => [...ids].some((id) => name.includes(id))).map((name) => `${folder}/${name}`);
  const below = await Promise.all(folders.map((name) => cgroupsOf(ids, `${folder}/${name}`, depth + 1)));
  return [...own, ...below.flat()];
}

/** Levels of the hierarchy that are searched: controller, slice, slice, container. */
const DEPTH = 4;

async function tasksIn(cgroups: readonly string[]): Promise<number> {
  const seen = new Set<string>();
  for (const folder of cgroups)
    for (const file of ['tasks', 'cgroup.threads']) {
      const list = await readFile(`${folder}/${file}`, 'utf8').catch(() => '');
      for (const id of list.split('\n').filter(Boolean)) seen.add(id);
    }
  return seen.size;
}

/** Watches one Carrel; remembers every container that it ever saw. */
export class Host {
  readonly #carrel: Carrel;
  readonly #docker: Docker;
  readonly instance: string;
  readonly #seen = new Set<string>();

  private constructor(carrel: Carrel, docker: Docker, instance: string) {
    this.#carrel = carrel;
    this.#docker = docker;
    this.instance = instance;
  }

  static async of(carrel: Carrel, docker: Docker = engineAt()): Promise<Host> {
    return new Host(carrel, docker, await instanceOf(carrel));
  }

  async containers(policy?: string): Promise<string[]> {
    const ids = await containers(this.#docker, this.instance, policy);
    for (const id of ids) this.#seen.add(id);
    return ids;
  }

  async holdings(): Promise<Holdings> {
    const [gateway, warden] = await Promise.all([this.#carrel.pid('gateway'), this.#carrel.pid('warden')]);
    const ids = await this.containers();
    const cgroups = await cgroupsOf(this.#seen);
    return {
      gatewayFds: await fds(gateway),
      wardenFds: await fds(warden),
      gatewayRss: await rss(gateway),
      wardenRss: await rss(warden),
      containers: ids.length,
      cgroups: cgroups.length,
      tasks: await tasksIn(cgroups),
    };
  }

  /**
   * Waits until Carrel holds no more than before: containers, cgroups and processes to the last one, descriptors but for
   * the keep-alive connections of this test and the engine's, memory but for what the heap keeps of what it once needed.
   */
  async backTo(before: Holdings, memory = 160 * 2 ** 20): Promise<void> {
    let now = await this.holdings();
    const back = async () => {
      now = await this.holdings();
      return (
        now.containers <= before.containers &&
        now.cgroups <= before.cgroups &&
        now.tasks <= before.tasks + before.containers * TASKS &&
        now.gatewayFds <= before.gatewayFds + FDS &&
        now.wardenFds <= before.wardenFds + FDS &&
        now.gatewayRss <= before.gatewayRss + memory &&
        now.wardenRss <= before.wardenRss + memory
      );
    };
    await until(`Carrel holds what it held before: ${JSON.stringify(before)}`, back, 30_000, () => now);
  }
}

/** Connections that HTTP clients keep open for a while after the last answer. */
const FDS = 12;
/** A sandbox of the pool may have been measured while it was still starting. */
const TASKS = 8;

/** The value of this installation's label, which the warden keeps in the data folder. */
async function instanceOf(carrel: Carrel): Promise<string> {
  return (await readFile(`${carrel.data}/warden/instance`, 'utf8')).trim();
}
