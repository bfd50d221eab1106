/** A long worksheet costs what is seen of it: outputs are drawn near the view, and an editor at rest draws nothing. */
import type { Browser } from 'playwright-core';
import { expect, test } from 'vitest';
import type { Carrel } from '../support/carrel.ts';
import { cell, code, forAllTests, open, SOON, visitor, worksheetOf } from './worksheet-browser.ts';

let carrel: Carrel;
let browser: Browser;
forAllTests((...both) => ([carrel, browser] = both));

const CELLS = 200;
const long = () =>
  worksheetOf(
    carrel,
    Array.from({ length: CELLS }, (_, index) =>
      code(`step = ${index}`, [{ output_type: 'stream', name: 'stdout', text: `output ${index}\n`.repeat(12) }]),
    ),
    'Long',
  );

test('outputs near the view are drawn, others are not, wherever one scrolls and whatever is inserted above', async () => {
  await using person = await visitor(browser, carrel);
  const { page } = person;
  await open(page, carrel, await long());
  /** The first of all is the chosen one, which is always drawn. */
  const [first, last] = [cell(page, 1), page.locator('.cell').last()];
  const drawn = (at: typeof first) => at.locator('.outputs pre').count();
  await expect.poll(() => page.locator('.cell').count(), SOON).toBe(CELLS);
  await expect.poll(() => drawn(first), SOON).toBe(1);
  expect([await drawn(last), await last.getAttribute('data-far')]).toEqual([0, 'true']);
  for (const [here, there, to] of [
    [last, first, 'document.body.scrollHeight'],
    [first, last, '0'],
  ] as const) {
    /** Heights that were guessed become real on the way. */
    await expect
      .poll(async () => {
        await page.evaluate(`scrollTo(0, ${to})`);
        return [await drawn(here), await drawn(there)];
      }, SOON)
      .toEqual([1, 0]);
    expect(await here.getAttribute('data-far')).toBe(null);
  }
  await first.locator('.mark').click({ position: { x: 2, y: 2 } });
  for (let index = 0; index < 5; index += 1) await page.keyboard.press('a');
  await expect.poll(() => drawn(cell(page, 6)), SOON).toBe(1);
  expect(person.problems).toEqual([]);
});

test('the cursor blinks by itself, is there when one writes, and no animation runs for it', async () => {
  await using person = await visitor(browser, carrel);
  const { page } = person;
  await open(page, carrel, await long());
  await page.keyboard.press('Enter');
  const editor = page.locator('.cm-editor.cm-focused');
  await editor.waitFor(SOON);
  await expect.poll(() => editor.getAttribute('data-dark'), { ...SOON, interval: 20 }).toBe('');
  await page.keyboard.type('x');
  expect(await page.evaluate('document.getAnimations().length')).toBe(0);
  await expect.poll(() => editor.getAttribute('data-dark'), { ...SOON, interval: 20 }).toBe(null);
  expect(person.problems).toEqual([]);
});
