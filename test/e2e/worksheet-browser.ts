/** A browser in which a person has signed in to a whole Carrel, and what tests of worksheets do in it. */
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import axe from 'axe-core';
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import { policyFolder } from '../fault/support/policies.ts';
import { type Carrel, startCarrel } from '../support/carrel.ts';
import { rest } from '../support/jupyter.ts';

const out = resolve(import.meta.dirname, '../.out');
/** Far beyond what anything here takes. */
export const SOON = { timeout: 30_000 };

export async function startBrowser(): Promise<Browser> {
  await mkdir(out, { recursive: true });
  const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking'];
  return chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium', args });
}

/**
 * A Carrel and a browser for the tests of a file, given to `take` before the first of them; both end with the last. `policies` are those of
 * `policyFolder`.
 */
export function forAllTests(
  take: (carrel: Carrel, browser: Browser) => void,
  env: Record<string, string> = {},
  policies?: Parameters<typeof policyFolder>,
): void {
  const stack = new AsyncDisposableStack();
  beforeAll(async () => {
    const folder = policies && stack.use(await policyFolder(...policies));
    const carrel = stack.use(await startCarrel(folder === undefined ? env : { ...env, CARREL_POLICIES: folder.path }));
    const browser = await startBrowser();
    stack.defer(() => browser.close());
    take(carrel, browser);
  });
  afterAll(() => stack.disposeAsync());
}

export interface Visitor extends AsyncDisposable {
  readonly page: Page;
  /** Errors of scripts, and what the browser complained about: violations of the content security policy among it. */
  readonly problems: string[];
}

/** A new browser profile that has signed in by the form. */
export async function visitor(browser: Browser, carrel: Carrel, options: BrowserContextOptions = {}): Promise<Visitor> {
  const context = await browser.newContext({ viewport: { width: 1100, height: 850 }, locale: 'en-GB', ...options });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => void problems.push(String(error.stack ?? error)));
  page.on('console', (line) => {
    if (line.type() === 'error') problems.push(line.text());
  });
  await page.goto(`${carrel.url}/`);
  const more = page.locator('details.token:not([open]) > summary');
  if ((await more.count()) > 0) await more.click();
  await page.fill('#token', carrel.token);
  await page.press('#token', 'Enter');
  await page.waitForSelector('.home');
  return { page, problems, [Symbol.asyncDispose]: () => context.close() };
}

export const code = (source: string, outputs: object[] = []) => ({
  cell_type: 'code',
  source,
  metadata: {},
  outputs,
  execution_count: null,
});
export const text = (source: string) => ({ cell_type: 'markdown', source, metadata: {} });

/** Makes a worksheet of these cells and answers its id. */
export async function worksheetOf(carrel: Carrel, cells: object[], title = 'A worksheet'): Promise<string> {
  const notebook = { nbformat: 4, nbformat_minor: 4, metadata: {}, cells };
  const answer = await rest(carrel, 'POST', '/api/worksheets', { title, notebook });
  expect(answer.status, answer.text).toBe(201);
  return answer.json.id;
}

/** Opens it and waits until it is there. */
export async function open(page: Page, carrel: Carrel, id: string): Promise<void> {
  await page.goto(`${carrel.url}/worksheets/${id}`);
  await page.waitForSelector('.cell');
}

export const cell = (page: Page, index: number): Locator => page.locator('.cell').nth(index);
/** The texts of all cells that show one, without the names at others' cursors. */
export const sources = (page: Page): Promise<string[]> =>
  page.evaluate(`[...document.querySelectorAll('.cell .source, .cell .rendered')].map((place) => {
    const lines = place.querySelectorAll('.cm-line');
    if (lines.length === 0) return (place.querySelector("pre.static") ?? place).textContent.trimEnd();
    const bare = (line) => [...line.childNodes].filter((part) => !part.classList?.contains('caret')).map((part) => part.textContent).join('');
    return [...lines].map(bare).join('\\n').replaceAll('\\u2060', '').trimEnd();
  })`);
/** The position of the chosen cell. */
export const active = (page: Page): Promise<number> =>
  page.evaluate(`[...document.querySelectorAll('.cell')].findIndex((one) => one.dataset.active)`);
export const mode = (page: Page): Promise<string | null> =>
  page.locator('.cell[data-active]').getAttribute('data-mode');

/** Waits for the cell's output to hold this. */
export const shows = (page: Page, index: number, expected: string | RegExp): Promise<void> =>
  expect
    .poll(() => cell(page, index).locator('.outputs').innerText(), SOON)
    .toMatch(typeof expected === 'string' ? new RegExp(expected.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')) : expected);

export const saved = (page: Page): Promise<void> =>
  expect.poll(() => page.locator('.save').getAttribute('data-say'), SOON).toBe('saved');

/** A picture of the page in test/.out/. */
export const picture = (page: Page, name: string): Promise<Buffer> =>
  page.screenshot({ path: join(out, `${name}.png`) });

/**
 * What axe finds against WCAG 2.1 A and AA, and its best practices, as rule, element and reason. It is evaluated by the debugger, which
 * no policy of the page concerns. Frames hold what code has made.
 */
export async function findings(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(`axe.run(document, { iframes: false }).then(({ violations }) =>
    violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => id + ' ' + target.join(' ') + ' ' + failureSummary)))`);
}

/** Pixels by which the page is wider than the screen. */
export const widerThanScreen = (page: Page): Promise<number> =>
  page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
