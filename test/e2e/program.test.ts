/** The page at / on the whole program: browser, gateway, warden, container. Screenshots are left in test/.out/. */
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Carrel, startCarrel } from '../support/carrel.ts';

const out = resolve(import.meta.dirname, '../.out');
let carrel: Carrel;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  await mkdir(out, { recursive: true });
  carrel = await startCarrel();
  const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking'];
  browser = await chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium', args });
  page = await browser.newPage({ viewport: { width: 1000, height: 800 } });
});
afterAll(async () => {
  await browser?.close();
  await carrel?.stop();
});

const last = () => page.locator('#cells > li:not(.note)').last();

async function send(code: string): Promise<void> {
  await page.fill('#code', code);
  await page.press('#code', 'Shift+Enter');
}

/** Runs code by the keyboard and answers the cell's outputs as text once it has ended. */
async function run(code: string): Promise<string> {
  const cells = await page.locator('#cells > li:not(.note)').count();
  await send(code);
  const cell = page.locator('#cells > li:not(.note)').nth(cells);
  await expect.poll(() => cell.getAttribute('data-run'), { timeout: 60_000 }).not.toBe('busy');
  return cell.locator('.outputs').innerText();
}

test('the printed link signs in; text, an error and a plot appear; memory is shown against its limit', async () => {
  await page.goto(`${carrel.url}/?token=${carrel.token}`);
  expect(page.url()).toBe(`${carrel.url}/`);
  expect(await run('print("hello"); 6*7')).toMatch(/hello\s+42/);
  expect(await run('1/0')).toContain('ZeroDivisionError');
  await run('%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 4, 2]); plt.show()');
  await expect
    .poll(() => page.evaluate('document.querySelector("#cells img")?.naturalWidth ?? 0'))
    .toBeGreaterThan(100);
  await expect.poll(() => page.locator('#amount').innerText(), { timeout: 15_000 }).toMatch(/\d.* of 512 MiB/);
  await page.screenshot({ path: join(out, 'page.png'), fullPage: true });
});

test('interrupt ends an endless loop, restart forgets variables, a reload keeps them', async () => {
  await run('x = 1');
  await send('print("go", flush=True)\nwhile True: pass');
  await expect.poll(() => last().innerText()).toContain('go');
  await page.click('#interrupt');
  await expect.poll(() => last().innerText()).toContain('KeyboardInterrupt');
  await page.reload();
  await expect.poll(() => page.locator('#state').getAttribute('data-state'), { timeout: 30_000 }).toBe('idle');
  expect(await run('x')).toBe('1');
  await page.click('#restart');
  await expect.poll(() => page.locator('#state').getAttribute('data-state'), { timeout: 30_000 }).toBe('idle');
  expect(await run('x')).toContain('NameError');
});

test('out of memory is said with its limit, and the kernel comes back', async () => {
  await send('hog = bytearray(2 * 2**30)\nfor i in range(0, len(hog), 4096): hog[i] = 1');
  await expect.poll(() => last().innerText(), { timeout: 30_000 }).toContain('512 MiB');
  await expect.poll(() => run('"usable"'), { timeout: 60_000 }).toContain('usable');
  await page.screenshot({ path: join(out, 'out-of-memory.png'), fullPage: true });
});
