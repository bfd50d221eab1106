/**
 * Thousands of open worksheets with two pages and a kernel each: real gateway and warden, simulated sandboxes. What is measured at each
 * number is what the next doubling is held against.
 */
import { join } from 'node:path';
import { atRest, climb, doublings } from '../growth/levels.ts';
import { held, Stage } from '../growth/stage.ts';
import type { Outcome, Table } from '../support/figure.ts';
import type { Bench, Row } from '../support/row.ts';
import { pause } from '../support/stage.ts';
import { summary } from '../support/stats.ts';

const LEVELS = [625, 1250, 2500, 5000];
const QUICK = [10, 20];
const PAGES = 2;
const POOL = 50;
const RUNS = 200;
const CALM_MS = 3000;

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
  return await climb(levels, async (worksheets, more) => {
    const all = await measureLevel(stage, bench.quick, worksheets, more);
    const level = { ...all, bytes: all.bytes - without };
    bench.say(`${worksheets} worksheets: ${cellsOf(level).slice(2).join(', ')}`);
    return level;
  });
}

async function measureLevel(stage: Stage, quick: boolean, worksheets: number, more: number): Promise<Level> {
  await stage.usage();
  await stage.ask({ do: 'open', count: more, atOnce: 8 });
  const opening = await stage.usage();
  const idle = await atRest(stage, quick);
  const runs = await stage.ask({ do: 'execute', count: Math.min(RUNS, worksheets), code: '1+1' });
  const working = await stage.usage();
  return {
    ...{ worksheets, runs, bytes: await held(stage.gateway) },
    idle: idle.gateway,
    openCpu: opening.gateway.cpu / more,
    delayP99: working.gateway.delayP99,
  };
}

function outcome(levels: readonly Level[]): Outcome {
  const count = ({ worksheets }: Level) => worksheets;
  const doubling = doublings({ suite: 'load', of: 'open worksheets', levels, count });
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
    'Idle CPU is the processor time of the gateway during 30 s in which nobody does anything, in percent of one processor.',
    'Memory is the proportional set size after a collection, beyond what the gateway had without a worksheet. A run lasts until a page is told that it is over, with the store in between; a page is told how things stand every 50 ms at most.',
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
