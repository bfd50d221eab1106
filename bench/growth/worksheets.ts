/** Many real worksheets: as many idle ones as 16 GiB hold, claims while the pool refills, a hundred claims in one second. */
import { readFile } from 'node:fs/promises';
import { type Carrel, startCarrel } from '../../test/support/carrel.ts';
import { Channels } from '../support/client.ts';
import { containersOf, processesOf } from '../support/containers.ts';
import { type Figure, figure, type Table } from '../support/figure.ts';
import { pss } from '../support/processes.ts';
import type { Bench, Row } from '../support/row.ts';
import { endKernel, startKernel } from '../support/server.ts';
import { noneOpen, pause, poolHolds } from '../support/stage.ts';
import { summary } from '../support/stats.ts';
import { roomyPolicies } from './stage.ts';

const GiB = 2 ** 30;
const MEMORY = 16 * GiB;
/** Where count and time stop although there is memory left; the rest is extrapolated. */
const MOST = 600;
const LONGEST_MS = 900_000;
const STEP = 50;
const CALM_MS = 4000;
const POOL = 20;
const CLAIMS = 30;
const CLAIM_EVERY_MS = 1000;
const RUSH = 100;

export const worksheets: Row = {
  name: 'worksheets',
  suite: 'growth',
  title: 'real worksheets: idle ones in 16 GiB, claims while the pool refills, 100 claims in one second',
  measure: async (bench) => {
    const idle = await idleWorksheets(bench);
    return { figures: [idle.figure, await claimsWhileRefilling(bench), await rush(bench)], tables: [idle.table] };
  },
};

async function withRoom<T>(bench: Bench, pool: number, work: (carrel: Carrel) => Promise<T>): Promise<T> {
  await using policies = await roomyPolicies({ image: bench.image, idle: '8 h' }, { kernels: 700, pool });
  await using carrel = await startCarrel({ CARREL_POLICIES: policies.path, CARREL_LOG: 'warn' });
  return await work(carrel);
}

/** Bytes of the host that nobody has. */
async function available(): Promise<number> {
  const text = await readFile('/proc/meminfo', 'utf8');
  return Number(/^MemAvailable:\s+(\d+)/m.exec(text)?.[1]) * 1024;
}

async function heldBy(carrel: Carrel): Promise<number> {
  let bytes = 0;
  for (const container of await containersOf(carrel))
    for (const { pid } of await processesOf(container)) bytes += await pss(pid);
  return bytes;
}

interface Step {
  readonly count: number;
  /** Bytes of all processes in and beside the containers. */
  readonly held: number;
  /** Bytes that the host has less than before the first; other programs move it. */
  readonly used: number;
  /** Milliseconds of each open until its first result. */
  readonly opens: readonly number[];
}

async function idleWorksheets(bench: Bench): Promise<{ figure: Figure; table: Table }> {
  const steps = await withRoom(bench, 0, (carrel) => openMany(bench, carrel));
  const last = steps.at(-1);
  if (last === undefined) throw new Error('no worksheet was opened');
  const each = last.held / last.count;
  return {
    figure: figure({
      name: 'growth.idle-worksheets',
      title: 'memory of one idle worksheet among many',
      how: `proportional set sizes of all processes in and beside ${last.count} containers that have run one cell and have one socket each, divided by their number`,
      unit: 'MB',
      samples: [each / 1e6],
      notes: [
        `${Math.floor(MEMORY / each)} in 16 GiB${last.held < MEMORY ? `, extrapolated from ${last.count} in ${(last.held / GiB).toFixed(1)} GiB` : ''}`,
        `the available memory of the host fell by ${(last.used / last.count / 1e6).toFixed(1)} MB for each`,
      ],
    }),
    table: {
      name: 'worksheets',
      title: 'Idle worksheets in real containers',
      head: ['worksheets', 'memory each', 'open without a pool, p50 / p95, two at a time'],
      rows: steps.map(({ count, held, opens }) => {
        const { p50, p95 } = summary(opens);
        return [String(count), `${(held / count / 1e6).toFixed(1)} MB`, `${p50.toFixed(0)} / ${p95.toFixed(0)} ms`];
      }),
      notes: [],
    },
  };
}

async function openMany(bench: Bench, carrel: Carrel): Promise<Step[]> {
  const most = bench.quick ? 4 : MOST;
  const step = bench.quick ? 2 : STEP;
  const steps: Step[] = [];
  const open: { id: string; channels: Channels }[] = [];
  await pause(CALM_MS);
  const before = await available();
  const until = performance.now() + LONGEST_MS;
  while (open.length < most && performance.now() < until && before - (await available()) < MEMORY) {
    const opens: number[] = [];
    const lane = async () => {
      for (let i = 0; i < step / 2; i += 1) {
        const begun = performance.now();
        const id = await startKernel(carrel);
        const channels = await Channels.open(carrel, id);
        await channels.run('1+1');
        opens.push(performance.now() - begun);
        open.push({ id, channels });
      }
    };
    await Promise.all([lane(), lane()]);
    await pause(CALM_MS);
    const used = before - (await available());
    steps.push({ count: open.length, held: await heldBy(carrel), used, opens });
    bench.say(`${open.length} worksheets: ${((steps.at(-1)?.held ?? 0) / GiB).toFixed(2)} GiB`);
  }
  for (const { id, channels } of open) {
    channels.drop();
    await endKernel(carrel, id);
  }
  await noneOpen(carrel);
  return steps;
}

async function claimsWhileRefilling(bench: Bench): Promise<Figure> {
  const pool = bench.quick ? 4 : POOL;
  const claims = bench.quick ? 6 : CLAIMS;
  const { times, failures } = await withRoom(bench, pool, (carrel) => claimEvery(carrel, pool, claims, CLAIM_EVERY_MS));
  return figure({
    name: 'growth.claim-refilling',
    title: 'claim while the pool refills',
    how: `POST /api/kernels until it is answered, ${claims} times, one every ${CLAIM_EVERY_MS} ms, pool of ${pool}, which starts a container for each claimed one meanwhile`,
    unit: 'ms',
    samples: times,
    holds: [[failures.length === 0, `${failures.length} failed: ${failures[0]}`]],
  });
}

async function rush(bench: Bench): Promise<Figure> {
  const count = bench.quick ? 5 : RUSH;
  const { times, failures } = await withRoom(bench, count, (carrel) => claimEvery(carrel, count, count, 1000 / count));
  return figure({
    name: 'growth.rush',
    title: `${count} claims in one second`,
    how: `POST /api/kernels until it is answered, sent evenly over one second, pool of ${count}, which refills meanwhile`,
    unit: 'ms',
    samples: times,
    holds: [[failures.length === 0, `${failures.length} failed: ${failures[0]}`]],
  });
}

/** Claims at a fixed rate, whether or not earlier ones have been answered. */
async function claimEvery(carrel: Carrel, pool: number, count: number, everyMs: number) {
  await poolHolds(carrel, 'standard', pool);
  await pause(CALM_MS);
  const times: number[] = [];
  const failures: string[] = [];
  const claims: Promise<void>[] = [];
  const claim = async () => {
    const begun = performance.now();
    try {
      await startKernel(carrel);
      times.push(performance.now() - begun);
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error));
    }
  };
  const first = performance.now();
  for (let i = 0; i < count; i += 1) {
    await pause(Math.max(0, first + i * everyMs - performance.now()));
    claims.push(claim());
  }
  await Promise.all(claims);
  return { times, failures };
}
