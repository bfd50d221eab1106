/** Twenty people open a worksheet at the same moment. */
import type { Carrel } from '../../test/support/carrel.ts';
import { Channels } from '../support/client.ts';
import { figure } from '../support/figure.ts';
import { LoneContainers } from '../support/lone-container.ts';
import type { Bench, Row } from '../support/row.ts';
import { endKernel, startKernel } from '../support/server.ts';
import { noneOpen, pause, poolHolds, withCarrel } from '../support/stage.ts';

const PEOPLE = 20;
const REST_MS = 1000;

interface Class {
  /** Seconds until each had its first result, sorted. */
  readonly ready: readonly number[];
  readonly errors: readonly string[];
}

async function openAll(carrel: Carrel, name: string): Promise<Class> {
  const begun = performance.now();
  const ids: string[] = [];
  const outcomes = await Promise.allSettled(
    Array.from({ length: PEOPLE }, async () => {
      const id = await startKernel(carrel, name);
      ids.push(id);
      const channels = await Channels.open(carrel, id);
      const cell = await channels.run('1+1');
      channels.drop();
      return (cell.sent + cell.toResult - begun) / 1000;
    }),
  );
  await Promise.all(ids.map((id) => endKernel(carrel, id)));
  await noneOpen(carrel);
  const ready = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  const errors = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [String(outcome.reason)] : []));
  return { ready: ready.sort((a, b) => a - b), errors };
}

/** Seconds until the last of as many containers that say one word. */
async function engineAlone(bench: Bench): Promise<number[]> {
  const times = bench.quick ? 1 : 3;
  return await withCarrel(bench, {}, async (_, policies) => {
    const lone = await LoneContainers.of(policies);
    const last: number[] = [];
    for (let i = 0; i < times; i += 1) {
      await pause(REST_MS);
      const each = await Promise.all(Array.from({ length: PEOPLE }, () => lone.firstByte()));
      last.push(Math.max(...each) / 1000);
    }
    return last;
  });
}

async function classes(bench: Bench, pool: number): Promise<Class[]> {
  const times = bench.quick ? 1 : 3;
  return await withCarrel(bench, { class: { pool: { min: pool, refillAt: pool, max: pool } } }, async (carrel) => {
    const all: Class[] = [];
    for (let i = 0; i < times; i += 1) {
      await poolHolds(carrel, 'class', pool);
      await pause(REST_MS);
      all.push(await openAll(carrel, 'python3-class'));
      bench.say(`${PEOPLE} at once, pool of ${pool}: last after ${all.at(-1)?.ready.at(-1)?.toFixed(2)} s`);
    }
    return all;
  });
}

function classFigure(all: readonly Class[], name: string, title: string, how: string, most: number) {
  const errors = all.flatMap((one) => one.errors);
  const middle = all.map(({ ready }) => ready[Math.floor(ready.length / 2)]?.toFixed(2)).join(', ');
  return figure({
    name,
    title,
    how: `${how}; the clock of each begins when all ${PEOPLE} requests are sent and ends with its first result; the value is that of the last one; ${all.length} classes`,
    unit: 's',
    samples: all.map(({ ready }) => ready.at(-1) ?? Number.POSITIVE_INFINITY),
    targets: { max: most },
    holds: [[errors.length === 0, `${errors.length} failed: ${errors[0]}`]],
    notes: [`${errors.length} errors of ${all.length * PEOPLE}`, `half of each class was ready after ${middle} s`],
  });
}

export const atOnce: Row = {
  name: 'class',
  suite: 'figures',
  title: `${PEOPLE} worksheets opened at once, without a pool and from a pool of ${PEOPLE}`,
  async measure(bench) {
    const cold = await classes(bench, 0);
    const pooled = await classes(bench, PEOPLE);
    const engine = await engineAlone(bench);
    return {
      figures: [
        classFigure(cold, 'class.cold', `${PEOPLE} opened at once, no pool: the last one ready`, 'no pool', 5),
        classFigure(
          pooled,
          'class.pool',
          `${PEOPLE} opened at once from a pool of ${PEOPLE}: the last one ready`,
          `a pool of ${PEOPLE}, full and at rest before each class, refilled from the first one that was taken, so that starts compete for the processors`,
          0.4,
        ),
        figure({
          name: 'class.engine',
          title: `the engine alone: ${PEOPLE} such containers at once, the last one's word`,
          how: 'as for one, all asked for at the same moment; none is admitted later than another, and no Python starts',
          unit: 's',
          samples: engine,
        }),
      ],
    };
  },
};
