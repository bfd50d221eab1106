/** Opening a worksheet: from asking for a kernel to its first result, out of the pool and without one. */
import type { Carrel } from '../../test/support/carrel.ts';
import { Channels } from '../support/client.ts';
import { Direct } from '../support/direct.ts';
import { figure } from '../support/figure.ts';
import { LoneContainers } from '../support/lone-container.ts';
import type { Row } from '../support/row.ts';
import { endKernel, startKernel } from '../support/server.ts';
import { noneOpen, pause, poolHolds, withCarrel } from '../support/stage.ts';

const HOW =
  'from sending POST /api/kernels to the execute_result of the first cell `1+1` on a WebSocket opened after the answer';
/** What the last one left behind (a container being removed) has gone by then. */
const REST_MS = 300;

interface Opened {
  readonly post: number;
  readonly socket: number;
  readonly total: number;
}

/** Milliseconds since the request; the kernel is ended afterwards. */
async function openOnce(carrel: Carrel, name: string): Promise<Opened> {
  const begun = performance.now();
  const id = await startKernel(carrel, name);
  const post = performance.now() - begun;
  const channels = await Channels.open(carrel, id);
  const socket = performance.now() - begun;
  const cell = await channels.run('1+1');
  const total = cell.sent + cell.toResult - begun;
  channels.drop();
  await endKernel(carrel, id);
  return { post, socket, total };
}

const parts = (opened: readonly Opened[]): string => {
  const mean = (pick: (one: Opened) => number) =>
    (opened.reduce((sum, one) => sum + pick(one), 0) / opened.length).toFixed(1);
  return `on average the answer to POST after ${mean(({ post }) => post)} ms, the socket after ${mean(({ socket }) => socket)}, the result after ${mean(({ total }) => total)}`;
};

export const open: Row = {
  name: 'open',
  suite: 'figures',
  title: "opening a worksheet's kernel to the first result, from the pool and without",
  async measure(bench) {
    const [pooled, cold, directly] = bench.quick ? [5, 3, 2] : [20, 20, 6];
    const shipped = { pool: { min: 2, refillAt: 2, max: 8 } };
    return await withCarrel(bench, { pooled: shipped }, async (carrel, policies) => {
      await poolHolds(carrel, 'pooled', 2);
      /** The first one through a process that has just started also loads what it needs. */
      await openOnce(carrel, 'python3-pooled');
      const fromPool: Opened[] = [];
      for (let i = 0; i < pooled; i += 1) {
        await noneOpen(carrel);
        await poolHolds(carrel, 'pooled', 2);
        await pause(REST_MS);
        fromPool.push(await openOnce(carrel, 'python3-pooled'));
      }
      const without: Opened[] = [];
      const direct: number[] = [];
      const engine: number[] = [];
      const lone = await LoneContainers.of(policies);
      for (let i = 0; i < cold; i += 1) {
        await noneOpen(carrel);
        await pause(REST_MS);
        without.push(await openOnce(carrel, 'python3'));
        await noneOpen(carrel);
        await pause(REST_MS);
        engine.push(await lone.firstByte());
        if (i >= directly) continue;
        await using one = await Direct.start();
        direct.push(one.first);
      }
      const figures = [
        figure({
          name: 'open.pool',
          title: 'open a worksheet to the first result, from the pool',
          how: `${HOW}; the pool as it is shipped (2 ready, refilled at once, so that a start competes for the processor), full before each`,
          unit: 'ms',
          samples: fromPool.map(({ total }) => total),
          direct,
          targets: { p50: 25, p95: 100 },
          notes: [parts(fromPool)],
        }),
        figure({
          name: 'open.cold',
          title: 'open a worksheet to the first result, without a pool',
          how: `${HOW}; no pool, one at a time; directly: from starting the process to the first result`,
          unit: 'ms',
          samples: without.map(({ total }) => total),
          direct,
          targets: { p50: 450, p95: 900 },
          notes: [parts(without)],
        }),
        figure({
          name: 'open.engine',
          title: 'the engine alone: a container like a worksheet that says one word',
          how: 'create, attach and start by the engine, with the same image and limits, to the first byte of a shell; in turn with the row before',
          unit: 'ms',
          samples: engine,
        }),
      ];
      return { figures };
    });
  },
};
