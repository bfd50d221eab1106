/** The row of pages with few of them: every worksheet opens with two pages, and its cell is run. */
import { expect, test } from 'vitest';
import { doublings } from './growth/levels.ts';
import { pages } from './load/pages.ts';

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
