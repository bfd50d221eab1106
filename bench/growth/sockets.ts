/**
 * Many kernels with one socket each: real gateway and warden, simulated sandboxes. What is measured at each number is what the
 * next doubling is held against.
 */
import { readFile } from 'node:fs/promises';
import type { Outcome, Table } from '../support/figure.ts';
import type { Bench, Row } from '../support/row.ts';
import { pause } from '../support/stage.ts';
import { summary } from '../support/stats.ts';
import { atRest, climb, doublings } from './levels.ts';
import { held, Stage } from './stage.ts';

const LEVELS = [10, 100, 1000, 2000, 5000, 10_000];
const QUICK = [10, 100];
/** Descriptors of a gateway: two for each kernel (its client, its stream), and these besides. */
const OTHER_FILES = 200;
/** Measured one after the other at each level. */
const CLAIMS = 40;
const POOL = 50;
/** Between two claims, so that the pool is never empty: what is measured is the claim, not the start. */
const CLAIM_EVERY_MS = 40;
const CELLS = 400;
/** What the collectors need. */
const CALM_MS = 3000;
/** Fewer cost less than what a process holds and does by itself moves by. */
const HELD_FROM = 1000;

interface Level {
  readonly sockets: number;
  /** Bytes of gateway and warden beyond what they had without a kernel. */
  readonly gatewayBytes: number;
  readonly wardenBytes: number;
  /** Milliseconds of processor time a second, nobody doing anything. */
  readonly gatewayIdle: number;
  readonly wardenIdle: number;
  /** Milliseconds of processor time for one open. */
  readonly openCpu: number;
  readonly claims: readonly number[];
  readonly cells: readonly number[];
  /** Event-loop delay while cells run, p99 in milliseconds. */
  readonly gatewayDelay: number;
  readonly wardenDelay: number;
}

export const sockets: Row = {
  name: 'sockets',
  suite: 'growth',
  title: 'up to 10,000 kernels with one socket each, simulated sandboxes',
  measure: async (bench) => outcome(await measureLevels(bench, await levelsThatFit(bench.quick ? QUICK : LEVELS))),
};

/** Every process may have so many descriptors open; a level that does not fit is cut down to what does. */
async function levelsThatFit(levels: readonly number[]): Promise<number[]> {
  const limits = await readFile('/proc/self/limits', 'utf8');
  const files = Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY);
  const most = Math.floor((files - OTHER_FILES) / 20) * 10;
  return [...new Set(levels.map((level) => Math.min(level, most)))];
}

async function measureLevels(bench: Bench, levels: readonly number[]): Promise<Level[]> {
  await using stage = await Stage.open({ kernels: Math.max(...levels), pool: POOL, startMs: 0 });
  await pause(CALM_MS);
  const [gateway, warden] = await memory(stage);
  return await climb(levels, async (sockets, more) => {
    const all = await measureLevel(stage, bench.quick, sockets, more);
    const level = { ...all, gatewayBytes: all.gatewayBytes - gateway, wardenBytes: all.wardenBytes - warden };
    bench.say(`${sockets} sockets: ${cellsOf(level).slice(1).join(', ')}`);
    return level;
  });
}

async function measureLevel(stage: Stage, quick: boolean, sockets: number, more: number): Promise<Level> {
  const claimed = Math.min(CLAIMS, Math.floor(more / 2));
  await stage.usage();
  await stage.ask({ do: 'open', count: more - claimed, atOnce: 10 });
  const opening = await stage.usage();
  await pause(CALM_MS);
  const claims = await stage.ask({ do: 'open', count: claimed, atOnce: 1, everyMs: CLAIM_EVERY_MS });
  const idle = await atRest(stage, quick);
  const cells = await stage.ask({ do: 'execute', count: CELLS, code: '1+1' });
  const working = await stage.usage();
  const [gatewayBytes, wardenBytes] = await memory(stage);
  return {
    ...{ sockets, gatewayBytes, wardenBytes, claims, cells },
    gatewayIdle: idle.gateway,
    wardenIdle: idle.warden,
    openCpu: (opening.gateway.cpu + opening.warden.cpu) / (more - claimed),
    gatewayDelay: working.gateway.delayP99,
    wardenDelay: working.warden.delayP99,
  };
}

async function memory({ gateway, warden }: Stage): Promise<[number, number]> {
  return [await held(gateway), await held(warden)];
}

function outcome(levels: readonly Level[]): Outcome {
  const held = levels.filter(({ sockets }) => sockets >= HELD_FROM);
  const doubling = doublings({ suite: 'growth', of: 'sockets', levels: held, count: ({ sockets }) => sockets });
  if (held.length < 2) return { figures: [], tables: [tableOf(levels)] };
  return {
    figures: [
      doubling('memory', 'memory of gateway and warden', (level) => level.gatewayBytes + level.wardenBytes),
      doubling('idle', 'processor time of idle sockets', (level) => level.gatewayIdle + level.wardenIdle),
      doubling('open', 'processor time of one open', ({ openCpu }) => openCpu),
      doubling('claim', 'time of a claim, p50', ({ claims }) => summary(claims).p50),
      doubling(
        'execute',
        'round trip of `1+1` against a kernel that answers at once, p50',
        ({ cells }) => summary(cells).p50,
      ),
    ],
    tables: [tableOf(levels)],
  };
}

function tableOf(levels: readonly Level[]): Table {
  return {
    name: 'sockets',
    title: 'Open kernels with one socket each, simulated sandboxes',
    head: [
      ...['sockets', 'memory per socket, gateway + warden', 'idle CPU, gateway + warden', 'CPU of one open'],
      ...['claim p50 / p95', '`1+1` p50 / p95', 'event-loop delay p99, gateway / warden'],
    ],
    rows: levels.map(cellsOf),
    notes: [
      `A claim is POST /api/kernels from a pool of ${POOL}, one every ${CLAIM_EVERY_MS} ms, until it is answered; cells run one after the other in kernel after kernel.`,
      'Memory is the proportional set size after a collection, beyond what the processes had without a kernel.',
      'Client, simulated sandboxes, gateway and warden share the processors.',
    ],
  };
}

function cellsOf(level: Level): string[] {
  const perSocket = (bytes: number) => (bytes / level.sockets / 1000).toFixed(0);
  const times = (samples: readonly number[]) => {
    const { p50, p95 } = summary(samples);
    return `${p50.toFixed(1)} / ${p95.toFixed(1)} ms`;
  };
  return [
    String(level.sockets),
    `${perSocket(level.gatewayBytes)} + ${perSocket(level.wardenBytes)} kB`,
    `${(level.gatewayIdle / 10).toFixed(1)} + ${(level.wardenIdle / 10).toFixed(1)} %`,
    `${level.openCpu.toFixed(1)} ms`,
    times(level.claims),
    times(level.cells),
    `${level.gatewayDelay.toFixed(1)} / ${level.wardenDelay.toFixed(1)} ms`,
  ];
}
