/** What is typed, however it comes: keys, marks that are written over, several cursors, a composition, a cursor that a script has moved. */
import type { Browser, CDPSession, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Carrel } from '../support/carrel.ts';
import {
  cell,
  code,
  forAllTests,
  open,
  saved,
  sources,
  type Visitor,
  visitor,
  worksheetOf,
} from './worksheet-browser.ts';

let carrel: Carrel;
let browser: Browser;
let person: Visitor;
let page: Page;
let devtools: CDPSession;

forAllTests((...both) => ([carrel, browser] = both));
beforeAll(async () => {
  person = await visitor(browser, carrel);
  page = person.page;
  devtools = await page.context().newCDPSession(page);
});
afterAll(async () => {
  await person?.[Symbol.asyncDispose]();
});

/** A worksheet of one cell with this source, its cursor at the end of it; counts what the browser itself has written. */
async function writing(source: string): Promise<void> {
  await open(page, carrel, await worksheetOf(carrel, [code(source)]));
  await cell(page, 0).locator('.source').click();
  await cell(page, 0).locator('.cm-content').waitFor();
  await page.keyboard.press('Control+End');
  await page.evaluate(`written = 0, addEventListener('input', () => (written += 1), true)`);
}
const written = (): Promise<number> => page.evaluate('written');
const text = async (): Promise<string | undefined> => (await sources(page))[0];

test('WU19: keys are written by the editor, over what is marked and at each cursor; brackets close, undo takes them back', async () => {
  await writing('ab = 1\nab = 2');
  await page.keyboard.press('Control+Home');
  await page.keyboard.press('Shift+End');
  await page.keyboard.type('xy = f(');
  expect(await text()).toBe('xy = f()\nab = 2');
  await page.keyboard.press('Control+Home');
  await page.keyboard.press('Control+Alt+ArrowDown');
  await page.keyboard.type('é_');
  expect(await text()).toBe('é_xy = f()\né_ab = 2');
  await page.keyboard.insertText('🙂');
  expect(await text()).toBe('é_🙂xy = f()\né_🙂ab = 2');
  expect(await written()).toBe(0);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+z');
  await expect.poll(text).not.toContain('🙂');
  await saved(page);
  expect(person.problems).toEqual([]);
});

test('WU19: a composition is the browser’s, and what is typed behind it the editor’s', async () => {
  await writing('a');
  await devtools.send('Input.imeSetComposition', { text: 'に', selectionStart: 1, selectionEnd: 1 });
  await devtools.send('Input.imeSetComposition', { text: '日本', selectionStart: 2, selectionEnd: 2 });
  await expect.poll(text).toBe('a日本');
  await devtools.send('Input.insertText', { text: '日本語' });
  await expect.poll(text).toBe('a日本語');
  const before = await written();
  expect(before).toBeGreaterThan(0);
  await page.waitForTimeout(100);
  await page.keyboard.type('!');
  await expect.poll(text).toBe('a日本語!');
  expect(await written()).toBe(before);
  expect(person.problems).toEqual([]);
});

test('WU19: a key goes where the cursor is seen, though the editor has not heard yet that it was moved', async () => {
  await writing('one');
  await page.evaluate(`{
    const content = document.querySelector('.cm-content');
    let at = document.createTreeWalker(content, NodeFilter.SHOW_TEXT).nextNode();
    getSelection().collapse(at, 0);
    document.execCommand('insertText', false, '_');
  }`);
  await expect.poll(text).toBe('_one');
  await page.keyboard.type('x');
  await expect.poll(text).toBe('_xone');
  expect(person.problems).toEqual([]);
});
