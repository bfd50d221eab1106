/** The containers of one Carrel, and the processes in and around them. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { containers, engineAt } from '../../test/fault/support/docker.ts';
import type { Carrel } from '../../test/support/carrel.ts';
import { ageOf, parentOf, treeOf } from './processes.ts';

/** `bridge`: between a kernel that speaks ZeroMQ and the agent. */
export const PARTS = ['shim', 'agent', 'zygote', 'bridge', 'kernel'] as const;
export type Part = (typeof PARTS)[number];

export interface SandboxProcess {
  readonly pid: number;
  readonly part: Part;
}

/** Ids of the containers of this installation, in whatever state. */
export async function containersOf(carrel: Carrel): Promise<string[]> {
  const instance = (await readFile(join(carrel.data, 'warden/instance'), 'utf8')).trim();
  return await containers(engineAt(), instance);
}

/** The container's own processes and the engine's beside it. */
export async function processesOf(container: string): Promise<SandboxProcess[]> {
  const { State } = await engineAt().getContainer(container).inspect();
  const agent = State.Pid;
  if (agent === 0) return [];
  const [, ...pids] = await treeOf(agent);
  const ages = await Promise.all(pids.map(async (pid) => [pid, await ageOf(pid).catch(() => 0)] as const));
  const below = ages.sort(([, a], [, b]) => b - a).map(([pid]) => pid);
  const parts = await Promise.all(below.map(async (pid, index) => ({ pid, part: await partOf(pid, index === 0) })));
  return [{ pid: await parentOf(agent), part: 'shim' }, { pid: agent, part: 'agent' }, ...parts];
}

/** The agent starts the zygote first (numbers of processes begin again at their limit); a kernel leads a session of its own. */
async function partOf(pid: number, first: boolean): Promise<Part> {
  if (first) return 'zygote';
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const session = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3]);
  return session === pid ? 'kernel' : 'bridge';
}
