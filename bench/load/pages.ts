/**
 * Thousands of open worksheets with two pages and a kernel each: real gateway and warden, simulated sandboxes. What is measured at each
 * number is what the next doubling is held against.
 */
import { join } from 'node:path';
import { held, Stage } from '../growth/stage.ts';
import { figure, type Outcome, type Table } from '../support/figure.ts';
import type { Bench, Row } from '../support/row.ts';
import { pause } from '../support/stage.ts';
import { summary } from '../support/stats.ts';

const LEVELS = [625, 1250, 2500, 5000];
const QUICK = [10, 20];
const PAGES = 2;
const POOL = 50;
const RUNS = 200;
const CALM_MS = 3000;
/** Idle processor time is counted for so long. */
const IDLE_MS = 8000;

interface Level {
  readonly worksheets: number;
  /** Bytes of the gateway beyond what it had without a worksheet. */
  readonly bytes: number;
  /** Milliseconds of the gateway's processor time a second, nobody doing anything. */
  readonly idle: number;
  /** Milliseconds of its processor time for opening one worksheet, twice, and running a first cell. */
  readonly openCpu: number;
  /** Milliseconds. */
  readonly runs: readonly number[];
  readonly delayP99: number;
}

export const pages: Row = {
  name: 'pages',
  suite: 'load',
  title: `up to ${LEVELS.at(-1)} open worksheets with ${PAGES} pages and a kernel each on one gateway, simulated sandboxes`,
  measure: async (bench) => outcome(await measureLevels(bench, bench.quick ? QUICK : LEVELS)),
};

async function measureLevels(bench: Bench, levels: readonly number[]): Promise<Level[]> {
  const most = Math.max(...levels);
  const client = join(import.meta.dirname, 'pages-client.ts');
  /** Two sockets for each: as many tokens again. */
  await using stage = await Stage.open({
    kernels: most,
    pool: POOL,
    startMs: 0,
    client,
    people: Math.ceil(most / 400),
  });
  await pause(CALM_MS);
  const without = await held(stage.gateway);
  const measured: Level[] = [];
  for (const worksheets of levels) {
    const before = measured.at(-1)?.worksheets ?? 0;
    const level = await measureLevel(stage, worksheets, worksheets - before);
    measured.push({ ...level, bytes: level.bytes - without });
    bench.say(
      `${worksheets} worksheets: ${cellsOf(measured.at(-1) ?? level)
        .slice(2)
        .join(', ')}`,
    );
  }
  return measured;
}

async function measureLevel(stage: Stage, worksheets: number, more: number): Promise<Level> {
  await stage.usage();
  await stage.ask({ do: 'open', count: more, atOnce: 8 });
  const opening = await stage.usage();
  await pause(CALM_MS);
  await stage.usage();
  await pause(IDLE_MS);
  const idle = await stage.usage();
  const runs = await stage.ask({ do: 'execute', count: Math.min(RUNS, worksheets), code: '1+1' });
  const working = await stage.usage();
  return {
    ...{ worksheets, runs, bytes: await held(stage.gateway) },
    idle: (idle.gateway.cpu * 1000) / idle.gateway.wall,
    openCpu: opening.gateway.cpu / more,
    delayP99: working.gateway.delayP99,
  };
}

function outcome(levels: readonly Level[]): Outcome {
  const doubling = (name: string, what: string, value: (level: Level) => number) =>
    figure({
      name: `load.${name}`,
      title: `${what}: factor for each doubling of the open worksheets`,
      how: `from ${levels[0]?.worksheets} to ${levels.at(-1)?.worksheets} worksheets, between neighbouring levels`,
      unit: '',
      samples: levels.slice(1).map((level, i) => value(level) / value(levels[i] ?? level)),
      targets: { max: 2 },
    });
  return {
    figures: [
      doubling('memory', 'memory of the gateway', ({ bytes }) => bytes),
      doubling('idle', 'processor time of idle pages', ({ idle }) => idle),
      doubling('open', 'processor time of opening one', ({ openCpu }) => openCpu),
      doubling('run', 'a run of `1+1` against a kernel that answers at once, p50', ({ runs }) => summary(runs).p50),
    ],
    tables: [tableOf(levels)],
  };
}

const tableOf = (levels: readonly Level[]): Table => ({
  name: 'pages',
  title: 'Open worksheets with two pages and a kernel each on one gateway, simulated sandboxes',
  head: [
    ...['worksheets', 'page sockets', 'memory of the gateway per worksheet', 'per socket', 'idle CPU'],
    ...['idle CPU per socket', 'CPU of opening one', '`1+1` p50 / p95', 'event-loop delay p99'],
  ],
  rows: levels.map(cellsOf),
  notes: [
    'A worksheet has a document of one cell, two pages that speak the protocol of worksheets, and a kernel that has run the cell.',
    'Memory is the proportional set size after a collection, beyond what the gateway had without a worksheet. A run lasts until a page is told that it is over, with the store in between.',
  ],
});

function cellsOf({ worksheets, bytes, idle, openCpu, runs, delayP99 }: Level): string[] {
  const { p50, p95 } = summary(runs);
  return [
    ...[String(worksheets), String(worksheets * PAGES)],
    ...[`${(bytes / worksheets / 1000).toFixed(0)} kB`, `${(bytes / worksheets / PAGES / 1000).toFixed(0)} kB`],
    ...[`${(idle / 10).toFixed(1)} %`, `${((idle * 1000) / worksheets / PAGES).toFixed(0)} µs/s`],
    ...[`${openCpu.toFixed(1)} ms`, `${p50.toFixed(1)} / ${p95.toFixed(1)} ms`, `${delayP99.toFixed(1)} ms`],
  ];
}
