/**
 * What is measured at one number of sockets after the other, and what one doubling of them costs. Rest is counted for as long as the
 * longest of what is done now and then, so that each of it is in the count once.
 */
import { type Figure, figure } from '../support/figure.ts';
import { pause } from '../support/stage.ts';
import type { Stage } from './stage.ts';

/** Milliseconds; a socket is pinged, and a sandbox at rest asked what it uses, every 30 s. */
const REST_MS = 30_000;
/** Quick runs show that it works. */
const QUICK_REST_MS = 4000;
/** A sandbox is asked more often for 10 s after it has worked. */
const SETTLE_MS = 12_000;

/** Measures each level; `more` is what has to be opened beyond the level before. */
export async function climb<L>(levels: readonly number[], measure: (level: number, more: number) => Promise<L>) {
  const measured: L[] = [];
  let before = 0;
  for (const level of levels) {
    measured.push(await measure(level, level - before));
    before = level;
  }
  return measured;
}

/** Milliseconds of processor time a second, nobody doing anything. */
export async function atRest(stage: Stage, quick: boolean): Promise<{ gateway: number; warden: number }> {
  await pause(quick ? 0 : SETTLE_MS);
  await stage.usage();
  await pause(quick ? QUICK_REST_MS : REST_MS);
  const { gateway, warden } = await stage.usage();
  const perSecond = ({ cpu, wall }: typeof gateway) => (cpu * 1000) / wall;
  return { gateway: perSecond(gateway), warden: perSecond(warden) };
}

export interface Doublings<L> {
  /** Before each figure's name. */
  readonly suite: string;
  /** What is counted, as a text says it. */
  readonly of: string;
  readonly levels: readonly L[];
  readonly count: (level: L) => number;
}

/** Makes figures of what a value is multiplied by when the count doubles, between neighbouring levels; at most 2 is right. */
export function doublings<L>({ suite, of, levels, count }: Doublings<L>) {
  const [first, last] = [levels[0], levels.at(-1)];
  const ends = first === undefined || last === undefined ? '' : `from ${count(first)} to ${count(last)} ${of}`;
  return (name: string, what: string, value: (level: L) => number): Figure =>
    figure({
      name: `${suite}.${name}`,
      title: `${what}: factor for each doubling of the ${of}`,
      how: `${ends}, between neighbouring levels`,
      unit: '',
      samples: levels.slice(1).flatMap((to, i) => {
        const from = levels[i];
        if (from === undefined) return [];
        return (value(to) / value(from)) ** (1 / Math.log2(count(to) / count(from)));
      }),
      targets: { max: 2 },
    });
}
