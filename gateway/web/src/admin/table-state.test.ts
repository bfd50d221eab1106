import { expect, test } from 'vitest';
import { stillChosen, toggled } from '../shared/choosing.ts';
import { found, sorted, turned } from './table-state.ts';

test('AD2 rows are found by parts of their words, without accents and case', () => {
  const rows = ['Zoë standard', 'ada large', 'ada standard'];
  expect(found(rows, ' STAND zoe', (row) => row)).toEqual(['Zoë standard']);
  expect(found(rows, '', (row) => row)).toEqual(rows);
});

test('AD2 numbers are sorted as numbers, what is not known comes last in both directions', () => {
  const rows = [{ n: 10 }, { n: null }, { n: 9 }, { n: 100 }];
  const numbers = (down: boolean) => sorted(rows, ({ n }) => n, down).map(({ n }) => n);
  expect(numbers(false)).toEqual([9, 10, 100, null]);
  expect(numbers(true)).toEqual([100, 10, 9, null]);
  expect(sorted(['s10', 'S9'], (row) => row, false)).toEqual(['S9', 's10']);
});

test('AD2 a second click on a column turns its order round', () => {
  const once = turned({ column: 'age', down: true }, 'owner');
  expect(once).toEqual({ column: 'owner', down: false });
  expect(turned(once, 'owner')).toEqual({ column: 'owner', down: true });
});

test('AD3 choosing all chooses what is shown, again lets it go, and what has gone is chosen no longer', () => {
  const some = toggled(new Set(['x']), ['a', 'b']);
  expect([...some].sort()).toEqual(['a', 'b', 'x']);
  expect([...toggled(some, ['a', 'b'])]).toEqual(['x']);
  expect(stillChosen(some, ['b', 'c'])).toEqual(['b']);
});
