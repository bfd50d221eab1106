import { expect, test } from 'vitest';
import { shownRows } from './window-state.ts';

test('AD2 of 5,000 rows only those on the screen are drawn, and some beyond it', () => {
  expect(shownRows(5000, 50, 0, 1000)).toEqual({ first: 0, end: 32 });
  expect(shownRows(5000, 50, 100_000, 1000)).toEqual({ first: 1988, end: 2032 });
  expect(shownRows(5000, 50, 249_000, 1000)).toEqual({ first: 4968, end: 5000 });
});

test('AD2 a list below the screen, an empty one and one without a height yet', () => {
  expect(shownRows(5000, 50, -4000, 1000)).toEqual({ first: 0, end: 0 });
  expect(shownRows(0, 50, 0, 1000)).toEqual({ first: 0, end: 0 });
  expect(shownRows(5, 0, 0, 1000)).toEqual({ first: 0, end: 5 });
});
