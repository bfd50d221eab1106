/** A hundred students open a worksheet: evenly within a minute, and all in the same second. */
import { policyFolder } from '../../test/fault/support/policies.ts';
import { startCarrel } from '../../test/support/carrel.ts';
import { type Figure, figure, type Table } from '../support/figure.ts';
import type { Bench, Row } from '../support/row.ts';
import { noneOpen, pause, poolHolds } from '../support/stage.ts';
import { summary } from '../support/stats.ts';
import { enrol, type Opening, type Student } from './student.ts';

const STUDENTS = 100;
const MINUTE_MS = 60_000;
const REST_MS = 3000;
/** The pool that `standard` is shipped with. */
const POOL = { min: 2, refillAt: 2, max: 8 };

export const students: Row = {
  name: 'students',
  suite: 'load',
  title: `${STUDENTS} students, each with an account and a worksheet of their own: within a minute, and in one second`,
  measure: async (bench) => {
    const count = bench.quick ? 6 : STUDENTS;
    /** A hundred limits of `standard` exceed a small host's share; what they use does not. */
    const share = { memory: '1024 GiB', sandboxes: 2 * STUDENTS };
    await using policies = await policyFolder({ standard: { image: bench.image, pool: POOL } }, { share });
    await using carrel = await startCarrel({ CARREL_POLICIES: policies.path, CARREL_LOG: 'warn' });
    const all = await enrol(carrel, count);
    bench.say(`${count} accounts`);
    const ready = async () => {
      await poolHolds(carrel, 'standard', POOL.min);
      await pause(REST_MS);
    };
    await ready();
    const even = await open(all, bench.quick ? 3000 : MINUTE_MS);
    await Promise.all(all.map((student) => student.leave()));
    await noneOpen(carrel);
    await ready();
    const rush = await open(all, bench.quick ? 100 : 1000);
    await Promise.all(all.map((student) => student.leave()));
    await noneOpen(carrel);
    return {
      figures: [
        openFigure('load.minute', `${count} students open a worksheet within 60 s: to the first output`, even, bench),
        openFigure(
          'load.second',
          `${count} students open a worksheet in the same second: to the first output`,
          rush,
          bench,
        ),
        truth(rush),
      ],
      tables: [queueTable(rush)],
    };
  },
};

/** One after the other at even distances, whether or not the ones before are done. */
async function open(all: readonly Student[], withinMs: number): Promise<Opening[]> {
  const first = performance.now();
  const openings: Promise<Opening>[] = [];
  for (const [i, student] of all.entries()) {
    await pause(Math.max(0, first + (i * withinMs) / all.length - performance.now()));
    openings.push(student.begin());
  }
  return await Promise.all(openings);
}

function openFigure(name: string, title: string, openings: readonly Opening[], bench: Bench): Figure {
  const samples = openings.map(({ begun, done }) => (done - begun) / 1000);
  const longest = Math.max(...openings.map(({ told }) => told[0]?.of ?? 0));
  bench.say(`${title}: ${samples.length} done`);
  return figure({
    name,
    title,
    how: `from asking for a new worksheet to the output of its first cell \`1+1\`, by clients that speak the page's protocol, each with an own account; pool of ${POOL.min}, at most ${POOL.max}`,
    unit: 's',
    samples,
    notes: [
      `${openings.filter(({ told }) => told.length > 0).length} waited in the queue, at most ${longest} at once`,
      'no open failed',
    ],
  });
}

/** How far the estimate was off, as a part of the true wait, for whoever waited at least a second. */
function truth(openings: readonly Opening[]): Figure {
  const off = openings.flatMap(({ told, done }) =>
    told
      .filter(({ at }) => done - at > 1000)
      .map(({ at, expectedMs }) => (100 * Math.abs(expectedMs - (done - at))) / (done - at)),
  );
  const backwards = openings.filter(({ told }) => told.some(({ place }, i) => place > (told[i - 1]?.place ?? place)));
  return figure({
    name: 'load.truth',
    title: 'what a waiting student was told of the time to go, off from the truth',
    how: 'each estimate that a page was told, against the time until its first output, where that was over a second',
    unit: '%',
    samples: off.length === 0 ? [0] : off,
    holds: [[backwards.length === 0, `${backwards.length} were moved backwards in the queue`]],
    notes: ['places only ever went down'],
  });
}

function queueTable(openings: readonly Opening[]): Table {
  const waited = openings.filter(({ told }) => told.length > 0);
  const byPlace = new Map<string, number[]>();
  for (const { begun, done, told } of waited) {
    const place = told[0]?.place ?? 0;
    const from = Math.floor((place - 1) / 20) * 20;
    const name = `${from + 1} to ${from + 20}`;
    byPlace.set(name, [...(byPlace.get(name) ?? []), (done - begun) / 1000]);
  }
  const rows = [...byPlace].sort(([a], [b]) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
  return {
    name: 'queue',
    title: 'All in the same second: the wait by the first place in the queue',
    head: ['first place', 'students', 'to the first output, p50 / max'],
    rows: rows.map(([name, seconds]) => {
      const { p50, max } = summary(seconds);
      return [name, String(seconds.length), `${p50.toFixed(1)} / ${max.toFixed(1)} s`];
    }),
    notes: [],
  };
}
