/** Files of a worksheet in a browser (docs/spec/worksheet-files.md). Screenshots are left in test/.out/. */
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import type { Carrel } from '../support/carrel.ts';
import { rest } from '../support/jupyter.ts';
import { cell, code, forAllTests, open, picture, SOON, shows, visitor, worksheetOf } from './worksheet-browser.ts';

let carrel: Carrel;
let browser: Browser;

forAllTests((...both) => ([carrel, browser] = both));

const READS = 'import pandas as pd\nprint(pd.read_csv("rain.csv")["mm"].sum())';
const WRITES = 'pd.DataFrame({"mm": [1, 2]}).to_csv("half.csv")';
const CSV = 'month,mm\nJan,40\nFeb,2\n';

async function openPanel(page: Page, name = 'Files'): Promise<void> {
  await page.locator('.toolbar details.menu > summary').last().click();
  await page.locator('.menu-list').getByRole('button', { name, exact: true }).click();
  await page.waitForSelector('.files .usage');
}

const file = (page: Page, name: string) => page.locator('.file', { hasText: name });
const state = (page: Page, name: string) => file(page, name).locator('.file-state').innerText();
const upload = (page: Page, ...files: { name: string; mimeType: string; buffer: Buffer }[]) =>
  page.locator('.upload input[type=file]').setInputFiles(files);
const csv = (name: string, text = CSV) => ({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });

async function run(page: Page, index: number): Promise<void> {
  await cell(page, index).locator('.source').click();
  await page.keyboard.press('Control+Enter');
}

test('WF1 WF4 WF5 a CSV is uploaded and read by code, code writes another, and a new sandbox has both', async () => {
  const id = await worksheetOf(carrel, [code(READS), code(WRITES), code('print(open("half.csv").read())')], 'Rain');
  await using visit = await visitor(browser, carrel);
  const { page } = visit;
  await open(page, carrel, id);
  await openPanel(page);
  await upload(page, csv('rain.csv'));
  await expect.poll(() => state(page, 'rain.csv'), SOON).toBe('kept');
  await run(page, 0);
  await shows(page, 0, '42');
  await run(page, 1);
  await expect.poll(() => file(page, 'half.csv').count(), SOON).toBe(1);
  await expect.poll(() => state(page, 'half.csv'), SOON).toBe('kept');
  await picture(page, 'files');

  expect((await rest(carrel, 'DELETE', `/api/kernels/${id}`)).status).toBe(204);
  await expect.poll(async () => (await rest(carrel, 'GET', `/api/worksheets/${id}`)).json.kernel, SOON).toBe('none');
  await run(page, 2);
  await shows(page, 2, /,mm\s+0,1\s+1,2/);
  await run(page, 0);
  await shows(page, 0, '42');
  expect(visit.problems).toEqual([]);
});

test('WF16 WF20 download, copy of the code, replacing after a question, deleting after another', async () => {
  const id = await worksheetOf(carrel, [code('')], 'Handling');
  await using visit = await visitor(browser, carrel, { permissions: ['clipboard-read', 'clipboard-write'] });
  const { page } = visit;
  await open(page, carrel, id);
  await openPanel(page);
  await upload(page, csv('rain.csv'), csv('snow.csv', 'a\n'));
  await expect.poll(() => page.locator('.file').count(), SOON).toBe(2);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    file(page, 'rain.csv').getByRole('link').click(),
  ]);
  expect(download.suggestedFilename()).toBe('rain.csv');
  await file(page, 'rain.csv').getByRole('button', { name: 'Copy code that reads rain.csv' }).click();
  await expect.poll(() => page.evaluate('navigator.clipboard.readText()'), SOON).toBe('pd.read_csv("rain.csv")');

  await upload(page, csv('rain.csv', `${CSV}Mar,9\n`));
  await picture(page, 'files-replace');
  await page.getByRole('dialog').getByRole('button', { name: 'Replace' }).click();
  const kept = async () => (await rest(carrel, 'GET', `/api/worksheets/${id}/files/rain.csv`)).text;
  await expect.poll(kept, SOON).toBe(`${CSV}Mar,9\n`);

  await file(page, 'rain.csv').getByRole('button', { name: 'Delete rain.csv' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect.poll(() => page.locator('.file').count(), SOON).toBe(1);
  expect(visit.problems).toEqual([]);
});

test('WF19 files that are dropped on the page are uploaded, with their progress; one that is too large is told and not sent', async () => {
  const id = await worksheetOf(carrel, [code('')], 'Dropped');
  await using visit = await visitor(browser, carrel);
  const { page } = visit;
  await open(page, carrel, id);
  const requests: string[] = [];
  page.on('request', (request) => request.method() === 'PUT' && requests.push(request.url()));
  await page.evaluate(`(() => {
    window.seen = [];
    const look = () => window.seen.push(...[...document.querySelectorAll('.uploads progress')].map((bar) => bar.value / bar.max));
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true });
  })()`);
  /** A line on which 36 MiB take three seconds: on a faster one the bar may be full when it is first drawn. */
  const line = await page.context().newCDPSession(page);
  const throughput = { downloadThroughput: -1, uploadThroughput: 12 * 1024 * 1024 };
  await line.send('Network.emulateNetworkConditions', { offline: false, latency: 0, ...throughput });
  await drop(page, { 'medium.bin': 36 * 1024 * 1024, 'huge.bin': 41 * 1024 * 1024 });
  const huge = page.locator('.uploads li', { hasText: 'huge.bin' });
  await expect.poll(() => huge.innerText(), SOON).toMatch(/it has 41 MiB, and 40 MiB are free/);
  await expect.poll(() => state(page, 'medium.bin'), SOON).toBe('kept');
  const seen = (await page.evaluate('window.seen')) as number[];
  expect(seen.some((part) => part > 0 && part < 1)).toBe(true);
  expect(requests.filter((url) => url.includes('huge'))).toEqual([]);
  await huge.getByRole('button', { name: 'Close: huge.bin' }).click();
  await expect.poll(() => page.locator('.uploads').count(), SOON).toBe(0);

  /** One that never arrives. */
  await page.route('**/slow.bin', () => {});
  await drop(page, { 'slow.bin': 400_000 });
  const slow = page.locator('.uploads li', { hasText: 'slow.bin' });
  await expect.poll(() => slow.innerText(), SOON).toMatch(/of 391 KiB/);
  await picture(page, 'files-uploading');
  await slow.getByRole('button', { name: 'Cancel the upload of slow.bin' }).click();
  await expect.poll(() => page.locator('.uploads').count(), SOON).toBe(0);
  const { files } = (await rest(carrel, 'GET', `/api/worksheets/${id}/files`)).json;
  expect(files.map(({ path }: { path: string }) => path)).toEqual(['medium.bin']);
});

/** Drops files of these sizes on the page. */
const drop = (page: Page, files: Record<string, number>) =>
  page.evaluate(`(() => {
    const transfer = new DataTransfer();
    for (const [name, size] of Object.entries(${JSON.stringify(files)}))
      transfer.items.add(new File([new Uint8Array(size)], name));
    document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
  })()`);

describe('for everybody', () => {
  test.each([
    ['320 px wide', { viewport: { width: 320, height: 800 } }],
    ['dark', { colorScheme: 'dark' as const }],
    ['high contrast', { contrast: 'more' as const }],
    ['German', { locale: 'de-DE' }],
  ])('WF21 axe finds nothing in the panel, and nothing is wider than the page: %s', async (name, options) => {
    const id = await worksheetOf(carrel, [code('x = 1')], 'Looks');
    const long = `${'a-name-that-is-as-long-as-names-become-'.repeat(4)}.csv`;
    for (const path of ['rain.csv', long]) expect((await put(id, path)).status).toBe(204);
    await using visit = await visitor(browser, carrel, options);
    const { page } = visit;
    await open(page, carrel, id);
    await openPanel(page, name === 'German' ? 'Dateien' : 'Files');
    await expect.poll(() => page.locator('.file').count(), SOON).toBe(2);
    await page.evaluate(axe.source);
    const found = (await page.evaluate('axe.run(document.querySelector(".side-panel"))')) as {
      violations: { id: string; nodes: { html: string }[] }[];
    };
    await picture(page, `files-${name.replaceAll(' ', '-')}`);
    expect(found.violations.map(({ id: rule, nodes }) => `${rule}: ${nodes.map(({ html }) => html)}`)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
  });
});

const put = (id: string, path: string) =>
  fetch(`${carrel.url}/api/worksheets/${id}/files/${path}`, {
    method: 'PUT',
    headers: { Authorization: `token ${carrel.token}` },
    body: CSV,
  });
