/** The editor's comfort, on the whole program: finding, commands, choosing, folding, contents. Screenshots are left in test/.out/. */
import type { Browser, Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Carrel } from '../support/carrel.ts';
import { rest } from '../support/jupyter.ts';
import {
  active,
  cell,
  code,
  forAllTests,
  mode,
  open,
  picture,
  SOON,
  saved,
  shows,
  sources,
  text,
  type Visitor,
  visitor,
  worksheetOf,
} from './worksheet-browser.ts';

let carrel: Carrel;
let browser: Browser;
let person: Visitor;
let page: Page;

forAllTests((...both) => ([carrel, browser] = both));
beforeEach(async () => {
  person = await visitor(browser, carrel);
  page = person.page;
});
afterEach(async () => {
  await person[Symbol.asyncDispose]();
});

const press = async (...keys: string[]) => {
  for (const key of keys) await page.keyboard.press(key);
};
const findField = () => page.getByRole('textbox', { name: 'Find', exact: true });
const count = () => page.locator('.find-count').innerText();
const cellsOf = async (id: string): Promise<Record<string, unknown>[]> => {
  await saved(page);
  return JSON.parse((await rest(carrel, 'GET', `/api/worksheets/${id}/notebook`)).text).cells;
};
const chosen = (): Promise<number[]> =>
  page.evaluate(
    `[...document.querySelectorAll('.cell')].flatMap((one, at) => (one.dataset.active || one.dataset.chosen ? [at] : []))`,
  );
const shownCells = (): Promise<number[]> =>
  page.evaluate(`[...document.querySelectorAll('.cell')].flatMap((one, at) => (one.offsetHeight === 0 ? [] : [at]))`);

/** Of a cell's mark: above its button and handle. */
const MARGIN = { position: { x: 20, y: 2 } };
/** A function of an element, for the page. */
const of = (expression: string) => new Function('one', `return ${expression}`) as (one: unknown) => unknown;

describe('finding and replacing', () => {
  test('WU5: goes through all cells, far ones too, marks what it finds and closes on the match', async () => {
    const many = Array.from({ length: 60 }, (_, at) => code(`x${at} = ${at}\nprint(x${at})`));
    const id = await worksheetOf(carrel, [
      code('needle = 1'),
      text('A **needle** in the text'),
      ...many,
      code('# Needle'),
    ]);
    await open(page, carrel, id);
    await page.keyboard.press('Control+f');
    await findField().fill('needle');
    await expect.poll(count).toBe('3 matches');
    await page.keyboard.press('Enter');
    await expect.poll(count).toBe('1 of 3');
    expect(await cell(page, 0).locator('.found.current').innerText()).toBe('needle');
    await page.keyboard.press('Enter');
    await expect.poll(() => cell(page, 1).locator('.found.current').innerText()).toBe('needle');
    await page.keyboard.press('Enter');
    await expect.poll(() => cell(page, 62).locator('.found.current').innerText(), SOON).toBe('Needle');
    await picture(page, 'editor-find');
    const visible = 'one.getBoundingClientRect().bottom <= innerHeight';
    await expect.poll(() => cell(page, 62).locator('.found.current').evaluate(of(visible))).toBe(true);
    await picture(page, 'editor-find');
    await page.getByRole('button', { name: 'Match case' }).click();
    await expect.poll(count).toBe('2 matches');
    await findField().press('Shift+Enter');
    await expect.poll(count).toBe('2 of 2');
    await findField().press('Shift+Enter');
    await expect.poll(count).toBe('1 of 2');
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('.find-panel').count()).toBe(0);
    expect([await active(page), await mode(page)]).toEqual([0, 'edit']);
    expect(await page.evaluate('getSelection().toString()')).toBe('needle');
    expect(person.problems).toEqual([]);
  });

  test('WU5: replaces one and all, as one step that is taken back without what others wrote', async () => {
    await using other = await visitor(browser, carrel);
    const id = await worksheetOf(carrel, [code('foo(1)\nfoo(2)'), text('say foo'), code('foo(3)')]);
    await open(page, carrel, id);
    await open(other.page, carrel, id);
    await page.keyboard.press('Control+h');
    await findField().fill('foo\\((\\d)\\)');
    await page.getByRole('button', { name: 'Regular expression' }).click();
    await page.getByLabel('Replace by').fill('bar[$1]');
    await page.getByRole('button', { name: 'Replace', exact: true }).click();
    await expect.poll(count).toBe('1 of 3');
    await page.getByRole('button', { name: 'Replace', exact: true }).click();
    await expect.poll(() => sources(page)).toEqual(['bar[1]\nfoo(2)', 'say foo', 'foo(3)']);
    await page.getByRole('button', { name: 'Replace all' }).click();
    await expect.poll(() => sources(page)).toEqual(['bar[1]\nbar[2]', 'say foo', 'bar[3]']);
    expect(await count()).toBe('2 matches were replaced');
    await picture(page, 'editor-replace');
    await cell(other.page, 2).locator('.source').click();
    await other.page.keyboard.press('Control+End');
    await other.page.keyboard.insertText(' # theirs');
    await expect.poll(() => sources(page), SOON).toEqual(['bar[1]\nbar[2]', 'say foo', 'bar[3] # theirs']);
    await findField().press('Escape');
    await press('Escape', 'z');
    await expect.poll(() => sources(other.page), SOON).toEqual(['bar[1]\nfoo(2)', 'say foo', 'foo(3) # theirs']);
    await press('f');
    await findField().fill('(');
    await expect.poll(count).toBe('This is no regular expression.');
    expect([...person.problems, ...other.problems]).toEqual([]);
  });
});

describe('commands', () => {
  test('WU8: the palette finds a command by a few letters and does it; from within a text too', async () => {
    const id = await worksheetOf(carrel, [code('1 + 1'), code('2')]);
    await open(page, carrel, id);
    await press('Enter', 'Control+Shift+p');
    const field = page.getByRole('combobox', { name: 'Search' });
    await field.waitFor();
    await picture(page, 'editor-palette');
    await page.keyboard.insertText('below ins');
    expect(await page.locator('[role=option][aria-selected=true]').innerText()).toMatch(/^Insert below/);
    await press('ArrowDown');
    expect(await page.locator('[role=option][aria-selected=true]').innerText()).toMatch(/^Insert text below/);
    await press('Enter');
    await expect.poll(() => page.locator('.cell').count()).toBe(3);
    expect([await active(page), await mode(page)]).toEqual([1, 'edit']);
    await press('Escape', 'p');
    await field.waitFor();
    await page.keyboard.insertText('qqq');
    await expect
      .poll(() => page.locator('.palette [role=status]').innerText())
      .toBe('No command has this in its name.');
    await press('Escape');
    await expect.poll(() => page.locator('dialog').count()).toBe(0);
    expect(person.problems).toEqual([]);
  });

  test('WU1: keys of Jupyter: line numbers, wrapping, scrolling by Space, the list of keys', async () => {
    const long = `x = "${'word '.repeat(60)}"`;
    const id = await worksheetOf(carrel, [code(`a\nb\n${long}`), ...Array.from({ length: 30 }, () => code('pass'))]);
    await open(page, carrel, id);
    await press('l');
    await expect.poll(() => cell(page, 0).locator('.static.numbered .line').count()).toBe(3);
    expect(await cell(page, 1).locator('.numbered').count()).toBe(0);
    await press('Shift+L');
    await expect.poll(() => cell(page, 1).locator('.numbered').count()).toBe(1);
    await press('Enter');
    await cell(page, 0).locator('.cm-lineNumbers').waitFor();
    await press('Escape', 'Shift+Space', 'Space');
    await expect.poll(() => page.evaluate('scrollY')).toBeGreaterThan(100);
    await press('Home');
    const wide = () =>
      cell(page, 0)
        .locator('.source')
        .evaluate(of('one.querySelector("pre, .cm-scroller").scrollWidth > one.clientWidth + 2'));
    expect(await wide()).toBe(true);
    await page.locator('.toolbar summary').click();
    await page.locator('.menu-list button', { hasText: 'Wrap long lines' }).click();
    await expect.poll(wide).toBe(false);
    await picture(page, 'editor-lines');
    await page.reload();
    await page.waitForSelector('.cell .numbered');
    await press('h');
    await page.locator('dialog .key-help').waitFor();
    expect(await page.locator('dialog').innerText()).toContain('Scroll the output, or show it in full');
    await picture(page, 'editor-keys');
    expect(person.problems).toEqual([]);
  });
});

describe('cells', () => {
  test('WU2: several are chosen by Shift, Ctrl and keys, and moved, copied and deleted together', async () => {
    const id = await worksheetOf(
      carrel,
      ['a', 'b', 'c', 'd', 'e'].map((name) => code(name)),
    );
    await open(page, carrel, id);
    const mark = (at: number) => cell(page, at).locator('.mark');
    await mark(0).click(MARGIN);
    await mark(2).click({ ...MARGIN, modifiers: ['Control'] });
    await mark(4).click({ ...MARGIN, modifiers: ['Control'] });
    expect(await chosen()).toEqual([0, 2, 4]);
    await picture(page, 'editor-chosen');
    await mark(2).click({ ...MARGIN, modifiers: ['Control'] });
    expect(await chosen()).toEqual([0, 4]);
    await press('c', 'Home', 'v');
    expect(await sources(page)).toEqual(['a', 'a', 'e', 'b', 'c', 'd', 'e']);
    await press('z', 'Home', 'Shift+J');
    expect(await chosen()).toEqual([0, 1]);
    await press('Control+Shift+ArrowDown');
    expect(await sources(page)).toEqual(['c', 'a', 'b', 'd', 'e']);
    expect(await chosen()).toEqual([1, 2]);
    await mark(4).click({ ...MARGIN, modifiers: ['Shift'] });
    await press('d', 'd');
    expect(await sources(page)).toEqual(['c']);
    await press('z');
    expect(await sources(page)).toEqual(['c', 'a', 'b', 'd', 'e']);
    expect(person.problems).toEqual([]);
  });

  test('WU2: are dragged by their handle, chosen ones together, with a line where they would go', async () => {
    const id = await worksheetOf(
      carrel,
      ['a', 'b', 'c', 'd'].map((name) => code(name)),
    );
    await open(page, carrel, id);
    const place = async (at: number, selector: string) => {
      const box = await cell(page, at).locator(selector).first().boundingBox();
      if (box === null) throw new Error('no place');
      return { x: box.x + box.width / 2, y: box.y + box.height / 2, box };
    };
    const drag = async (from: number, to: number, below: boolean, shot?: string) => {
      await cell(page, from).hover();
      const start = await place(from, '.grip');
      const end = await place(to, '.source');
      await page.mouse.move(start.x, start.y);
      await page.mouse.down();
      await page.mouse.move(start.x, start.y + 10);
      await page.mouse.move(end.x, end.box.y + (below ? end.box.height + 2 : -2), { steps: 4 });
      await page.locator('.drop-line').waitFor();
      if (shot !== undefined) await picture(page, shot);
      await page.mouse.up();
    };
    await drag(0, 2, true, 'editor-drag');
    await expect.poll(() => sources(page)).toEqual(['b', 'c', 'a', 'd']);
    expect(await active(page)).toBe(2);
    await cell(page, 0).locator('.mark').click(MARGIN);
    await press('Shift+J');
    await drag(1, 3, true);
    await expect.poll(() => sources(page)).toEqual(['a', 'd', 'b', 'c']);
    expect(await chosen()).toEqual([2, 3]);
    await cell(page, 0).hover();
    const start = await place(0, '.grip');
    await page.mouse.move(start.x, start.y);
    await page.mouse.down();
    await page.mouse.move(start.x, start.y + 120, { steps: 3 });
    await press('Escape');
    await page.mouse.up();
    expect(await sources(page)).toEqual(['a', 'd', 'b', 'c']);
    expect(await page.locator('.drop-line').count()).toBe(0);
    expect(person.problems).toEqual([]);
  });

  test('WU2: are dragged with a finger', async () => {
    await using touched = await visitor(browser, carrel, {
      hasTouch: true,
      isMobile: true,
      viewport: { width: 400, height: 800 },
    });
    const small = touched.page;
    const id = await worksheetOf(
      carrel,
      ['a', 'b', 'c'].map((name) => code(name)),
    );
    await open(small, carrel, id);
    await small.keyboard.press('Escape');
    const middle = async (place: ReturnType<typeof cell>) => {
      const box = await place.boundingBox();
      if (box === null) throw new Error('no place');
      return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    };
    const line = await small.context().newCDPSession(small);
    const finger = (type: 'touchStart' | 'touchMove' | 'touchEnd', points: { x: number; y: number }[]) =>
      line.send('Input.dispatchTouchEvent', { type, touchPoints: points });
    const from = await middle(cell(small, 0).locator('.grip'));
    const to = await middle(cell(small, 1).locator('.source'));
    await finger('touchStart', [from]);
    for (const step of [0.3, 0.7, 1])
      await finger('touchMove', [{ x: from.x, y: from.y + (to.y + 25 - from.y) * step }]);
    await small.locator('.drop-line').waitFor();
    await picture(small, 'editor-drag-finger');
    await finger('touchEnd', []);
    await expect.poll(() => sources(small)).toEqual(['b', 'a', 'c']);
    expect(touched.problems).toEqual([]);
  });

  test('WU2: are split at several cursors', async () => {
    const id = await worksheetOf(carrel, [code('one\ntwo\nthree')]);
    await open(page, carrel, id);
    await press('Enter', 'Control+Home', 'ArrowDown', 'Control+Alt+ArrowDown', 'Control+Shift+-');
    await expect.poll(() => sources(page)).toEqual(['one', 'two', 'three']);
    expect([await active(page), await mode(page)]).toEqual([2, 'edit']);
  });

  test('WU3: code and output are hidden and shown; outputs scroll or are shown in full', async () => {
    const id = await worksheetOf(carrel, [code('for i in range(300): print("line", i)'), code('2')]);
    await open(page, carrel, id);
    await press('Control+Enter');
    await shows(page, 0, 'line 299');
    const outputs = cell(page, 0).locator('.outputs');
    const height = () => outputs.evaluate(of('one.offsetHeight'));
    await page.getByRole('button', { name: 'Show the whole output' }).click();
    await expect.poll(height).toBeGreaterThan(3000);
    await cell(page, 0).locator('.mark').click(MARGIN);
    await press('Shift+O');
    await expect.poll(height).toBeLessThan(500);
    await picture(page, 'editor-scrolled');
    expect((await cellsOf(id))[0]?.['metadata']).toMatchObject({ scrolled: true });
    await press('o');
    await expect.poll(() => outputs.count()).toBe(0);
    await page.getByRole('button', { name: 'Hide or show the code' }).click();
    await cell(page, 0).getByRole('button', { name: 'Code is hidden. Show it.' }).waitFor();
    expect((await cellsOf(id))[0]?.['metadata']).toMatchObject({
      jupyter: { source_hidden: true, outputs_hidden: true },
    });
    await cell(page, 0).getByRole('button', { name: 'Output is hidden. Show it.' }).click();
    await expect.poll(() => outputs.count()).toBe(1);
    expect(person.problems).toEqual([]);
  });

  test('WU4: sections fold, move as a whole, are skipped, and open for a match; contents lead to headings', async () => {
    const id = await worksheetOf(carrel, [
      text('# First'),
      code('1/0'),
      text('## Inner\n\nwords'),
      code('hidden_word = 1'),
      text('# Second\n\n## Two in one cell'),
      ...Array.from({ length: 25 }, (_, at) => code(`x${at}`)),
      text('# Last'),
      code('import time; time.sleep(3)'),
    ]);
    await open(page, carrel, id);
    await press('ArrowLeft');
    await expect.poll(shownCells).toEqual([0, ...Array.from({ length: 28 }, (_, at) => at + 4)]);
    await cell(page, 0).getByRole('button', { name: '3 cells are folded away. Show them.' }).waitFor();
    expect((await cellsOf(id))[0]?.['metadata']).toEqual({ 'jp-MarkdownHeadingCollapsed': true });
    await press('j');
    expect(await active(page)).toBe(4);
    await press('k', 'Alt+ArrowDown');
    await expect.poll(() => page.locator('.cell').nth(1).innerText()).toContain('First');
    expect(await active(page)).toBe(1);
    await press('z', 'Control+f');
    await findField().fill('hidden_word');
    await press('Enter');
    await expect.poll(() => cell(page, 3).locator('.found.current').count()).toBe(1);
    await press('Escape', 'Escape');

    await page.getByRole('button', { name: 'Contents' }).click();
    const entries = page.locator('.contents button');
    await expect.poll(() => entries.allInnerTexts()).toEqual(['First', 'Inner', 'Second', 'Two in one cell', 'Last']);
    await cell(page, 1).locator('.mark').click(MARGIN);
    await press('Control+Enter');
    await expect.poll(() => entries.nth(0).innerText(), SOON).toMatch(/First\s+failed/);
    await entries.nth(4).click();
    await expect.poll(() => active(page)).toBe(30);
    await expect.poll(() => entries.nth(4).getAttribute('aria-current')).toBe('location');
    await press('j', 'Control+Enter');
    await expect.poll(() => entries.nth(4).innerText(), SOON).toMatch(/Last\s+running/);
    await picture(page, 'editor-contents');
    await expect
      .poll(() => cell(page, 31).locator('.timing').innerText(), SOON)
      .toMatch(/^ran 3(\.\d)? s, at \d\d:\d\d$/);
    expect(person.problems).toEqual([]);
  });
});
