/** Sharing on the whole program, with two people in two browsers (docs/spec/worksheet-sharing.md). Screenshots are left in test/.out/. */
import type { Browser, Page } from 'playwright-core';
import { beforeAll, beforeEach, expect, test } from 'vitest';
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
  type Visitor,
  visitor,
  widerThanScreen,
  worksheetOf,
} from './worksheet-browser.ts';

let carrel: Carrel;
/** The same, with Bob's token. */
let bobs: Carrel;
let browser: Browser;
let id: string;

forAllTests((...both) => ([carrel, browser] = both));
beforeAll(async () => {
  expect((await carrel.command('user', 'add', 'bob')).code).toBe(0);
  const { out } = await carrel.command('user', 'token', 'bob');
  bobs = { ...carrel, token: /token=([^\s&]+)/.exec(out)?.[1] ?? '' };
});
beforeEach(async () => {
  id = await worksheetOf(carrel, [code('x = 6 * 7\nx'), text('# Notes'), code('')], 'Shared work');
});

const share = (role: string) => rest(carrel, 'PUT', `/api/worksheets/${id}/shares/bob`, { role });
const unshare = () => rest(carrel, 'DELETE', `/api/worksheets/${id}/shares/bob`);
const stored = async (): Promise<string> => (await rest(carrel, 'GET', `/api/worksheets/${id}/notebook`)).text;
const role = (page: Page) => page.locator('.save .role');

/** What the browser complained about; a name that is not found is an answer, and axe is put in by the debugger, which asks no policy. */
const complaints = ({ problems }: Visitor) => problems.filter((one) => !/404|TrustedScript/.test(one));

async function openDialog({ page }: Visitor): Promise<void> {
  await page.locator('.share-button').click();
  await page.locator('dialog .share').waitFor();
}

test('WH4 WH11 the owner shares by name in the dialog; the other finds it at home, works in it, and takes it off the list', async () => {
  await using owner = await visitor(browser, carrel);
  await using bob = await visitor(browser, bobs);
  await open(owner.page, carrel, id);
  await openDialog(owner);
  const dialog = owner.page.locator('dialog');
  await dialog.getByLabel('Name', { exact: true }).fill('nobody');
  await owner.page.keyboard.press('Enter');
  await dialog.locator('.said.bad', { hasText: 'nobody here has the whole name "nobody"' }).waitFor(SOON);
  await dialog.getByLabel('Name', { exact: true }).fill('bob');
  await owner.page.keyboard.press('Enter');
  await dialog.locator('.said', { hasText: 'bob is an editor now.' }).waitFor(SOON);
  await picture(owner.page, 'sharing-dialog');
  expect(await findings(owner.page)).toEqual([]);
  await owner.page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });

  await bob.page.reload();
  await bob.page.getByRole('button', { name: 'Shared with me (1)' }).click();
  const row = bob.page.locator('.rows > li');
  expect(await row.innerText()).toMatch(/Shared work\s+by admin · You may change it/);
  await picture(bob.page, 'sharing-home');
  expect(await findings(bob.page)).toEqual([]);
  await row.getByRole('link', { name: 'Shared work' }).click();
  await bob.page.waitForSelector('.cell');
  await cell(bob.page, 2).locator('.source').click();
  await bob.page.keyboard.insertText('x + 1');
  await expect.poll(() => sources(owner.page), SOON).toEqual(['x = 6 * 7\nx', 'Notes', 'x + 1']);
  await expect.poll(() => cell(owner.page, 2).locator('.caret-name').innerText(), SOON).toBe('bob');
  await expect.poll(() => owner.page.locator('.person').getAttribute('title'), SOON).toBe('bob');
  await expect.poll(() => bob.page.locator('.person').getAttribute('title'), SOON).toBe('admin');
  await picture(owner.page, 'sharing-two');
  await bob.page.goto(`${carrel.url}/`);
  await bob.page.getByRole('button', { name: /Shared with me/ }).click();
  await bob.page.locator('.rows .menu > summary').click();
  await bob.page.getByRole('button', { name: 'Remove from my list' }).click();
  await bob.page.getByText('Nobody shares a worksheet with you yet.').waitFor(SOON);
  expect([...complaints(owner), ...complaints(bob)]).toEqual([]);
});

test('WH5 WH6 a link is made and copied; who opens it signs in and lands on the worksheet; withdrawn, it ends', async () => {
  await using owner = await visitor(browser, carrel, { permissions: ['clipboard-read', 'clipboard-write'] });
  await open(owner.page, carrel, id);
  await openDialog(owner);
  const dialog = owner.page.locator('dialog');
  await dialog.getByLabel('Role of the new link').selectOption('runner');
  await dialog.getByRole('button', { name: 'Make a link' }).click();
  const address = await dialog.getByLabel('Address of the link').inputValue();
  await dialog.getByRole('button', { name: 'Copy' }).click();
  await dialog.getByText('Copied').waitFor();
  expect(await owner.page.evaluate('navigator.clipboard.readText()')).toBe(address);
  await picture(owner.page, 'sharing-link');
  expect(await findings(owner.page)).toEqual([]);

  const context = await browser.newContext({ locale: 'en-GB' });
  const page = await context.newPage();
  await page.goto(address);
  const more = page.locator('details.token:not([open]) > summary');
  if ((await more.count()) > 0) await more.click();
  await page.fill('#token', bobs.token);
  await page.press('#token', 'Enter');
  await page.waitForSelector('.cell', SOON);
  expect(page.url()).toBe(`${carrel.url}/worksheets/${id}`);
  await expect.poll(() => role(page).innerText(), SOON).toBe('You may look and run');

  await owner.page.keyboard.press('Escape');
  await openDialog(owner);
  await dialog.getByText('1 person came by it').waitFor(SOON);
  await dialog.getByText('came by a link').waitFor(SOON);
  await dialog.getByRole('button', { name: /^Withdraw the link/ }).click();
  await page.getByText('This worksheet is no longer shared with you.').waitFor(SOON);
  await page.goto(address);
  await page.getByText('This link leads nowhere').waitFor(SOON);
  await context.close();
});

test('WH1 WH16 a runner runs and cannot change; a viewer looks; keys say why not', async () => {
  await share('runner');
  await using bob = await visitor(browser, bobs);
  const { page } = bob;
  await open(page, carrel, id);
  await expect.poll(() => role(page).innerText(), SOON).toBe('You may look and run');
  await page.keyboard.press('Control+Enter');
  await shows(page, 0, '42');
  const problem = page.locator('.problems p');
  for (const keys of [['b'], ['d', 'd'], ['x'], ['m'], ['z']]) {
    for (const key of keys) await page.keyboard.press(key);
    await problem.filter({ hasText: 'You may not change this worksheet' }).waitFor(SOON);
    await problem.getByRole('button').click();
  }
  await page.keyboard.press('Escape');
  await cell(page, 0).locator('.source').click();
  await page.keyboard.type('typed');
  await problem.filter({ hasText: 'You may not change this worksheet' }).waitFor(SOON);
  expect(await sources(page)).toEqual(['x = 6 * 7\nx', 'Notes', '']);
  expect(await page.locator('.insert, .cells-end button').count()).toBe(0);
  expect(await page.getByRole('button', { name: 'Delete' }).count()).toBe(0);
  expect(await page.locator('.title').getAttribute('readonly')).not.toBeNull();
  await picture(page, 'sharing-runner');
  expect(await findings(page)).toEqual([]);

  await share('viewer');
  await problem.filter({ hasText: 'but no longer run or change it' }).waitFor(SOON);
  await expect.poll(() => role(page).innerText(), SOON).toBe('You may look');
  await problem.getByRole('button').click();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+Enter');
  await problem.filter({ hasText: 'not run its cells' }).waitFor(SOON);
  expect(await page.getByRole('button', { name: 'Run all' }).count()).toBe(0);
  expect(await page.locator('.bar .owner').innerText()).toBe('by admin');
  expect(await page.locator('.toolbar > .rule').count()).toBe(0);
  await picture(page, 'sharing-viewer');
  expect(await findings(page)).toEqual([]);
  expect(complaints(bob)).toEqual([]);
});

test('WH14 WH16 a right is withdrawn while both type: nothing more arrives, and the page says why and keeps the text', async () => {
  await share('editor');
  await using owner = await visitor(browser, carrel);
  await using bob = await visitor(browser, bobs);
  await open(owner.page, carrel, id);
  await open(bob.page, carrel, id);
  await cell(owner.page, 2).locator('.source').click();
  await owner.page.keyboard.type('mine ');
  await cell(bob.page, 0).locator('.source').click();
  await bob.page.keyboard.press('Control+Home');
  await bob.page.keyboard.type('his ');
  await expect.poll(async () => (await sources(owner.page))[0], SOON).toBe('his x = 6 * 7\nx');
  const both = Promise.all([
    owner.page.keyboard.type('and '.repeat(40), { delay: 15 }),
    bob.page.keyboard.type('z'.repeat(160), { delay: 15 }),
  ]);
  await owner.page.waitForTimeout(500);
  expect((await unshare()).status).toBe(204);
  const then = /z+/.exec(await stored())?.[0].length ?? 0;
  await both;
  await bob.page.getByText('This worksheet is no longer shared with you.').waitFor(SOON);
  await saved(owner.page);
  expect(/z+/.exec(await stored())?.[0].length).toBe(then);
  expect(await stored()).toContain('and and and');
  const kept = /z+/.exec((await sources(bob.page))[0] ?? '')?.[0].length ?? 0;
  expect([then > 0, kept >= then]).toEqual([true, true]);
  await picture(bob.page, 'sharing-withdrawn');
  expect(await findings(bob.page)).toEqual([]);
  await bob.page.keyboard.type('zzz');
  expect(/z+/.exec((await sources(bob.page))[0] ?? '')?.[0].length).toBe(kept);
});

test('WH14 who is lowered keeps what they typed, counted; raised again, it arrives', async () => {
  await share('editor');
  await using bob = await visitor(browser, bobs);
  const { page } = bob;
  await open(page, carrel, id);
  await cell(page, 2).locator('.source').click();
  const typing = page.keyboard.type('w'.repeat(120), { delay: 15 });
  await page.waitForTimeout(500);
  await share('viewer');
  await typing;
  await expect.poll(() => role(page).innerText(), SOON).toBe('You may look');
  const kept = (await sources(page))[2] ?? '';
  await share('editor');
  await expect.poll(() => role(page).count(), SOON).toBe(0);
  await saved(page);
  await expect.poll(stored, SOON).toContain(JSON.stringify(kept));
});

test('the dialog in German and on a narrow screen', async () => {
  await share('viewer');
  await rest(carrel, 'POST', `/api/worksheets/${id}/links`, { role: 'editor' });
  await using owner = await visitor(browser, carrel, { locale: 'de-DE', viewport: { width: 320, height: 640 } });
  await open(owner.page, carrel, id);
  await openDialog(owner);
  await owner.page.getByText('Was sie dürfen').waitFor(SOON);
  await owner.page.locator('.share-list li').first().waitFor(SOON);
  await picture(owner.page, 'sharing-german');
  expect(await findings(owner.page)).toEqual([]);
  expect(await widerThanScreen(owner.page)).toBe(0);
});
