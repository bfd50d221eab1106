import fc from 'fast-check';
import { expect, test } from 'vitest';
import { align } from './notebook-align.ts';

const told = (before: string, after: string): string =>
  align([...before], [...after])
    .map((step) => {
      if (step.after === undefined) return `-${before[step.before]}`;
      if (step.before === undefined) return `+${after[step.after]}`;
      return `${step.moved ? '~' : ''}${after[step.after]}`;
    })
    .join(' ');

test.each([
  ['abc', 'abc', 'a b c'],
  ['abc', 'axc', 'a +x -b c'],
  ['abc', '', '-a -b -c'],
  ['', 'ab', '+a +b'],
  ['abcd', 'dabc', '~d a b c'],
  ['abcd', 'bcda', 'b c d ~a'],
  ['abcdef', 'xbfcd', '+x -a b ~f c d -e'],
])('WV10 from %j to %j: %s', (before, after, expected) => {
  expect(told(before, after)).toBe(expected);
});

test('WV10 every cell of both lists is told once, in the order of the later one, and what is unmoved keeps its order', () => {
  const list = fc.uniqueArray(fc.integer({ min: 0, max: 15 }).map(String), { maxLength: 16 });
  fc.assert(
    fc.property(list, list, (before, after) => {
      const steps = align(before, after);
      expect(steps.flatMap((step) => step.after ?? [])).toEqual(after.map((_, index) => index));
      expect(steps.flatMap((step) => step.before ?? []).sort((a, b) => a - b)).toEqual(before.map((_, index) => index));
      for (const step of steps)
        if (step.before !== undefined && step.after !== undefined) expect(before[step.before]).toBe(after[step.after]);
      const still = steps.flatMap((step) => ('moved' in step && !step.moved ? [step.before] : []));
      expect(still).toEqual([...still].sort((a, b) => a - b));
    }),
  );
});
