/** Many worksheets at work while parts of the installation are killed; the last fifth of the time is quiet, for the memory. */

import { rss } from '../fault/support/host.ts';
import { until } from '../fault/support/until.ts';
import { Dice } from '../kernels/soak/dice.ts';
import { growth } from '../kernels/soak/growth.ts';
import { type Counts, Desk, pause } from './desk.ts';
import { type Installation, install, type Part, parts } from './installation.ts';

export interface EndureOptions {
  readonly minutes: number;
  readonly worksheets: number;
  readonly gateways: number;
  readonly seed: number;
  readonly image: string;
  /** Leaves logs and data. */
  readonly keep: boolean;
  /** Which parts are killed; all where it is empty. */
  readonly kill: readonly Part[];
  print(line: string): void;
}

export interface Endured {
  readonly counts: Counts;
  readonly kills: Record<string, number>;
  /** Seconds from each kill of a gateway until one answers again, some of them of one that stood by. */
  readonly away: readonly number[];
  readonly problems: readonly string[];
  /** Bytes by which each process has grown over the quiet time, along the fitted line. */
  readonly grown: Record<string, number>;
}

/** Between two kills, milliseconds. */
const CALM = [8000, 25_000] as const;
const SAMPLE_MS = 5000;
/** Bytes over the quiet time: what a heap that is collected now and then moves by. */
const MOST_GROWTH = 40 * 2 ** 20;
const QUIET = 0.2;

export async function endure(options: EndureOptions): Promise<Endured> {
  const { print, worksheets, seed, minutes } = options;
  const dice = new Dice(seed);
  await using installation = await install(worksheets, options.image, options.gateways, options.keep);
  print(options.keep ? `the installation is up: ${installation.folder}` : 'the installation is up');
  const server = (i: number) => ({ url: installation.url, token: installation.tokens[i] ?? '' });
  const desks = Array.from({ length: worksheets }, (_, i) => new Desk(`worksheet ${i}`, server(i)));
  for (const desk of desks) await desk.open();
  const ended = new AbortController();
  const working = desks.map((desk, i) => desk.work(new Dice(seed + 1 + i), ended.signal));
  const begun = Date.now();
  const noisyUntil = begun + minutes * 60_000 * (1 - QUIET);
  const kills: Record<string, number> = {};
  const away: number[] = [];
  const pool = options.kill.length === 0 ? parts : options.kill;
  while (Date.now() < noisyUntil) {
    await pause(Math.min(dice.integer(...CALM), Math.max(0, noisyUntil - Date.now())));
    const part = dice.pick(pool);
    kills[part] = (kills[part] ?? 0) + 1;
    print(
      `${new Date().toISOString()} ${Math.round((Date.now() - begun) / 1000)} s: ${part} is killed; ${told(desks)}`,
    );
    const killed = Date.now();
    await installation.kill(part, dice.integer(0, 100));
    if (part !== 'gateway') continue;
    await installation.ready();
    away.push((Date.now() - killed) / 1000);
  }
  await installation.ready();
  const grown = await watch(installation, begun + minutes * 60_000);
  ended.abort();
  await Promise.all(working);
  for (const desk of desks) await desk.check().catch((error) => desk.problems.push(String(error)));
  for (const desk of desks) await desk.leave().catch((error) => desk.problems.push(String(error)));
  const problems = desks.flatMap((desk) => desk.problems);
  problems.push(...(await leaks(installation)));
  for (const [name, bytes] of Object.entries(grown))
    if (bytes > MOST_GROWTH)
      problems.push(`${name} grew by ${Math.round(bytes / 2 ** 20)} MiB while nothing was killed`);
  return { counts: sum(desks), kills, away, problems, grown };
}

const sum = (desks: readonly Desk[]): Counts =>
  desks.reduce(
    (all, { counts }) => ({
      edits: all.edits + counts.edits,
      runs: all.runs + counts.runs,
      told: all.told + counts.told,
      refused: all.refused + counts.refused,
    }),
    { edits: 0, runs: 0, told: 0, refused: 0 },
  );

const told = (desks: readonly Desk[]): string =>
  `${JSON.stringify(sum(desks))}, ${desks.reduce((count, { problems }) => count + problems.length, 0)} problems`;

async function watch({ gateways, warden }: Installation, end: number): Promise<Record<string, number>> {
  const watched = [...gateways, warden];
  const points = new Map<string, [number, number][]>(watched.map(({ name }) => [name, []]));
  while (Date.now() < end) {
    for (const { name, pid } of watched) points.get(name)?.push([Date.now(), await rss(pid).catch(() => 0)]);
    await pause(SAMPLE_MS);
  }
  /** The first readings are those of programs that have just started. */
  const settled = (line: [number, number][]) => line.slice(Math.floor(line.length / 4));
  return Object.fromEntries([...points].map(([name, line]) => [name, growth(settled(line))]));
}

/** Containers that belong to no worksheet and to no pool. */
async function leaks({ engine }: Installation): Promise<string[]> {
  const open = async () => {
    const all = await engine.listContainers({ all: true });
    return all.filter(({ Labels }) => Labels['carrel.worksheet'] !== undefined && Labels['carrel.worksheet'] !== '');
  };
  const count = async () => (await engine.listContainers({ all: true })).length;
  try {
    await until(
      'no sandbox is left but those of the pool',
      async () => (await open()).length === 0 && (await count()) <= 8,
    );
    return [];
  } catch {
    return [`${await count()} containers are left: sandboxes were leaked`];
  }
}
