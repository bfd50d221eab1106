/** The history of a worksheet on the whole program: versions, differences, restoring while others write. */
import type { Browser, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import type { Carrel } from '../support/carrel.ts';
import { rest } from '../support/jupyter.ts';
import {
  cell,
  code,
  findings,
  forAllTests,
  open,
  picture,
  SOON,
  saved,
  shows,
  sources,
  text,
  visitor,
  widerThanScreen,
  worksheetOf,
} from './worksheet-browser.ts';

let carrel: Carrel;
let browser: Browser;
forAllTests((...both) => ([carrel, browser] = both));

const panel = (page: Page) => page.locator('.side-panel');
const said = (page: Page) => panel(page).getByRole('status').first();
const openHistory = async (page: Page) => {
  await page.locator('.toolbar summary').press('Enter');
  await page
    .locator('.toolbar')
    .getByRole('button', { name: /^(History|Verlauf)$/ })
    .first()
    .press('Enter');
  await panel(page).locator('.history').waitFor(SOON);
};
const stream = (said: string) => ({ output_type: 'stream', name: 'stdout', text: said });
const versions = async (id: string) => (await rest(carrel, 'GET', `/api/worksheets/${id}/versions`)).json;

/** Replaces the text of a cell by the keyboard. */
async function retype(page: Page, index: number, source: string): Promise<void> {
  await cell(page, index)
    .locator('.mark')
    .click({ position: { x: 2, y: 2 } });
  await page.keyboard.press('Enter');
  await cell(page, index).locator('.cm-content').waitFor(SOON);
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Delete');
  await page.keyboard.insertText(source);
  await page.keyboard.press('Escape');
}

const lesson = () =>
  worksheetOf(
    carrel,
    [
      text('# Tides\n\nThe moon pulls at the sea.'),
      code('heights = [1.2, 1.9, 2.4]\nprint(max(heights))', [stream('2.4\n')]),
      code('def mean(values):\n    return sum(values) / len(values)'),
      code('mean(heights)'),
    ],
    'Tides',
  );

test('WV40 a version is kept by hand, its difference read, and it is restored and taken back, all by the keyboard', async () => {
  await using person = await visitor(browser, carrel);
  const { page } = person;
  const id = await lesson();
  await open(page, carrel, id);
  await openHistory(page);
  const list = panel(page).locator('.version');
  await expect.poll(() => list.allInnerTexts(), SOON).toEqual([expect.stringMatching(/As it began/)]);
  await panel(page)
    .getByLabel(/under a name/)
    .focus();
  await page.keyboard.type('Before the lesson');
  await page.keyboard.press('Enter');
  await expect.poll(() => said(page).innerText(), SOON).toContain('Before the lesson is kept.');
  await expect.poll(() => list.first().innerText(), SOON).toContain('Before the lesson');
  await retype(page, 2, 'def mean(values):\n    total = sum(values)\n    return total / len(values)');
  await cell(page, 3)
    .locator('.mark')
    .click({ position: { x: 2, y: 2 } });
  await page.keyboard.press('d');
  await page.keyboard.press('d');
  await saved(page);
  await list.first().focus();
  await page.keyboard.press('ArrowDown');
  expect(await page.evaluate('document.activeElement.textContent')).toContain('As it began');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await expect.poll(() => panel(page).locator('.summary').innerText(), SOON).toBe('Cells: 1 changed, 1 removed.');
  expect(await panel(page).locator('.changes h4').allInnerTexts()).toEqual([
    'Cell 3 was changed',
    'Cell 4 was removed',
  ]);
  expect(await panel(page).locator('.changes mark').count()).toBeGreaterThan(0);
  await picture(page, 'history-difference');
  await panel(page).getByRole('button', { name: 'Restore' }).focus();
  await page.keyboard.press('Enter');
  await page.locator('dialog').waitFor(SOON);
  await page.keyboard.press('Enter');
  await expect.poll(() => sources(page), SOON).toHaveLength(4);
  expect((await sources(page))[2]).toBe('def mean(values):\n    return sum(values) / len(values)');
  await expect.poll(() => list.first().innerText(), SOON).toContain('Before a restore');
  await expect.poll(() => page.evaluate('document.activeElement.className'), SOON).toBe('version');
  await picture(page, 'history-restored');
  await panel(page).getByRole('button', { name: 'Take that back' }).focus();
  await page.keyboard.press('Enter');
  await expect.poll(() => sources(page), SOON).toHaveLength(3);
  expect((await sources(page))[2]).toContain('total = sum(values)');
  expect(person.problems).toEqual([]);
});

test('WV22 one writes while the other restores: what is written stays, the cursor too, and both see the same', async () => {
  await using writer = await visitor(browser, carrel);
  await using other = await visitor(browser, carrel);
  const id = await lesson();
  await open(writer.page, carrel, id);
  await open(other.page, carrel, id);
  await retype(other.page, 1, 'heights = []');
  await saved(other.page);
  await cell(writer.page, 2).locator('.source').click();
  await writer.page.keyboard.press('Control+End');
  await openHistory(other.page);
  await panel(other.page).locator('.version').last().click();
  await panel(other.page).getByRole('button', { name: 'Restore' }).click();
  const typing = writer.page.keyboard.type('  # written while it was restored', { delay: 30 });
  await other.page.locator('dialog').getByRole('button', { name: 'Restore' }).click();
  await typing;
  await expect.poll(() => said(other.page).innerText(), SOON).toContain('The version is back');
  await saved(writer.page);
  const all = () => Promise.all([sources(writer.page), sources(other.page)]);
  await expect
    .poll(async () => (await all()).map((cells) => cells[1]), SOON)
    .toEqual(Array(2).fill('heights = [1.2, 1.9, 2.4]\nprint(max(heights))'));
  const [one, two] = await all();
  expect(one).toEqual(two);
  /** What had come before the restore is in the version of before, the rest in the worksheet; nothing of it is lost. */
  const [kept] = await versions(id);
  const before = (await rest(carrel, 'GET', `/api/worksheets/${id}/versions/${kept.id}/cells`)).json.cells[2].source;
  const [was, is] = [before, one?.[2] ?? ''].map((source) => source.split('len(values)')[1] ?? '');
  expect(`${was}${is}`).toContain('  # written while it was restored');
  expect(
    await writer.page.evaluate('document.activeElement.closest(".cell")?.querySelector(".source")?.textContent'),
  ).toContain('def mean');
  await writer.page.keyboard.type('!');
  await expect.poll(async () => (await sources(other.page))[2], SOON).toMatch(/!$/);
  for (const { problems } of [writer, other]) expect(problems).toEqual([]);
});

test('WV23 the kernel goes on while a version is restored, and the output of the cell that runs comes', async () => {
  await using person = await visitor(browser, carrel);
  const { page } = person;
  const id = await worksheetOf(carrel, [
    code('import time\nfor i in range(8):\n    print("step", i, flush=True)\n    time.sleep(0.4)\nx = 42'),
    code('print(x)'),
  ]);
  await open(page, carrel, id);
  await page.keyboard.press('Control+Enter');
  await shows(page, 0, 'step 1');
  const [first] = await versions(id);
  expect((await rest(carrel, 'POST', `/api/worksheets/${id}/versions/${first.id}/restore`)).status).toBe(200);
  await shows(page, 0, /step 0\s+step 1\s+step 2\s+step 3\s+step 4\s+step 5\s+step 6\s+step 7/);
  await cell(page, 1)
    .locator('.mark')
    .click({ position: { x: 2, y: 2 } });
  await page.keyboard.press('Control+Enter');
  await shows(page, 1, '42');
  expect(person.problems).toEqual([]);
});

test('WV11 WV12 words and outputs that have changed are told with their texts; pictures are named', async () => {
  await using person = await visitor(browser, carrel);
  const { page } = person;
  const image = {
    output_type: 'display_data',
    metadata: {},
    data: { 'image/png': 'iVBORw0KGgo=', 'text/plain': '<Figure>' },
  };
  const id = await worksheetOf(carrel, [
    code('print(1 + 1)', [stream('3\n')]),
    code('plot()', [image]),
    text('old words and more'),
  ]);
  await open(page, carrel, id);
  await page.keyboard.press('Control+Enter');
  await shows(page, 0, '2');
  await retype(page, 2, 'new words and more');
  await cell(page, 1)
    .locator('.mark')
    .click({ position: { x: 2, y: 2 } });
  await page.keyboard.press('d');
  await page.keyboard.press('d');
  await openHistory(page);
  await panel(page).locator('.version').last().click();
  await expect.poll(() => panel(page).locator('.summary').innerText(), SOON).toBe('Cells: 2 changed, 1 removed.');
  expect(await panel(page).locator('.output-change .line').allInnerTexts()).toEqual([
    expect.stringMatching(/3$/),
    expect.stringMatching(/2$/),
  ]);
  expect(await panel(page).locator('.changes mark').allInnerTexts()).toEqual(['old', 'new']);
  await panel(page).getByLabel('what changed before then').check();
  await expect.poll(() => panel(page).locator('.summary').innerText(), SOON).toContain('oldest version');
  await panel(page).getByRole('button', { name: 'Copy as a new worksheet' }).click();
  await page.waitForURL((url) => url.pathname.includes('/worksheets/') && !url.pathname.endsWith(id));
  await expect.poll(() => sources(page), SOON).toEqual(['print(1 + 1)', 'plot()', 'old words and more']);
  expect(await page.locator('.title').inputValue()).toMatch(/^A worksheet \(\d{4}-/);
});

describe.each([
  ['light', {}],
  ['dark', { colorScheme: 'dark' }],
  ['high contrast', { contrast: 'more' }],
  ['narrow', { viewport: { width: 320, height: 640 } }],
  ['German', { locale: 'de-AT' }],
] as const)('%s', (name, options) => {
  test('WV40 axe finds nothing in list and difference, and nothing is wider than the screen', async () => {
    await using person = await visitor(browser, carrel, options);
    const { page } = person;
    const id = await lesson();
    await open(page, carrel, id);
    await retype(
      page,
      1,
      'heights = [1.2, 2.4]\nprint(min(heights), "a line that is longer than any narrow screen is wide")',
    );
    await saved(page);
    await rest(carrel, 'POST', `/api/worksheets/${id}/versions`, { name: 'A name' });
    await openHistory(page);
    await panel(page).locator('.version').nth(1).waitFor(SOON);
    expect(await findings(page)).toEqual([]);
    expect(await widerThanScreen(page)).toBe(0);
    await picture(page, `history-list-${name.replace(' ', '-')}`);
    await panel(page).locator('.version').last().click();
    await panel(page).locator('.changes .line').first().waitFor(SOON);
    expect(await findings(page)).toEqual([]);
    expect(await widerThanScreen(page)).toBe(0);
    await panel(page).locator('.summary').scrollIntoViewIfNeeded();
    await picture(page, `history-view-${name.replace(' ', '-')}`);
    expect(person.problems).toEqual([]);
  });
});
