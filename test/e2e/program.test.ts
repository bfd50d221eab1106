/** The whole program as a person meets it first: the printed link, signing in and out, a kernel that runs out of memory. */
import type { Browser, Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import type { Carrel } from '../support/carrel.ts';
import {
  cell,
  code,
  forAllTests,
  open,
  picture,
  SOON,
  shows,
  type Visitor,
  visitor,
  worksheetOf,
} from './worksheet-browser.ts';

let carrel: Carrel;
let browser: Browser;
let person: Visitor;
let page: Page;

forAllTests((...both) => ([carrel, browser] = both));
beforeAll(async () => {
  person = await visitor(browser, carrel);
  page = person.page;
});

test('the printed link signs in once, and the address that stays shows no token', async () => {
  const context = await browser.newContext();
  const other = await context.newPage();
  await other.goto(`${carrel.url}/?token=${carrel.token}`);
  await other.waitForSelector('.home');
  expect(other.url()).toBe(`${carrel.url}/`);
  expect(await other.evaluate('document.documentElement.outerHTML')).not.toContain(carrel.token.slice(-20));
  await context.clearCookies();
  await other.goto(`${carrel.url}/?token=${carrel.token}`);
  expect(await other.locator('h1').innerText()).toMatch(/used/i);
  await context.close();
});

test('out of memory is said with its limit in the cell, and the kernel comes back', async () => {
  const hog = 'hog = bytearray(2 * 2**30)\nfor i in range(0, len(hog), 4096): hog[i] = 1';
  await open(page, carrel, await worksheetOf(carrel, [code(hog), code('"usable"')]));
  await cell(page, 0).click();
  await page.keyboard.press('Control+Enter');
  await shows(page, 0, '512 MiB');
  await cell(page, 1).click();
  await page.keyboard.press('Control+Enter');
  await shows(page, 1, 'usable');
  await picture(page, 'out-of-memory');
});

test('signing out shows the sign-in page, and the way in again', async () => {
  await page.goto(`${carrel.url}/`);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor(SOON);
  await page.getByLabel('Token or address').fill(carrel.token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForSelector('.home');
  expect(person.problems).toEqual([]);
});
