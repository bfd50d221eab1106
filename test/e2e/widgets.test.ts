/** Widgets in real browsers: two people drag one slider, what is saved, and what a hostile widget can do. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, FrameLocator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ensureWebPages } from '../../setup/web-pages.ts';
import { type Carrel, startCarrel } from '../support/carrel.ts';
import { rest } from '../support/jupyter.ts';
import { cell, code, open, picture, SOON, startBrowser, visitor, worksheetOf } from './worksheet-browser.ts';

let carrel: Carrel;
let browser: Browser;
beforeAll(async () => {
  await ensureWebPages();
  [carrel, browser] = await Promise.all([startCarrel(), startBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await carrel?.stop();
});

const widget = (page: Page, at = 0): FrameLocator => page.frameLocator('iframe.widget').nth(at);
const run = async (page: Page, at = 0) => {
  await cell(page, at).click({ position: { x: 5, y: 5 } });
  await page.keyboard.press('Control+Enter');
};

const PLOT = `from ipywidgets import interact
import matplotlib.pyplot as plt
@interact(n=(1, 9))
def draw(n=3):
    plt.figure(figsize=(5, 2)); plt.plot(range(n)); plt.title(f"n = {n}"); plt.show()
    print("drawn", n)`;

test('WW1 WW9 a slider that one person moves by the keyboard redraws the plot for both; it is there after a reload and without a kernel', async () => {
  const id = await worksheetOf(carrel, [code(PLOT)]);
  await using one = await visitor(browser, carrel);
  await using two = await visitor(browser, carrel);
  await open(one.page, carrel, id);
  await open(two.page, carrel, id);
  await run(one.page);
  const text = (page: Page) => widget(page).locator('pre.stdout').innerText();
  const image = (page: Page) => widget(page).locator('.outputs > img').getAttribute('src');
  for (const { page } of [one, two]) await expect.poll(() => text(page), SOON).toBe('drawn 3\n');
  const before = await image(two.page);

  await picture(one.page, 'widgets-interact');

  const handle = widget(one.page).locator('[role=slider]');
  await handle.focus();
  for (const key of ['ArrowRight', 'ArrowRight', 'ArrowRight']) await one.page.keyboard.press(key);
  for (const { page } of [one, two]) await expect.poll(() => text(page), SOON).toBe('drawn 6\n');
  expect(await image(two.page)).not.toBe(before);
  expect(await image(two.page)).toBe(await image(one.page));
  expect(await widget(two.page).locator('[role=slider]').getAttribute('aria-valuenow')).toBe('6.0');

  await two.page.reload();
  await expect.poll(() => text(two.page), SOON).toBe('drawn 6\n');
  await widget(two.page).locator('[role=slider]').focus();
  await two.page.keyboard.press('ArrowLeft');
  for (const { page } of [one, two]) await expect.poll(() => text(page), SOON).toBe('drawn 5\n');

  /** A cell that is moved takes its frame along, which browsers load again then. */
  await one.page.evaluate(`const frame = document.querySelector('iframe.widget'); frame.parentNode.prepend(frame)`);
  await expect.poll(() => text(one.page), SOON).toBe('drawn 5\n');

  const stopped = await rest(carrel, 'DELETE', `/api/kernels/${id}`);
  expect(stopped.status).toBe(204);
  await expect
    .poll(() => cell(one.page, 0).locator('.widget-note:visible').innerText(), SOON)
    .toMatch(/as it was last/);
  expect(await text(one.page)).toBe('drawn 5\n');
  await two.page.reload();
  await expect.poll(() => text(two.page), SOON).toBe('drawn 5\n');
  await expect
    .poll(() => cell(two.page, 0).locator('.widget-note:visible').innerText(), SOON)
    .toMatch(/as it was last/);
  await picture(two.page, 'widgets-saved');
  const file = (await rest(carrel, 'GET', `/api/worksheets/${id}/notebook`)).text;
  expect(file).toContain('application/vnd.jupyter.widget-state+json');
  expect([...one.problems, ...two.problems]).toEqual([]);
});

const GALLERY = `import ipywidgets as w, base64
from IPython.display import display, HTML
png = base64.b64decode('iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAFklEQVR4nGP8z8Dwn4GBgYGJAQoAHxcCAk+Uzr4AAAAASUVORK5CYII=')
a, b = w.IntSlider(description='a'), w.IntSlider(description='b')
link = w.jslink((a, 'value'), (b, 'value'))
play = w.Play(value=1, max=5, interval=50); shown = w.IntText(description='played'); w.jslink((play, 'value'), (shown, 'value'))
out = w.Output()
with out:
    print('printed'); display(HTML('<b>bold</b>')); display(w.Button(description='inner'))
    1/0
button = w.Button(description='count', icon='check', button_style='success')
upload = w.FileUpload(description='upload')
seen = w.Label('nothing')
clicks = 0
def clicked(_):
    global clicks
    clicks += 1
    print('clicked', clicks)
button.on_click(clicked)
upload.observe(lambda change: setattr(seen, 'value', f"{upload.value[0]['name']}: {bytes(upload.value[0]['content']).decode()}"), 'value')
display(w.VBox([
  w.HBox([a, b]), w.HBox([play, shown]), w.HBox([button, upload, seen]),
  w.Tab([w.VBox([w.Text(description='text'), w.Dropdown(options=['one', 'two'], description='choice'), w.Checkbox(description='check')]), w.Image(value=png, width=40)], titles=['First', 'Second']),
  w.Accordion([w.HTMLMath(r'formula $\\frac{1}{2}$ and <i>text</i>')], titles=['Formula'], selected_index=0),
  w.HBox([w.FloatProgress(value=4, max=10), w.ToggleButtons(options=['x', 'y']), w.ColorPicker(value='#1f6b54', concise=True), w.DatePicker()]),
  out]))`;

test('WW1 WW5 WW7 links, play, binary values, uploads, tabs, formulas and nested outputs work', async () => {
  const id = await worksheetOf(carrel, [code(GALLERY)]);
  await using one = await visitor(browser, carrel, { viewport: { width: 1100, height: 1250 } });
  const { page } = one;
  await open(page, carrel, id);
  await run(page);
  const inside = widget(page);
  await expect.poll(() => inside.locator('pre.error').count(), SOON).toBe(1);
  await inside.getByRole('slider').first().focus();
  await page.keyboard.press('ArrowRight');
  await expect.poll(() => inside.getByRole('slider').nth(1).getAttribute('aria-valuenow'), SOON).toBe('1.0');
  await inside.locator('.widget-play button').first().click();
  await expect.poll(() => inside.locator('input[type=number]').first().inputValue(), SOON).toBe('5');
  await inside.getByRole('button', { name: 'count' }).click();
  await expect.poll(() => cell(page, 0).locator('.outputs pre.stdout').innerText(), SOON).toBe('clicked 1\n');
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    inside.getByRole('button', { name: /upload/ }).click(),
  ]);
  await chooser.setFiles({ name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('sent up') });
  await expect.poll(() => inside.locator('.widget-label', { hasText: 'sent up' }).count(), SOON).toBe(1);
  expect(await inside.locator('math').count()).toBe(1);
  expect(await inside.getByRole('button', { name: 'inner' }).count()).toBe(1);
  await picture(page, 'widgets-gallery');
  await inside.getByText('Second').click();
  await expect
    .poll(() => inside.locator('.widget-image').evaluate((image) => Reflect.get(image, 'naturalWidth')), SOON)
    .toBe(2);
  await page.emulateMedia({ colorScheme: 'dark' });
  await picture(page, 'widgets-gallery-dark');
  expect(one.problems).toEqual([]);
});

/** A widget as a notebook file keeps it, with this markup. */
const savedHtml = (value: string) => {
  const version = { _model_module: '@jupyter-widgets/controls', _model_module_version: '2.0.0' };
  const view = { _view_module: '@jupyter-widgets/controls', _view_module_version: '2.0.0', _view_name: 'HTMLView' };
  const state = { ...version, ...view, _model_name: 'HTMLModel', value };
  const model = { model_name: 'HTMLModel', model_module: version._model_module, model_module_version: '2.0.0', state };
  return {
    'application/vnd.jupyter.widget-state+json': { version_major: 2, version_minor: 0, state: { evil: model } },
  };
};
const shows = (model_id: string) => ({
  output_type: 'display_data',
  metadata: {},
  data: {
    'application/vnd.jupyter.widget-view+json': { version_major: 2, version_minor: 0, model_id },
    'text/plain': 'Evil()',
  },
});

test('WW12 a hostile widget runs nothing in the origin of the application, sends no request and leads nowhere', async () => {
  const reached: string[] = [];
  const outside = createServer((request, response) => {
    reached.push(request.url ?? '');
    response.end();
  });
  await new Promise<void>((done) => outside.listen(0, '127.0.0.1', done));
  const away = `http://127.0.0.1:${(outside.address() as AddressInfo).port}`;
  const strike = `document.body.dataset.ran = 'yes'; try { parent.document.struck = 1 } catch {} try { top.location = '${away}/top' } catch {} fetch('${away}/fetch').catch(() => {}); new Image().src = '${away}/image'; window.open('${away}/popup'); parent.postMessage({ carrelMessage: { id: '6f1c4a3e-0000-4000-8000-0123456789ab', model: 'other', buffers: [], message: { method: 'custom', content: 1 } } }, '*'); parent.postMessage({ carrelHeight: 1e9 }, '*')`;
  const value = `<p>shown</p><img src="${away}/img" onerror="${strike.replaceAll('"', '&quot;')}"><img src="x" onerror="${strike.replaceAll('"', '&quot;')}"><link rel="stylesheet" href="${away}/style"><iframe src="${away}/frame"></iframe><form action="${away}/form"><button id="b">x</button></form><svg onload="${strike}"></svg>`;
  const notebook = {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: { widgets: savedHtml(value) },
    cells: [{ ...code('', [shows('evil')]), id: 'a' }],
  };
  const made = await rest(carrel, 'POST', '/api/worksheets', { title: 'Hostile', notebook });
  await using one = await visitor(browser, carrel);
  const { page } = one;
  await open(page, carrel, made.json.id);
  await expect.poll(() => widget(page).locator('p').innerText(), SOON).toBe('shown');
  await expect.poll(() => widget(page).locator('body').getAttribute('data-ran'), SOON).toBe('yes');
  await widget(page).locator('#b').click({ noWaitAfter: true });
  await widget(page).locator('body').evaluate(`setTimeout(() => { location = '${away}/self' })`);
  /** Time for requests to arrive. */
  await page.waitForTimeout(700);
  expect(reached).toEqual([]);
  expect(await page.evaluate('document.struck')).toBeUndefined();
  expect(page.url()).toBe(`${carrel.url}/worksheets/${made.json.id}`);
  expect(page.context().pages()).toHaveLength(1);
  expect((await page.locator('iframe.widget').boundingBox())?.height).toBeLessThanOrEqual(4000);
  outside.close();
});

test('WW10 WW14 what cannot be drawn is shown as text and says why', async () => {
  const foreign = savedHtml('');
  const [states] = Object.values(foreign);
  Object.assign(states?.state.evil ?? {}, { model_module: 'jupyterlab-plotly', model_name: 'FigureModel' });
  const notebook = {
    nbformat: 4,
    nbformat_minor: 4,
    metadata: { widgets: foreign },
    cells: [code('', [shows('evil'), shows('unsaved')])],
  };
  const made = await rest(carrel, 'POST', '/api/worksheets', { title: 'Foreign', notebook });
  await using one = await visitor(browser, carrel);
  await open(one.page, carrel, made.json.id);
  const notes = one.page.locator('.widget-note:visible');
  await expect
    .poll(() => notes.allInnerTexts(), SOON)
    .toEqual([expect.stringContaining('jupyterlab-plotly'), expect.stringContaining('was not saved')]);
  expect(await one.page.locator('.outputs pre').allInnerTexts()).toEqual(['Evil()', 'Evil()']);
  expect(await one.page.locator('iframe').count()).toBe(0);
});

test('WW1 WW11 a change while a cell runs says that it waits, and takes effect behind the cell; only the last of many is run', async () => {
  const first = `import ipywidgets as w
slider = w.IntSlider(value=1); label = w.Label('none'); seen = []
def changed(change):
    seen.append(change.new); label.value = f'now {change.new}'
slider.observe(changed, 'value')
display(w.HBox([slider, label]))`;
  const id = await worksheetOf(carrel, [
    code(first),
    code('import time; time.sleep(4); print("slept")'),
    code('print(seen)'),
  ]);
  await using one = await visitor(browser, carrel);
  const { page } = one;
  await open(page, carrel, id);
  await run(page);
  const handle = widget(page).locator('[role=slider]');
  await handle.waitFor();
  await run(page, 1);
  await expect.poll(() => cell(page, 1).getAttribute('data-run'), SOON).toBe('running');
  await handle.focus();
  for (let times = 0; times < 8; times += 1) await page.keyboard.press('ArrowRight');
  await expect
    .poll(() => cell(page, 0).locator('.widget-note:visible').allInnerTexts(), SOON)
    .toEqual([expect.stringContaining('at work')]);
  await picture(page, 'widgets-waits');
  await expect.poll(() => widget(page).locator('.widget-label').last().innerText(), SOON).toBe('now 9');
  expect(await cell(page, 0).locator('.widget-note:visible').count()).toBe(0);
  await run(page, 2);
  await expect.poll(() => cell(page, 2).locator('.outputs').innerText(), SOON).toMatch(/^\[2, 9\]/);
});
