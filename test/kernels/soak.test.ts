/** A minute of the long run (`npm run soak` has more of it), with a seed of its own each time, which is printed. */
import { expect, test } from 'vitest';
import { KERNEL_IMAGE } from '../fault/support/docker.ts';
import { acts } from './soak/acts.ts';
import { Dice } from './soak/dice.ts';
import { findingsOf, growth } from './soak/growth.ts';
import { soak } from './soak/soak.ts';
import type { Sample } from './soak/watch.ts';

const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 1_000_000);
console.log(`FUZZ_SEED=${seed}`);

test('a minute of everything: no reply missing, no line lost, nothing grows', { timeout: 240_000 }, async () => {
  const lines: string[] = [];
  const print = (line: string) => void lines.push(line);
  const options = { seconds: 45, seed, kernel: 'python3', image: KERNEL_IMAGE, desks: 2, pause: 10, print };
  const { counts, findings } = await soak(options).catch((error: Error) => {
    throw new Error(`FUZZ_SEED=${seed}: ${error.message}\n${lines.join('\n')}`);
  });
  expect(counts['acts']).toBeGreaterThan(50);
  const grown = findings.filter(({ grown: found, most }) => found > most);
  expect(grown, `FUZZ_SEED=${seed}\n${lines.join('\n')}`).toEqual([]);
});

test('the same seed chooses the same acts, and every act is chosen', () => {
  const names = (start: number) => {
    const dice = new Dice(start);
    return Array.from({ length: 5000 }, () => dice.weighted(acts).name);
  };
  expect(names(7)).toEqual(names(7));
  expect(names(7)).not.toEqual(names(8));
  expect(new Set(names(7)).size).toBe(acts.length);
});

test('what grows is found, what moves up and down is not', () => {
  const MiB = 2 ** 20;
  const samples = (gateway: (at: number) => number): Sample[] =>
    Array.from({ length: 40 }, (_, index) => {
      const still = { pid: 1, memory: 50 * MiB, fds: 30 };
      return {
        at: index * 10,
        gateway: { ...still, memory: gateway(index) * MiB },
        warden: still,
        agents: [],
        kernels: [],
      };
    });
  const wrong = (found: readonly Sample[]) =>
    findingsOf(found).flatMap(({ what, grown, most }) => (grown > most ? [what] : []));
  expect(wrong(samples((index) => 50 + 3 * index))).toEqual(['memory of gateway']);
  expect(wrong(samples((index) => 50 + 40 * (index % 2)))).toEqual([]);
  expect(
    growth([
      [0, 1],
      [1, 3],
      [2, 5],
      [3, 7],
    ]),
  ).toBeCloseTo(6);
});
