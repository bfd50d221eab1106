import { expect, it } from 'vitest';
import { makeRoom, refusal } from './admission.ts';

const GiB = 2 ** 30;
const share = { memory: 16 * GiB, sandboxes: 40 };

it('WP20 fits up to the last byte and the last place', () => {
  expect(refusal(share, { memory: 15 * GiB, sandboxes: 39 }, GiB)).toBeUndefined();
  expect(refusal(share, { memory: 15 * GiB + 1, sandboxes: 39 }, GiB)).toBeDefined();
});

it('WP22 a refusal tells the numbers', () => {
  expect(refusal(share, { memory: 15.5 * GiB, sandboxes: 3 }, GiB)).toBe(
    'memory for worksheets: 15.5 of 16 GiB in use, this one asks 1 GiB',
  );
  expect(refusal(share, { memory: 512 * 2 ** 20, sandboxes: 1 }, 16 * GiB)).toBe(
    'memory for worksheets: 512 MiB of 16 GiB in use, this one asks 16 GiB',
  );
  expect(refusal(share, { memory: 0, sandboxes: 40 }, 1)).toBe('sandboxes: 40 of 40 in use');
});

it('WP21 gives up no more than it must, and nothing when that would not help', () => {
  const use = { memory: 16 * GiB, sandboxes: 10 };
  const spares = [{ memory: GiB }, { memory: GiB }, { memory: 2 * GiB }];
  expect(makeRoom(share, use, GiB, spares)).toEqual(spares.slice(0, 1));
  expect(makeRoom(share, use, 3 * GiB, spares)).toEqual(spares);
  expect(makeRoom(share, use, 5 * GiB, spares)).toBeUndefined();
  expect(makeRoom(share, { memory: 0, sandboxes: 40 }, GiB, spares)).toEqual(spares.slice(0, 1));
});
