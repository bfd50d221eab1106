/** What a page tells of memory, sleep, kernels and long outputs, on the whole program. Screenshots are left in test/.out/. */
import { readFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { afterEach, beforeEach, expect, test } from 'vitest';
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
  shows,
  type Visitor,
  visitor,
  worksheetOf,
} from './worksheet-browser.ts';

const FILLING = `import time
kept = []
while True:
    kept.append(b"x" * (1 << 20))
    time.sleep(0.02)`;

let carrel: Carrel;
let browser: Browser;
let person: Visitor;
let page: Page;

/** What is in memory for files is at most a quarter of it. */
const FILES = { size: '8 MiB', inodes: 256 };
const TIGHT = { memory: '256 MiB', tmp: FILES, shm: FILES, description: 'Little memory.' };
forAllTests((...both) => ([carrel, browser] = both), {}, [
  { tight: { ...TIGHT, idle: '6 s' }, large: { memory: '1 GiB', description: 'Much.' } },
]);
beforeEach(async () => {
  person = await visitor(browser, carrel);
  page = person.page;
});
afterEach(async () => {
  expect(person.problems).toEqual([]);
  await person[Symbol.asyncDispose]();
});

/** Makes a worksheet of these cells and opens it. */
async function opened(kernelspec: string, ...sources: string[]): Promise<string> {
  const id = await worksheetOf(
    carrel,
    sources.map((source) => code(source)),
  );
  await rest(carrel, 'PATCH', `/api/worksheets/${id}`, { kernelspec });
  await open(page, carrel, id);
  return id;
}

const kernelState = () => page.locator('.kernel-state').innerText();

test('WR26 WR22 memory that fills is warned of, its end is explained, and a larger kernel is one step away', async () => {
  const id = await opened('python3-tight', FILLING, 'open("/sys/fs/cgroup/memory/memory.limit_in_bytes").read()');
  await page.keyboard.press('Control+Enter');
  await page.waitForSelector('.reason.high', { timeout: SOON.timeout });
  await expect.poll(() => page.locator('.reason.high .variables').innerText(), SOON).toMatch(/kept\s+list\s+\d+/);
  expect(await page.locator('.reasons [role=alert]').innerText()).toContain('Memory is nearly full');
  expect(await page.locator('.usage').innerText()).toMatch(/\d+.* MiB of 256 MiB\s+CPU \d+ %/);
  await picture(page, 'execution-warning');

  const post = cell(page, 0).locator('.post-mortem');
  await post.waitFor({ timeout: SOON.timeout });
  const text = await post.innerText();
  for (const part of ['256 MiB', 'policy tight', 'Safe', 'Gone', 'All variables', 'kept']) expect(text).toContain(part);
  await page.locator('.reason.high').waitFor({ state: 'detached', timeout: SOON.timeout });
  expect(await page.locator('.reasons [role=alert]').innerText()).toBe('');
  await post.getByRole('button', { name: /large.*1 GiB/ }).waitFor({ timeout: SOON.timeout });
  await post.scrollIntoViewIfNeeded();
  await picture(page, 'execution-post-mortem');
  expect(await findings(page)).toEqual([]);

  await post.getByRole('button', { name: /large.*1 GiB/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Change the kernel' }).click();
  await expect.poll(kernelState, SOON).toMatch(/Python 3 \(large\)/);
  await expect.poll(() => post.innerText(), SOON).toContain('has gone on with Python 3 (large)');
  await cell(page, 1).locator('.source').click();
  await page.keyboard.press('Control+Enter');
  await shows(page, 1, String(2 ** 30));
  const file = JSON.parse((await rest(carrel, 'GET', `/api/worksheets/${id}/notebook`)).text);
  expect(file.metadata.kernelspec).toMatchObject({ name: 'python3-large' });
  expect(file.cells[0].outputs[1].data['text/plain'].join('')).toContain('ran out of memory');
});

test('WR28 the kernel menu shows what each kernel gives, and asks before one ends', async () => {
  await opened('python3-tight', 'x = 1\nx');
  await page.keyboard.press('Control+Enter');
  await shows(page, 0, '1');
  await page.click('button.kernel-title');
  const menu = page.getByRole('dialog', { name: 'Kernel and limits' });
  await menu.getByText('256 MiB of memory, 1 processor').first().waitFor({ timeout: SOON.timeout });
  expect(await menu.locator('[data-current]').innerText()).toMatch(
    /Python 3 \(tight\)[\s\S]*6 seconds without a run[\s\S]*In use/,
  );
  await picture(page, 'execution-kernel-menu');
  expect(await findings(page)).toEqual([]);
  await menu.getByRole('button', { name: 'Go on with Python 3 (large)' }).click();
  const question = page.getByRole('dialog', { name: 'Change the kernel' });
  expect(await question.innerText()).toContain('variables are lost');
  await question.getByRole('button', { name: 'Cancel' }).click();
  expect(await kernelState()).toMatch(/Python 3 \(tight\)/);
  await page.click('button.kernel-title');
  await menu.getByRole('button', { name: 'Go on with Python 3 (large)' }).click();
  await question.getByRole('button', { name: 'Change the kernel' }).click();
  await expect.poll(kernelState, SOON).toMatch(/Python 3 \(large\)\s+Not running/);
  await expect.poll(() => page.locator('.reason').innerText(), SOON).toContain('goes on with Python 3 (large)');
});

test('WR27 a worksheet that sleeps says since when, at home too, and wakes at the next run', async () => {
  const id = await opened('python3-tight', '6 * 7');
  await page.keyboard.press('Control+Enter');
  await shows(page, 0, '42');
  await expect.poll(() => page.locator('.reasons').innerText(), { timeout: 40_000 }).toMatch(/Asleep since \d+:\d+/);
  expect(await kernelState()).toMatch(/Asleep/);
  await picture(page, 'execution-asleep');
  await page.goto(`${carrel.url}/`);
  const row = page.locator('li', { has: page.locator(`a[href$="${id}"]`) });
  await expect.poll(() => row.innerText(), SOON).toContain('fell asleep');
  await picture(page, 'execution-asleep-home');
  await open(page, carrel, id);
  await expect.poll(() => page.locator('.reasons').innerText(), SOON).toMatch(/Asleep since/);
  await page.keyboard.press('Control+Enter');
  await expect.poll(kernelState, SOON).toMatch(/Ready/);
  expect(await page.locator('.reasons').innerText()).not.toContain('Asleep');
  await shows(page, 0, '42');
});

test('WR25 of an output that is cut all can be downloaded, and 100 MB of prints leave the page usable', async () => {
  await opened(
    'python3-large',
    'line = "x" * 99\nfor i in range(1_000_000): print(line)\nprint("the end")',
    '"usable"',
  );
  await page.keyboard.press('Shift+Enter');
  const link = cell(page, 0).getByRole('link', { name: /Download all of this output/ });
  await link.waitFor({ timeout: 30_000 });
  await page.keyboard.press('Control+Enter');
  await shows(page, 1, 'usable');
  await expect.poll(() => cell(page, 0).getAttribute('data-run'), SOON).not.toBe('running');
  expect(await cell(page, 0).locator('.outputs').innerText()).toMatch(/bytes were cut here/);
  await link.scrollIntoViewIfNeeded();
  await picture(page, 'execution-full-output');
  const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
  expect(download.suggestedFilename()).toBe('A worksheet output.txt');
  const text = await readFile(await download.path(), 'utf8');
  expect(text.length).toBeGreaterThan(60 * 2 ** 20);
  expect(text.startsWith(`${'x'.repeat(99)}\n`)).toBe(true);
});
