/** The editor on paper, on small and large screens and for screen readers; pictures in texts; tables; what is loaded at first. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import type { Carrel } from '../support/carrel.ts';
import { rest } from '../support/jupyter.ts';
import { pdfText } from '../support/pdf-text.ts';
import {
  cell,
  code,
  findings,
  forAllTests,
  open,
  picture,
  SOON,
  saved,
  text,
  visitor,
  widerThanScreen,
  worksheetOf,
} from './worksheet-browser.ts';

let carrel: Carrel;
let browser: Browser;

forAllTests((...both) => ([carrel, browser] = both));

/** One red pixel. */
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';
const stream = (printed: string) => ({ output_type: 'stream', name: 'stdout', text: printed });
const html = (markup: string) => ({ output_type: 'display_data', metadata: {}, data: { 'text/html': markup } });
const of = (expression: string) => new Function('one', `return ${expression}`) as (one: unknown) => unknown;

const frame = (rows: number, columns: number): string => {
  const head = Array.from({ length: columns }, (_, at) => `<th>column ${at}</th>`).join('');
  const row = (at: number) =>
    `<tr><th>${at}</th>${Array.from({ length: columns }, (_, c) => `<td>${at * 100 + c}.5</td>`).join('')}</tr>`;
  return `<table border="1" class="dataframe"><thead><tr style="text-align: right;"><th></th>${head}</tr></thead><tbody>${Array.from({ length: rows }, (_, at) => row(at)).join('')}</tbody></table>`;
};

describe.each([
  ['light', {}],
  ['dark', { colorScheme: 'dark' }],
  ['high contrast', { contrast: 'more' }],
  ['forced colours', { forcedColors: 'active' }],
  ['narrow', { viewport: { width: 320, height: 640 } }],
  ['4K', { viewport: { width: 3840, height: 2160 }, reducedMotion: 'reduce' }],
] as const)('%s', (name, options) => {
  test('WU12: axe finds nothing with every panel and dialog open, and nothing is wider than the screen', async () => {
    const id = await worksheetOf(carrel, [
      text('# A heading\n\nwith words'),
      code('words = 1  # words', [stream('printed\n'), html(frame(60, 30))]),
      text('## Another'),
      code('x = "words"'),
    ]);
    await using person = await visitor(browser, carrel, options);
    const { page } = person;
    await open(page, carrel, id);
    const look = async (what: string) => {
      expect(await findings(page), what).toEqual([]);
      expect(await widerThanScreen(page), what).toBe(0);
      await picture(page, `editor-${name.replace(' ', '-')}-${what}`);
    };
    await page.keyboard.press('Control+h');
    await page.getByRole('textbox', { name: 'Find', exact: true }).fill('words');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.locator('.find-count').innerText()).toMatch(/^2 of 4$/);
    await look('find');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Shift+L');
    await page.keyboard.press('Control+Shift+c');
    await page.getByRole('combobox', { name: 'Search' }).fill('contents');
    await look('palette');
    await page.keyboard.press('Enter');
    await page.locator('.contents').waitFor();
    await look('contents');
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowLeft');
    await page.getByText('3 cells are folded away').waitFor();
    await look('folded');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('h');
    await page.locator('.key-help').waitFor();
    await look('keys');
    expect(person.problems).toEqual([]);
  });
});

test('WU13: on paper stands everything, far cells too, and no controls', async () => {
  await using person = await visitor(browser, carrel, {});
  const { page } = person;
  const many = Array.from({ length: 80 }, (_, at) => code(`value_${at} = ${at}`, [stream(`printed ${at}\n`)]));
  const id = await worksheetOf(
    carrel,
    [
      text('# On paper\n\nA formula $x^2$ and ![one](attachment:one.png)'),
      code(`long = "${'word '.repeat(80)}END"`, [stream(`${'line\n'.repeat(200)}LASTLINE\n`), html(frame(40, 8))]),
      ...many,
      text('The *very last* words'),
    ],
    'Paper',
  );
  await open(page, carrel, id);
  await page.keyboard.press('Control+f');
  const pages = pdfText(await page.pdf({ format: 'A4' }));
  const words = pages.join(' ').replace(/\s+/g, ' ');
  for (const expected of ['Paper', 'On paper', 'END', 'LASTLINE', 'value_79 = 79', 'printed 79', 'The very last words'])
    expect(words).toContain(expected);
  expect(words).not.toMatch(/Run all|Saved|Share|Match case|Move up|\+ Code/);
  await page.emulateMedia({ media: 'print' });
  await page.setViewportSize({ width: 794, height: 1123 });
  await picture(page, 'editor-paper');
  await page.emulateMedia({ media: 'screen' });
  /** Nothing of it stays on the screen. */
  expect(await page.locator('.cell[data-far]').count()).toBeGreaterThan(20);
  expect(person.problems).toEqual([]);
});

test('WU7: a pasted picture is attached to its text, shown, in the file, and gone by undo; a large one is refused', async () => {
  await using person = await visitor(browser, carrel, {});
  const { page } = person;
  const id = await worksheetOf(carrel, [
    text('Look: '),
    { ...text('![old](attachment:old%20plot.png)'), attachments: { 'old plot.png': { 'image/png': PNG } } },
  ]);
  await open(page, carrel, id);
  const shown = (at: number) => cell(page, at).locator('.rendered img').evaluate(of('one.naturalWidth'));
  await expect.poll(() => shown(1), SOON).toBe(1);
  await page.keyboard.press('Enter');
  await page.keyboard.press('Control+End');
  const paste = (bytes: string) =>
    page.evaluate(`(() => {
      const data = new DataTransfer();
      data.items.add(new File([${bytes}], 'My plot.png', { type: 'image/png' }));
      document.activeElement.dispatchEvent(new ClipboardEvent('paste', { bubbles: true, cancelable: true, clipboardData: data }));
    })()`);
  await paste(`Uint8Array.from(atob('${PNG}'), (one) => one.charCodeAt(0))`);
  await expect
    .poll(() => cell(page, 0).locator('.cm-content').innerText())
    .toBe('Look: ![My-plot](attachment:My-plot.png)');
  await page.keyboard.press('Shift+Enter');
  await expect.poll(() => shown(0), SOON).toBe(1);
  await picture(page, 'editor-picture');
  await saved(page);
  const file = JSON.parse((await rest(carrel, 'GET', `/api/worksheets/${id}/notebook`)).text);
  expect(file.cells[0].attachments).toEqual({ 'My-plot.png': { 'image/png': PNG } });
  await page.keyboard.press('z');
  await expect.poll(() => cell(page, 0).innerText()).toContain('Look:');
  expect(await cell(page, 0).locator('img').count()).toBe(0);
  await page.keyboard.press('Home');
  await page.keyboard.press('Enter');
  await paste('new Uint8Array(6 * 2 ** 20)');
  await expect
    .poll(() => page.locator('.problems p').innerText())
    .toContain('My plot.png was not attached: it has 6 MiB');
  expect(person.problems).toEqual([]);
});

test('WU14: a wide table scrolls below its head; a plot is drawn for the screen that it is on', async () => {
  await using person = await visitor(browser, carrel, { deviceScaleFactor: 2 });
  const { page } = person;
  const id = await worksheetOf(carrel, [
    code('1', [html(frame(80, 40))]),
    code(
      '%config InlineBackend.figure_format = "retina"\nimport matplotlib.pyplot as plt\nplt.plot([1, 4, 2]); plt.show()',
    ),
    code('%config InlineBackend.figure_format = "png"\nplt.plot([1, 4, 2]); plt.show()'),
  ]);
  await open(page, carrel, id);
  const box = cell(page, 0).locator('.html');
  await box.evaluate(of('one.scrollTo(300, 600)'));
  const top = (selector: string) => box.locator(selector).first().evaluate(of('one.getBoundingClientRect().top'));
  const own = await box.evaluate(of('one.getBoundingClientRect().top'));
  await expect.poll(() => top('thead th')).toBe(own);
  expect(await widerThanScreen(page)).toBe(0);
  await picture(page, 'editor-table');
  await page.getByRole('button', { name: 'Run all', exact: true }).click();
  const plot = (at: number, what: string) =>
    cell(page, at)
      .locator('.outputs img')
      .evaluate(of(`one.${what}`)) as Promise<number>;
  await cell(page, 2).locator('.outputs img').waitFor(SOON);
  await cell(page, 1).scrollIntoViewIfNeeded();
  await expect.poll(() => plot(1, 'naturalWidth'), SOON).toBeGreaterThan(900);
  const width = await plot(1, 'width');
  expect((await plot(1, 'naturalWidth')) / width).toBeCloseTo(2, 1);
  expect(Math.abs(width - (await plot(2, 'naturalWidth')))).toBeLessThan(4);
  await picture(page, 'editor-plots');
});

test('WU15: documentation stands in its parts; Tab and Shift+Tab indent; brackets close; a second cursor comes by Ctrl+D', async () => {
  await using person = await visitor(browser, carrel, {});
  const { page } = person;
  const id = await worksheetOf(carrel, [code('def helpful(a, b=2):\n    """Says how.\n\n    At length."""'), code('')]);
  await open(page, carrel, id);
  await page.keyboard.press('Shift+Enter');
  await expect.poll(() => page.locator('.kernel-state').getAttribute('data-state'), SOON).toBe('idle');
  await page.keyboard.press('Enter');
  const content = () => cell(page, 1).locator('.cm-content').innerText();
  await page.keyboard.type('helpful(');
  expect(await content()).toBe('helpful()');
  await page.keyboard.press('Shift+Tab');
  await page.locator('.documentation .signature').waitFor(SOON);
  expect(await page.locator('.documentation .signature').innerText()).toBe('helpful(a, b=2)');
  expect(await page.locator('.documentation h4').allInnerTexts()).toEqual(
    expect.arrayContaining(['Signature', 'Docstring']),
  );
  await picture(page, 'editor-documentation');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+a');
  await page.keyboard.insertText('x = 1\nx = 2');
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Tab');
  expect(await content()).toBe('    x = 1\n    x = 2');
  await page.keyboard.press('Shift+Tab');
  expect(await content()).toBe('x = 1\nx = 2');
  await page.keyboard.press('Control+Home');
  await page.keyboard.press('Control+d');
  await page.keyboard.press('Control+d');
  await page.keyboard.insertText('yy');
  expect(await content()).toBe('yy = 1\nyy = 2');
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Control+/');
  expect(await content()).toBe('# yy = 1\n# yy = 2');
  expect(person.problems).toEqual([]);
});

test('WU18: a cell is as high with its editor as without it, also an empty one; colours of a terminal are read on dark and light', async () => {
  const lines = ['', 'one = 1', 'two = 1\n', 'three = 1\n\n\n'];
  const id = await worksheetOf(carrel, [
    ...lines.map((line) => code(line)),
    code('', [stream('\x1b[38;5;22mdark\x1b[38;5;230mpale')]),
  ]);
  for (const colorScheme of ['light', 'dark'] as const) {
    await using person = await visitor(browser, carrel, { colorScheme });
    const { page } = person;
    await open(page, carrel, id);
    const heights = () => page.locator('.cell .source').evaluateAll(of('one.map((each) => each.offsetHeight)'));
    const still = (await heights()) as number[];
    expect(still.slice(0, 2)).toEqual([still[1], still[1]]);
    for (const [index] of lines.entries()) {
      await cell(page, index).locator('.source').click();
      await cell(page, index).locator('.cm-editor').waitFor(SOON);
      expect(await heights()).toEqual(still);
    }
    const lightness = cell(page, lines.length)
      .locator('.outputs span')
      .evaluateAll(
        of(
          'one.map((each) => Number(/^oklch\\(([\\d.]+)/.exec(getComputedStyle(each).color)?.[1])).filter((each) => each > 0)',
        ),
      );
    const [dark, pale] = (await lightness) as number[];
    const theme = colorScheme === 'dark';
    expect([dark, pale].map((each) => (theme ? (each ?? 0) >= 0.75 : (each ?? 1) <= 0.57))).toEqual([true, true]);
    expect(person.problems).toEqual([]);
  }
});

test('WU16: JavaScript at the first load of a worksheet is below 350 kB compressed', async () => {
  const dist = resolve(import.meta.dirname, '../../gateway/web/dist');
  const page = await readFile(resolve(dist, 'worksheets/index.html'), 'utf8');
  const scripts = [...page.matchAll(/assets\/[\w.-]+\.js/g)].map(([name]) => name);
  expect(scripts.length).toBeGreaterThan(1);
  const files = await Promise.all([...new Set(scripts)].map((name) => readFile(resolve(dist, name))));
  const sent = files.reduce((sum, file) => sum + gzipSync(file, { level: 6 }).length, 0);
  expect(sent).toBeLessThan(350_000);
});
