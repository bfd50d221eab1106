import { expect, it } from 'vitest';
import { takeUid } from './uids.ts';

const range = { first: 1000, count: 4 };

it('goes round the range and leaves out ids in use', () => {
  expect(takeUid(range, 0, new Set())).toBe(1000);
  expect(takeUid(range, 1002, new Set())).toBe(1002);
  expect(takeUid(range, 1004, new Set())).toBe(1000);
  expect(takeUid(range, 1002, new Set([1002, 1003, 1000]))).toBe(1001);
});

it('none is taken twice before the range is used up', () => {
  let next = 0;
  const taken = Array.from({ length: 4 }, () => {
    const uid = takeUid(range, next, new Set());
    next = uid + 1;
    return uid;
  });
  expect(new Set(taken).size).toBe(4);
});

it('says so when all are in use', () => {
  expect(() => takeUid(range, 0, new Set([1000, 1001, 1002, 1003]))).toThrow('user ids: 4 of 4 in use');
});

it('never answers 0', () => {
  expect(() => takeUid({ first: 0, count: 4 }, 0, new Set())).toThrow('expected user ids above 0');
});
