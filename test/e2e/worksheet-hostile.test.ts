/**
 * Notebooks that somebody else made are looked at safely: nothing of them runs as the person who looks, and no request leaves.
 * Each is opened in Chromium; whoever runs in the page's origin would set a mark there, whoever reaches out is counted.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Carrel } from '../support/carrel.ts';
import { FRAMED, HOSTILE_FORMULAS, HOSTILE_SVG, MARKUP, strike } from './hostile-notebooks.ts';
import { cell, code, forAllTests, open, SOON, text, type Visitor, visitor, worksheetOf } from './worksheet-browser.ts';

let carrel: Carrel;
let browser: Browser;
let person: Visitor;
let outside: Server;
let reached: string[];
let away: string;

forAllTests((...both) => ([carrel, browser] = both));
beforeAll(async () => {
  person = await visitor(browser, carrel);
  outside = createServer((request, response) => {
    reached.push(request.url ?? '');
    response.end();
  });
  await new Promise<void>((done) => outside.listen(0, '127.0.0.1', done));
  away = `http://127.0.0.1:${(outside.address() as AddressInfo).port}`;
});
afterAll(async () => {
  outside?.close();
});
beforeEach(() => {
  reached = [];
});

const there = (markup: string) => markup.replaceAll('AWAY', away);
const html = (markup: string) =>
  code('', [{ output_type: 'display_data', metadata: {}, data: { 'text/html': there(markup) } }]);

/** Opens the cells, touches them as a person would, and tells what came of it. */
async function look(cells: object[]): Promise<void> {
  const { page } = person;
  const id = await worksheetOf(carrel, cells);
  const address = `${carrel.url}/worksheets/${id}`;
  await open(page, carrel, id);
  for (const link of await page.locator('.rendered a, .html a').all())
    await link.click({ timeout: 2000, noWaitAfter: true }).catch(() => {});
  await page.mouse.move(400, 300);
  /** What strikes does so at once; this is time for requests to arrive. */
  await page.waitForTimeout(700);
  expect(await page.evaluate('document.struck')).toBeUndefined();
  expect(reached).toEqual([]);
  expect(page.url().replace(/#.*/, '')).toBe(address);
  expect(
    page
      .context()
      .pages()
      .filter((one) => one.url().startsWith(away)),
  ).toEqual([]);
  expect(await page.locator('.toolbar .main').isVisible()).toBe(true);
  expect((await page.request.get(`${carrel.url}/api/me`)).status()).toBe(200);
}

test.each(Object.entries(MARKUP))(
  '%s in a text, in an output and in a result made of Markdown',
  async (_name, markup) => {
    const shown = there(markup);
    const markdown = { output_type: 'display_data', metadata: {}, data: { 'text/markdown': shown } };
    const latex = { output_type: 'display_data', metadata: {}, data: { 'text/latex': `$x$ ${shown}` } };
    await look([text(`Before\n\n${shown}\n\nafter`), html(markup), code('', [markdown, latex])]);
  },
);

test('what is counted as reached is counted, and what is taken for running runs', async () => {
  await fetch(`${away}/counted`);
  expect(reached).toEqual(['/counted']);
  const { page } = person;
  await open(
    page,
    carrel,
    await worksheetOf(carrel, [
      html('<p>before</p>' + '<script>document.querySelector("p").textContent = "ran"</script>'),
    ]),
  );
  await expect.poll(() => page.frameLocator('iframe').locator('p').innerText(), SOON).toBe('ran');
});

test.each(Object.entries(FRAMED))('a script in an output that tries %s', async (_name, script) => {
  await look([
    html(`<p>here</p><script>${script}</script>`),
    code('', [{ output_type: 'display_data', metadata: {}, data: { 'application/javascript': there(script) } }]),
  ]);
});

test('an SVG picture runs no script and loads nothing', async () => {
  const svg = there(HOSTILE_SVG);
  await look([code('', [{ output_type: 'display_data', metadata: {}, data: { 'image/svg+xml': svg } }])]);
});

test('formulas with addresses, styles and classes are formulas only', async () => {
  const tex = HOSTILE_FORMULAS.map(there);
  await look([text(tex.map((formula) => `$${formula}$`).join('\n\n'))]);
  expect(await cell(person.page, 0).locator('a, img, .toolbar').count()).toBe(0);
});

test('texts that terminals would obey are text', async () => {
  const stream = {
    output_type: 'stream',
    name: 'stdout',
    text: '\x1b]8;;javascript:alert(1)\x07link\x1b]8;;\x07 <img src=x onerror=alert(1)> \x1b[31;<b>m',
  };
  const error = {
    output_type: 'error',
    ename: '<b>',
    evalue: '<img src=x onerror=alert(1)>',
    traceback: ['<script>alert(1)</script>'],
  };
  await look([code('', [stream, error])]);
  expect(await cell(person.page, 0).locator('.outputs').innerText()).toContain('<img src=x onerror=alert(1)>');
});

test('attachments, names and metadata put nothing but pictures into the page', async () => {
  const quote = `"><img src=x onerror="${strike('attachment')}">`;
  const attachments = { 'a.png': { [`image/png${quote}`]: 'AAAA' }, 'b.png': { 'image/png': `AAAA${quote}` } };
  const picture = {
    output_type: 'display_data',
    data: { 'image/png': `AAAA${quote}`, 'text/plain': quote },
    metadata: { 'image/png': { width: quote } },
  };
  await look([
    { ...text(`![x](attachment:a.png) ![y](attachment:b.png) ![z](attachment:constructor)`), attachments },
    code('', [picture, { output_type: 'display_data', metadata: {}, data: { [quote]: 'x' } }]),
  ]);
});
