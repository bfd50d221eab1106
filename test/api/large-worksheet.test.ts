/** A worksheet that is larger than what may wait for a socket. */
import { expect, test } from 'vitest';
import { startCarrel } from '../support/carrel.ts';
import { newWorksheet, Page } from '../support/worksheets.ts';

const MiB = 1024 * 1024;
const STEP = 4 * MiB;
const STEPS = 18;

test('WS21 a worksheet of more than 64 MiB is opened, stays open and is edited', async () => {
  await using carrel = await startCarrel();
  const { id } = await newWorksheet(carrel);
  {
    using page = await Page.open(carrel, id);
    for (let step = 0; step < STEPS; step += 1) {
      page.append('x'.repeat(STEP));
      await page.saved();
    }
  }
  using late = await Page.open(carrel, id);
  expect(late.cells[0]?.source.length).toBe(STEP * STEPS);
  late.append('the end');
  await late.saved();
  using other = await Page.open(carrel, id);
  await other.until('the edit', () => other.cells[0]?.source.endsWith('the end') === true);
  expect([late.closes, other.closes]).toEqual([[], []]);
});
