import { expect, test } from 'vitest';
import { Recent } from './recent.ts';

test('what was made stays until newer texts fill the bound; what was used last stays longest', () => {
  const made: string[] = [];
  const make = (text: string) => {
    made.push(text);
    return { text };
  };
  const recent = new Recent<{ text: string }>(6);
  const first = recent.get('aa', make);
  recent.get('bb', make);
  expect(recent.get('aa', make)).toBe(first);
  recent.get('cc', make);
  recent.get('dd', make);
  expect(recent.get('aa', make)).toBe(first);
  recent.get('bb', make);
  expect(made).toEqual(['aa', 'bb', 'cc', 'dd', 'bb']);
});

test('a text beyond the bound is made each time and drives nothing out', () => {
  let count = 0;
  const make = () => ++count;
  const recent = new Recent<number>(3);
  expect([recent.get('abc', make), recent.get('longer', make), recent.get('longer', make)]).toEqual([1, 2, 3]);
  expect(recent.get('abc', make)).toBe(1);
});
