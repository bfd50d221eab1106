/** What a worksheet costs while nobody uses it, and what the program costs while there is none. */
import { once } from 'node:events';
import { engineAt } from '../../test/fault/support/docker.ts';
import type { Carrel } from '../../test/support/carrel.ts';
import { containersOf, PARTS, type Part, processesOf } from '../support/containers.ts';
import { Direct } from '../support/direct.ts';
import { figure } from '../support/figure.ts';
import { LoneContainers } from '../support/lone-container.ts';
import { parentOf, pss } from '../support/processes.ts';
import type { Row } from '../support/row.ts';
import { endKernel, openKernel } from '../support/server.ts';
import { IPYKERNEL, IPYKERNEL_SPEC, pause, withCarrel } from '../support/stage.ts';

const MB = 1e6;
/** What a start leaves to be collected has been collected by then. */
const REST_MS = 3000;

async function programMemory(carrel: Carrel) {
  const [gateway, warden] = [await carrel.pid('gateway'), await carrel.pid('warden')];
  const supervisor = await parentOf(gateway);
  const [first, second, third] = await Promise.all([gateway, warden, supervisor].map(pss));
  return { gateway: (first ?? 0) / MB, warden: (second ?? 0) / MB, supervisor: (third ?? 0) / MB };
}

/** Of each container, megabytes by part. */
async function sandboxMemory(carrel: Carrel): Promise<Record<Part, number>[]> {
  return await Promise.all(
    (await containersOf(carrel)).map(async (container) => {
      const sums: Record<Part, number> = { shim: 0, agent: 0, zygote: 0, bridge: 0, kernel: 0 };
      for (const { pid, part } of await processesOf(container)) sums[part] += (await pss(pid)) / MB;
      return sums;
    }),
  );
}

const total = (sums: Record<Part, number>) => PARTS.reduce((sum, part) => sum + sums[part], 0);

function inParts(all: readonly Record<Part, number>[], processes: number): string {
  const mean = (part: Part) => all.reduce((sum, one) => sum + one[part], 0) / all.length;
  const parts = PARTS.filter((part) => mean(part) > 0).map((part) => `${part} ${mean(part).toFixed(1)}`);
  return `on average ${parts.join(', ')} MB; ${processes} processes of each`;
}

async function worksheets(carrel: Carrel, kernel: string, count: number) {
  const before = await programMemory(carrel);
  const open = [];
  for (let i = 0; i < count; i += 1) open.push(await openKernel(carrel, kernel));
  await pause(REST_MS);
  const all = await sandboxMemory(carrel);
  const after = await programMemory(carrel);
  const [container = ''] = await containersOf(carrel);
  const processes = (await processesOf(container)).length;
  for (const { id, channels } of open) {
    channels.drop();
    await endKernel(carrel, id);
  }
  const growth = (after.gateway + after.warden - before.gateway - before.warden) / count;
  return { all, notes: [inParts(all, processes), `gateway and warden grew by ${growth.toFixed(1)} MB for each`] };
}

/** The floor: a container in which nothing but one Python has built the kernel's shell; no agent, no zygote that restarts it. Megabytes. */
async function shellAlone(policies: string, count: number): Promise<number[]> {
  const code = `import sys; sys.path.insert(0, '/usr/lib/carrel'); from carrel_kernel import main; main.prepare(); print('ready', flush=True); input()`;
  const lone = await LoneContainers.of(policies);
  await using all = new AsyncDisposableStack();
  const pids: number[] = [];
  for (let i = 0; i < count; i += 1) {
    const container = all.use(await lone.start(['/usr/bin/python3', '-I', '-c', code]));
    await once(container.stream, 'data');
    pids.push((await engineAt().getContainer(container.id).inspect()).State.Pid);
  }
  await pause(REST_MS);
  return await Promise.all(pids.map(async (pid) => ((await pss(pid)) + (await pss(await parentOf(pid)))) / MB));
}

/** Megabytes of each of so many kernels that are driven directly. */
async function directMemory(count: number): Promise<number[]> {
  await using all = new AsyncDisposableStack();
  const pids: number[] = [];
  for (let i = 0; i < count; i += 1) {
    const direct = all.use(await Direct.start());
    pids.push((await direct.ask('process')).pid ?? 0);
  }
  await pause(REST_MS);
  return await Promise.all(pids.map(async (pid) => (await pss(pid)) / MB));
}

export const memory: Row = {
  name: 'memory',
  suite: 'figures',
  title: 'memory of an idle worksheet in all its processes, and of gateway and warden alone',
  async measure(bench) {
    const count = bench.quick ? 3 : 10;
    const direct = await directMemory(count);
    const { program, own, second, floor } = await withCarrel(bench, IPYKERNEL, async (carrel, policies) => {
      await pause(REST_MS);
      const alone = await programMemory(carrel);
      return {
        program: alone,
        own: await worksheets(carrel, 'python3', count),
        second: await worksheets(carrel, IPYKERNEL_SPEC, count),
        floor: await shellAlone(policies, count),
      };
    });
    const how = `proportional set size (smaps_rollup) of shim, agent, zygote and kernel added, ${count} worksheets open at once, each having run one cell, ${REST_MS / 1000} s later`;
    return {
      figures: [
        figure({
          name: 'memory',
          title: 'memory of an idle worksheet, all processes added',
          how: `${how}; the value is one worksheet's; directly: the kernel's process alone, ${count} of them`,
          unit: 'MB',
          samples: own.all.map(total),
          direct,
          targets: { p50: 20 },
          notes: own.notes,
        }),
        figure({
          name: 'memory.floor',
          title: 'the floor: one Python with the shell of IPython alone in such a container',
          how: `proportional set size of shim and Python added, ${count} of them, ${REST_MS / 1000} s later; no agent, no zygote, no cell has run`,
          unit: 'MB',
          samples: floor,
        }),
        figure({
          name: 'memory.ipykernel',
          title: 'memory of an idle worksheet with ipykernel',
          how,
          unit: 'MB',
          samples: second.all.map(total),
          direct,
          notes: second.notes,
        }),
        figure({
          name: 'memory.program',
          title: 'gateway and warden alone',
          how: `proportional set size of both, no worksheet and no pool, ${REST_MS / 1000} s after the start`,
          unit: 'MB',
          samples: [program.gateway + program.warden],
          targets: { max: 120 },
          notes: [
            `gateway ${program.gateway.toFixed(1)}, warden ${program.warden.toFixed(1)} MB; the supervisor beside them ${program.supervisor.toFixed(1)} MB`,
          ],
        }),
      ],
    };
  },
};
