/**
 * The exported HTML file, opened from a disk in Chromium: it shows everything without a network, and of a hostile notebook nothing
 * runs outside of the frames of outputs, and no request leaves. Rules: docs/spec/worksheet-export.md.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page, Request } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startCarrel } from '../support/carrel.ts';
import { type TestEdge, testEdge } from '../support/edge.ts';
import { rest } from '../support/jupyter.ts';
import { SAMPLE } from './export-sample.ts';
import { FRAMED, HOSTILE_FORMULAS, HOSTILE_SVG, MARKUP, strike } from './hostile-notebooks.ts';
import { code, open, picture, SOON, startBrowser, text, visitor, worksheetOf } from './worksheet-browser.ts';

let edge: TestEdge;
let browser: Browser;
let outside: Server;
let away: string;
let reached: string[];
let folder: string;
let count = 0;

beforeAll(async () => {
  edge = await testEdge();
  browser = await startBrowser();
  folder = await mkdtemp(join(tmpdir(), 'carrel-export-'));
  outside = createServer((request, response) => {
    reached.push(request.url ?? '');
    response.end();
  });
  await new Promise<void>((done) => outside.listen(0, '127.0.0.1', done));
  away = `http://127.0.0.1:${(outside.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await browser?.close();
  outside?.close();
  await edge?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => {
  reached = [];
});

const there = (markup: string) => markup.replaceAll('AWAY', away);
const display = (data: object) => ({ output_type: 'display_data', metadata: {}, data });

interface Opened extends AsyncDisposable {
  readonly page: Page;
  /** Addresses that it asked for, itself and data aside. */
  readonly asked: string[];
  readonly address: string;
}

/** Brings the notebook in, takes it out as HTML and opens the file. */
async function opened(notebook: object, options: BrowserContextOptions = {}): Promise<Opened> {
  const made = await rest(edge, 'POST', '/api/worksheets', { title: 'An <export> & more', notebook });
  expect(made.status, made.text).toBe(201);
  const answer = await rest(edge, 'GET', `/api/worksheets/${made.json.id}/html`);
  expect(answer.status, answer.text.slice(0, 200)).toBe(200);
  count += 1;
  const file = join(folder, `${count}.html`);
  await writeFile(file, answer.text);
  const context = await browser.newContext({ viewport: { width: 1000, height: 900 }, ...options });
  const page = await context.newPage();
  const address = pathToFileURL(file).href;
  const asked: string[] = [];
  const asks = (request: Request) => {
    const url = request.url();
    if (url !== address && !/^(?:data|blob|about):/.test(url)) asked.push(url);
  };
  page.on('requestfinished', asks);
  page.on('requestfailed', (request) => {
    /** What Chromium itself held back has a word for the reason; what left and failed has an error of the network. */
    if (request.failure()?.errorText.startsWith('net::') === true) asks(request);
  });
  await page.goto(address);
  return { page, asked, address, [Symbol.asyncDispose]: () => context.close() };
}

const notebook = (cells: object[], metadata: object = {}) => ({ nbformat: 4, nbformat_minor: 4, metadata, cells });

describe('a hostile notebook', () => {
  async function look(cells: object[]): Promise<void> {
    await using file = await opened(notebook(cells));
    const { page, asked, address } = file;
    for (const link of await page.locator('a').all()) {
      const href = (await link.getAttribute('href')) ?? '';
      if (!/^https?:/.test(href)) await link.click({ timeout: 2000, noWaitAfter: true }).catch(() => {});
    }
    await page.mouse.move(400, 300);
    /** What strikes does so at once; this is time for requests to arrive. */
    await page.waitForTimeout(500);
    expect(await page.evaluate('document.struck')).toBeUndefined();
    expect(await page.evaluate('[...document.scripts].length')).toBe(0);
    expect([reached, asked]).toEqual([[], []]);
    expect(page.url().replace(/#.*/, '')).toBe(address);
    expect(page.context().pages()).toHaveLength(1);
    expect(await page.locator('header.head').innerText()).toBe('An <export> & more');
  }

  test.each(Object.entries(MARKUP))('WX4 %s', async (_name, markup) => {
    const shown = there(markup);
    await look([
      text(`Before\n\n${shown}\n\nafter`),
      code('', [display({ 'text/html': shown })]),
      code('', [
        display({
          'text/html': shown.replace(/<(script|style|iframe|object|embed|link|video|audio|button|input)\b/g, '<x-$1'),
        }),
      ]),
      code('', [display({ 'text/markdown': shown }), display({ 'text/latex': `$x$ ${shown}` })]),
    ]);
  });

  test.each(Object.entries(FRAMED))('WX5 a script in an output that tries %s', async (_name, script) => {
    const run = there(script);
    await look([
      code('', [display({ 'text/html': `<p>here</p><script>${run}</script>` })]),
      code('', [display({ 'text/html': `<style></style><img src=x onerror="${run.replaceAll('"', '&quot;')}">` })]),
      code('', [display({ 'application/javascript': run })]),
    ]);
  });

  test('WX4 pictures, formulas, terminal texts, attachments and names', async () => {
    const quote = `"><img src=x onerror="${strike('attachment')}">`;
    const attachments = { 'a.png': { [`image/png${quote}`]: 'AAAA' }, 'b.png': { 'image/png': `AAAA${quote}` } };
    await look([
      text(HOSTILE_FORMULAS.map((formula) => `$${there(formula)}$`).join('\n\n')),
      { ...text('![x](attachment:a.png) ![y](attachment:b.png) <img src="attachment:%zz">'), attachments },
      code(`</code></pre><script>${strike('code')}</script>`, [
        display({ 'image/svg+xml': there(HOSTILE_SVG) }),
        display({ 'image/png': `AAAA${quote}`, 'text/plain': quote }),
        display({ [quote]: 'x' }),
        { output_type: 'stream', name: 'stdout', text: `\x1b[31;<b>m\x1b]8;;javascript:alert(1)\x07${quote}` },
        { output_type: 'error', ename: quote, evalue: quote, traceback: [quote] },
      ]),
      { cell_type: 'raw', metadata: {}, source: quote },
    ]);
  });

  test('WX6 states of widgets', async () => {
    const quote = `"><img src=x onerror="${strike('widget')}">`;
    const model = (model_name: string, state: object) => ({
      model_name,
      model_module: 'x',
      model_module_version: '1',
      state,
    });
    const models = {
      box: model('VBoxModel', { children: ['html', 'slider', 'box', 'out', 'image'].map((id) => `IPY_MODEL_${id}`) }),
      html: model('HTMLModel', { description: quote, value: `<b>kept</b><script>${strike('html')}</script>${quote}` }),
      slider: model('IntSliderModel', { description: quote, value: quote }),
      out: model('OutputModel', {
        outputs: [{ output_type: 'stream', name: 'stdout', text: quote }, null, { data: 3 }],
      }),
      image: model('ImageModel', { format: quote }),
    };
    const view = {
      'application/vnd.jupyter.widget-view+json': { model_id: 'box', version_major: 2, version_minor: 0 },
    };
    const saved = {
      'application/vnd.jupyter.widget-state+json': { version_major: 2, version_minor: 0, state: models },
    };
    await using file = await opened(notebook([code('', [display(view)])], { widgets: saved }));
    expect(await file.page.locator('.widget b').innerText()).toBe('kept');
    await file.page.waitForTimeout(300);
    expect(await file.page.evaluate('document.struck')).toBeUndefined();
    expect(file.asked).toEqual([]);
  });

  test('WX5 scripts, handlers and what scripts make do run, within their frame', async () => {
    const html = `<p id="p">before</p><button onclick="p.textContent += ' clicked'">go</button><script>
      p.textContent = 'ran';
      const more = document.createElement('script');
      more.text = "p.textContent += ' twice'";
      document.body.append(more);
      p.insertAdjacentHTML('afterend', '<i onclick="p.textContent += \\' late\\'">x</i>');
      new Function("p.textContent += ' evaluated'")();
    </script>`;
    await using file = await opened(notebook([code('', [display({ 'text/html': html })])]));
    const frame = file.page.frameLocator('iframe');
    await expect.poll(() => frame.locator('#p').innerText(), SOON).toBe('ran twice evaluated');
    await frame.locator('button').click();
    await frame.locator('i').click();
    expect(await frame.locator('#p').innerText()).toBe('ran twice evaluated clicked late');
    expect(await frame.locator('body').evaluate('location.origin + " " + self.origin')).toBe('null null');
  });
});

describe('what it shows', () => {
  test.each(['light', 'dark'] as const)(
    'WX1 everything, without a request, in a browser that prefers %s',
    async (colorScheme) => {
      await using file = await opened(SAMPLE, { colorScheme });
      const { page, asked } = file;
      expect(await page.locator('h1').innerText()).toBe('Tides');
      expect(await page.locator('.katex').count()).toBe(3);
      expect(await page.locator('.source .tok-keyword').count()).toBeGreaterThan(3);
      expect(await page.locator('.ansi-red-fg').first().innerText()).toBe('ValueError');
      expect(await page.locator('table.dataframe td').count()).toBe(4);
      expect(await page.locator('.widget').innerText()).toContain('Frequency');
      await page.locator('summary').first().click();
      expect(await page.getByText('hidden = True').isVisible()).toBe(true);
      const broken =
        '[...document.images].filter((image) => !image.complete || image.naturalWidth === 0).map((image) => image.src)';
      await expect.poll(() => page.evaluate(broken), SOON).toEqual([]);
      const fonts = '[...document.fonts].filter((font) => font.status === "loaded").length';
      await expect.poll(() => page.evaluate(fonts), SOON).toBeGreaterThan(3);
      expect(asked).toEqual([]);
      await picture(page, `export-${colorScheme}`);
      await page.screenshot({
        path: join(import.meta.dirname, `../.out/export-${colorScheme}-whole.png`),
        fullPage: true,
      });
    },
  );

  test('WX2 every glyph of a formula is in a font of the file', async () => {
    const kinds = [
      'mathbb',
      'mathcal',
      'mathfrak',
      'mathscr',
      'mathsf',
      'mathtt',
      'mathbf',
      'mathit',
      'boldsymbol',
      'textbf',
      'textit',
    ];
    const tex = `${kinds.map((kind) => `\\${kind}{ABab}`).join(' ')} \\left(\\dfrac{\\sum_i^n x}{\\sqrt{\\int y}}\\right) \\biggl[ \\Biggl\\{`;
    await using file = await opened(notebook([text(`$$${tex}$$`), text(`$\\textbf{\\textsf{ab \\textit{cd}}}$`)]));
    /** A family that KaTeX's sheet names and the file does not have would be taken from the computer. */
    const missing = `[...document.querySelectorAll('.katex-html *')].flatMap((element) => {
      const { fontFamily, fontWeight, fontStyle } = getComputedStyle(element);
      const family = /KaTeX_\\w+/.exec(fontFamily)?.[0];
      if (family === undefined || element.childNodes.length === 0) return [];
      const faces = [...document.fonts].filter((font) => font.family === family);
      const fits = faces.some((font) => font.weight.replace('normal', '400').replace('bold', '700') === fontWeight && font.style === fontStyle);
      return fits ? [] : [family + ' ' + fontWeight + ' ' + fontStyle + ': ' + element.textContent];
    })`;
    const found = (await file.page.evaluate(missing)) as string[];
    /** Faces that KaTeX itself does not have. */
    expect(
      found.filter((face) => !/^KaTeX_(?:Size\d|AMS|SansSerif) 700|Typewriter 700|SansSerif 700 italic/.test(face)),
    ).toEqual([]);
    await picture(file.page, 'export-formulas');
  });

  test('WX7 printed, nothing scrolls and the colours are those of paper', async () => {
    await using file = await opened(SAMPLE, { colorScheme: 'dark' });
    await file.page.emulateMedia({ media: 'print' });
    expect(await file.page.evaluate('getComputedStyle(document.body).color')).toBe('rgb(34, 48, 44)');
    expect((await file.page.pdf()).length).toBeGreaterThan(10_000);
    await picture(file.page, 'export-print');
  });
});

test('WX9 the menu of a worksheet downloads it, and the file opens', async () => {
  await using carrel = await startCarrel();
  await using person = await visitor(browser, carrel);
  const id = await worksheetOf(carrel, SAMPLE.cells, 'Tides');
  await open(person.page, carrel, id);
  await person.page.locator('.toolbar summary').click();
  const coming = person.page.waitForEvent('download');
  await person.page.getByText('Download .html').click();
  const download = await coming;
  expect(download.suggestedFilename()).toBe('Tides.html');
  const file = join(folder, 'downloaded.html');
  await download.saveAs(file);
  await person.page.goto(pathToFileURL(file).href);
  expect(await person.page.locator('h1').innerText()).toBe('Tides');
});
