/** The rows of load with few of everything: what they do is done, and told. No time is asserted. */
import { expect, test } from 'vitest';
import { doublings } from './growth/levels.ts';
import { pages } from './load/pages.ts';
import { takeover } from './load/takeover.ts';

test('ten, then twenty worksheets with two pages each answer every run, and each level is told', async () => {
  const said: string[] = [];
  const { figures, tables = [] } = await pages.measure({ quick: true, image: 'none', say: (line) => said.push(line) });
  expect(said).toHaveLength(2);
  expect(tables[0]?.rows.map((cells) => cells.slice(0, 2))).toEqual([
    ['10', '20'],
    ['20', '40'],
  ]);
  expect(figures.map(({ name, measured }) => [name, measured.n])).toEqual([
    ['load.memory', 1],
    ['load.idle', 1],
    ['load.open', 1],
    ['load.run', 1],
  ]);
});

test('a gateway that is killed and one that stands still hand over, with every edit and each run once', async () => {
  const { figures } = await takeover.measure({ quick: true, image: 'none', say: () => {} });
  expect(figures.map(({ name, measured, notes }) => [name, measured.n, notes])).toEqual([
    ['load.killed', 1, []],
    ['load.still', 1, []],
  ]);
});

test('a factor is that of a doubling, whatever lies between two levels', () => {
  const levels = [10, 20, 80];
  const factors = (value: (level: number) => number) =>
    doublings({ suite: 's', of: 'sockets', levels, count: (level) => level })('x', 'x', value);
  expect(factors((level) => level).measured).toMatchObject({ n: 2, max: 2 });
  expect(factors((level) => level)).toMatchObject({
    name: 's.x',
    reached: true,
    how: 'from 10 to 80 sockets, between neighbouring levels',
  });
  expect(factors((level) => level ** 2)).toMatchObject({ reached: false, measured: { max: 4 } });
});
