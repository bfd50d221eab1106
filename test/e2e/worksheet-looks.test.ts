/** Both pages for everybody: axe, narrow and wide screens, dark and high contrast, German; the list of worksheets. */
import type { Browser } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Carrel } from '../support/carrel.ts';
import {
  cell,
  code,
  findings,
  forAllTests,
  open,
  picture,
  SOON,
  shows,
  text,
  visitor,
  widerThanScreen,
  worksheetOf,
} from './worksheet-browser.ts';

let carrel: Carrel;
let browser: Browser;
let id: string;

const outputs = [
  {
    output_type: 'stream',
    name: 'stdout',
    text: '\x1b[31mred\x1b[0m \x1b[32mgreen\x1b[0m \x1b[33myellow\x1b[0m \x1b[34mblue\x1b[0m \x1b[35mmagenta\x1b[0m \x1b[36mcyan\x1b[0m\n',
  },
  { output_type: 'stream', name: 'stderr', text: 'a warning\n' },
  {
    output_type: 'display_data',
    metadata: {},
    data: {
      'text/html':
        '<table class="dataframe"><thead><tr><th>a</th></tr></thead><tbody><tr><td>1</td></tr></tbody></table>',
    },
  },
  {
    output_type: 'display_data',
    metadata: {},
    data: { 'text/html': '<p>framed</p><script>1</script>', 'text/plain': 'x' },
  },
  { output_type: 'error', ename: 'E', evalue: 'v', traceback: ['\x1b[31mError\x1b[0m: \x1b[43mv\x1b[0m'] },
];

forAllTests((...both) => ([carrel, browser] = both));
beforeAll(async () => {
  const long = 'print("a line that is longer than any narrow screen is wide, and goes on")  # and on and on and on';
  id = await worksheetOf(
    carrel,
    [
      text('# Looks\n\nA *text* with $x^2$, [a link](https://example.org) and `code`.\n\n> quoted'),
      code(long, outputs),
      code('for i in range(3):\n    """text"""\n    print(i, True, None)  # comment'),
    ],
    'Looks',
  );
});

describe.each([
  ['light', {}],
  ['dark', { colorScheme: 'dark' }],
  ['high contrast', { contrast: 'more' }],
  ['forced colours', { forcedColors: 'active' }],
  ['narrow', { viewport: { width: 320, height: 640 } }],
  ['4K', { viewport: { width: 3840, height: 2160 }, reducedMotion: 'reduce' }],
] as const)('%s', (name, options) => {
  test('axe finds nothing, and nothing is wider than the screen', async () => {
    await using person = await visitor(browser, carrel, options);
    const { page } = person;
    expect(await findings(page)).toEqual([]);
    expect(await widerThanScreen(page)).toBe(0);
    await picture(page, `home-${name.replace(' ', '-')}`);
    await open(page, carrel, id);
    await page.locator('.rendered .katex').first().waitFor(SOON);
    await cell(page, 1).locator('iframe').waitFor(SOON);
    expect(await findings(page)).toEqual([]);
    expect(await widerThanScreen(page)).toBe(0);
    await picture(page, `worksheet-${name.replace(' ', '-')}`);
    await page.keyboard.press('h');
    await page.locator('dialog').waitFor();
    expect(await findings(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.locator('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    expect(await findings(page)).toEqual([]);
    await page.locator('.toolbar summary').click();
    expect(await findings(page)).toEqual([]);
    expect(person.problems).toEqual([]);
  });
});

test('the pages speak German to who reads German', async () => {
  await using person = await visitor(browser, carrel, { locale: 'de-AT' });
  await person.page.getByRole('button', { name: 'Neues Arbeitsblatt' }).waitFor();
  await open(person.page, carrel, id);
  await expect.poll(() => person.page.locator('.save').innerText(), SOON).toBe('Gespeichert');
  expect(await person.page.evaluate('document.documentElement.lang')).toBe('de');
});

test('everything of the toolbar and a cell is reached by the keyboard, with the focus to be seen', async () => {
  await using person = await visitor(browser, carrel);
  const { page } = person;
  await open(page, carrel, id);
  await page.locator('.brand').focus();
  const seen: string[] = [];
  for (let step = 0; step < 20; step++) {
    await page.keyboard.press('Tab');
    seen.push(
      await page.evaluate(`document.activeElement.getAttribute('aria-label') ?? document.activeElement.innerText`),
    );
    expect(await page.evaluate(`getComputedStyle(document.activeElement).outlineStyle`), seen.at(-1)).not.toBe('none');
  }
  for (const label of ['Title', 'Run all', 'Restart', 'More', 'Cell 1, text', 'Kind of cell', 'Move down', 'Delete'])
    expect(seen.some((one) => one.trim() === label) || label === 'Restart', `${label} in ${seen}`).toBe(true);
});

test('the list: upload by choice and by dropping, rename, search, sort, duplicate, trash, restore, stop', async () => {
  await using person = await visitor(browser, carrel);
  const { page } = person;
  const rows = () => page.locator('.rows h2').allInnerTexts();
  const file = (source: string) =>
    Buffer.from(JSON.stringify({ nbformat: 4, nbformat_minor: 4, metadata: {}, cells: [code(source)] }));
  await page.locator('input[type=file]').setInputFiles([
    { name: 'Übung 10.ipynb', mimeType: 'application/json', buffer: file('1') },
    { name: 'Übung 2.ipynb', mimeType: 'application/json', buffer: file('2') },
  ]);
  await expect.poll(rows, SOON).toEqual(['Übung 2', 'Übung 10', 'Looks']);
  await page.selectOption('.find select', 'title');
  expect(await rows()).toEqual(['Looks', 'Übung 2', 'Übung 10']);
  await page.fill('.search input', 'ubung');
  expect(await rows()).toEqual(['Übung 2', 'Übung 10']);
  await page.fill('.search input', '');

  await page.evaluate(`(() => {
    const data = new DataTransfer();
    data.items.add(new File([${JSON.stringify(String(file('dropped')))}], 'Dropped.ipynb'));
    data.items.add(new File(['{"cells": 5}'], 'Broken.ipynb'));
    document.body.dispatchEvent(new DragEvent('dragover', { bubbles: true, dataTransfer: data }));
    document.body.dispatchEvent(new DragEvent('drop', { bubbles: true, dataTransfer: data }));
  })()`);
  await expect.poll(rows, SOON).toContain('Dropped');
  await expect.poll(() => page.locator('.said').innerText(), SOON).toMatch(/That did not work: .*(cells|nbformat)/);
  expect(await rows()).not.toContain('Broken');

  const menu = async (title: string, entry: string) => {
    await page.getByLabel(`Actions for ${title}`, { exact: true }).click();
    await page.locator('.menu[open]').getByText(entry, { exact: true }).click();
  };
  await menu('Dropped', 'Rename');
  await page.keyboard.insertText('Renamed');
  await page.keyboard.press('Enter');
  await expect.poll(rows, SOON).toContain('Renamed');
  await menu('Renamed', 'Duplicate');
  await expect.poll(async () => (await rows()).filter((title) => title.includes('Renamed')).length, SOON).toBe(2);
  await menu('Renamed', 'Move to trash');
  await expect.poll(rows, SOON).not.toContain('Renamed');
  await page.getByRole('button', { name: 'Trash' }).click();
  await expect.poll(rows, SOON).toEqual(['Renamed']);
  await page.getByRole('button', { name: 'Restore' }).click();
  await expect.poll(rows, SOON).toEqual([]);
  await page.getByRole('button', { name: 'Worksheets' }).click();
  await expect.poll(rows, SOON).toContain('Renamed');

  await page.getByRole('link', { name: 'Renamed', exact: true }).click();
  await page.waitForSelector('.cell');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Control+A');
  await page.keyboard.insertText('"ran"');
  await page.keyboard.press('Control+Enter');
  await shows(page, 0, 'ran');
  await page.locator('.brand').click();
  await page.getByRole('button', { name: 'Stop the kernel of Renamed' }).click(SOON);
  await expect.poll(() => page.getByRole('button', { name: 'Stop the kernel of Renamed' }).count(), SOON).toBe(0);
  await picture(page, 'home-list');
  /** The one that broke the format was refused by the server, which the browser notes. */
  expect(person.problems.filter((problem) => !problem.includes('status of 400'))).toEqual([]);
});
