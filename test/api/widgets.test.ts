/** Widgets over the real kernels: two pages of one worksheet, without a browser. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { savedModels, type WidgetEvent, type WidgetModel } from '../../gateway/src/wire/widget-models.ts';
import type { AllWidgets, WidgetCommand, WorksheetNotice } from '../../gateway/src/wire/worksheet-protocol.ts';
import { readDocument } from '../../gateway/src/worksheet/document/document.ts';
import { type Carrel, startCarrel } from '../support/carrel.ts';
import { newWorksheet, Page } from '../support/worksheets.ts';

let carrel: Carrel;
beforeAll(async () => {
  carrel = await startCarrel();
});
afterAll(() => carrel[Symbol.asyncDispose]());

const all = async (page: Page): Promise<readonly WidgetModel[]> => {
  const answer = await page.command({ do: 'widgets' });
  return answer.say === 'done' ? (answer.result as AllWidgets).models : [];
};
const named = async (page: Page, name: string): Promise<WidgetModel> => {
  const found = (await all(page)).find(({ state }) => state['_model_name'] === name);
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found;
};
const eventsOf = (page: Page): WidgetEvent[] =>
  page.notices.flatMap((notice) => (notice.say === 'widgets' ? notice.events : []));

/** Sends a message to a widget and waits until the kernel has dealt with it. */
async function tell(
  page: Page,
  model: string,
  message: WidgetCommand['message'],
  buffers: string[] = [],
): Promise<WorksheetNotice> {
  const id = randomUUID();
  page.provider.sendStateless(JSON.stringify({ do: 'widget', id, model, message, buffers }));
  const found = () => page.notices.find((notice) => 'id' in notice && notice.id === id);
  await page.until('the kernel to deal with it', () => found() !== undefined);
  return found() as WorksheetNotice;
}
const set = (page: Page, model: string, state: Record<string, unknown>) =>
  tell(page, model, { method: 'update', state, paths: [] });
const idle = (page: Page) => page.until('the kernel to be idle', () => page.status?.kernel === 'idle');
const ready = async (page: Page, text: string) => {
  await page.until(`"${text}"`, () => page.output().includes(text));
  await idle(page);
};

const PLOT = `
from ipywidgets import interact
import matplotlib.pyplot as plt
@interact(n=(1, 9))
def draw(n=3):
    plt.plot(range(n)); plt.title(f"n={n}"); plt.show()
    print("drawn", n)
`;

describe.each(['python3', 'ipykernel'])('with the kernel %s', (kernelspec) => {
  test('WW1 WW2 WW5 a slider of interact redraws the plot for every page', async () => {
    const { id } = await newWorksheet(carrel, { kernelspec });
    using page = await Page.open(carrel, id);
    using other = await Page.open(carrel, id);
    await page.run(PLOT);
    await page.until('the widget', () => JSON.stringify(page.cells).includes('widget-view+json'));
    await idle(page);
    const slider = await named(page, 'IntSliderModel');
    expect(slider.state['value']).toBe(3);
    const first = await named(other, 'OutputModel');
    expect(JSON.stringify(first.state['outputs'])).toContain('drawn 3');

    const before = eventsOf(other).length;
    expect((await set(page, slider.id, { value: 7 })).say).toBe('done');
    await other.until('the new plot', () => JSON.stringify(eventsOf(other).slice(before)).includes('drawn 7'));
    const second = await named(other, 'OutputModel');
    const [picture, text] = second.state['outputs'] as { data?: Record<string, string>; text?: string }[];
    expect(text?.text).toBe('drawn 7\n');
    expect(picture?.data?.['image/png']?.length).toBeGreaterThan(1000);
    expect(JSON.stringify(first.state)).not.toContain(picture?.data?.['image/png']);
    expect((await named(other, 'IntSliderModel')).state['value']).toBe(7);
    expect(page.output()).not.toContain('drawn');
  });

  test('WW7 what a handler prints goes to the cell that made the widget', async () => {
    const { id } = await newWorksheet(carrel, { kernelspec });
    using page = await Page.open(carrel, id);
    await page.run(`import ipywidgets as w
button = w.Button()
button.on_click(lambda _: print('clicked'))
print('ready')
button`);
    await ready(page, 'ready');
    const { id: button } = await named(page, 'ButtonModel');
    expect((await tell(page, button, { method: 'custom', content: { event: 'click' } })).say).toBe('done');
    await page.until('what it prints', () => page.output().includes('clicked'));
  });
});

test('WW8 WW15 after a SIGKILL of the gateway the kernel is asked for its widgets, and a cell within an Output widget goes on there', async () => {
  const { id } = await newWorksheet(carrel);
  using page = await Page.open(carrel, id);
  await page.run(`import ipywidgets as w, time
slider, out, late = w.IntSlider(value=4), w.Output(), w.Output()
display(w.VBox([slider, out]))
with out:
    for i in range(30):
        print('line', i, flush=True); time.sleep(0.2)
print('behind')`);
  const shown = async () =>
    JSON.stringify((await all(page)).find(({ state }) => String(state['outputs'] ?? '').length > 0)?.state['outputs']);
  await expect.poll(shown, { timeout: 30_000 }).toContain('line 3');
  await carrel.kill('gateway');
  await page.until('the end of the cell', () => page.output().includes('behind'), 60_000);
  expect(page.output()).not.toContain('line');
  await expect.poll(async () => (await all(page)).length, { timeout: 30_000 }).toBeGreaterThan(3);
  const slider = await named(page, 'IntSliderModel');
  expect(slider.state['value']).toBe(4);
  const lines = Array.from({ length: 30 }, (_, at) => `line ${at}\n`).join('');
  await expect
    .poll(shown, { timeout: 10_000 })
    .toBe(JSON.stringify([{ output_type: 'stream', name: 'stdout', text: lines }]));
  expect((await set(page, slider.id, { value: 5 })).say).toBe('done');
});

test('WW9 WW10 the state at rest is in the notebook file; it stays when the kernel is restarted, and messages are refused', async () => {
  const { id } = await newWorksheet(carrel);
  using page = await Page.open(carrel, id);
  await page.run(`import ipywidgets as w
unseen = w.Text(value='nowhere')
picture = w.Image(value=b'\\x00\\x01binary', format='png')
box = w.VBox([w.IntSlider(value=4), picture])
box`);
  await page.until('the widget', () => JSON.stringify(page.cells).includes('widget-view+json'));
  await idle(page);
  const slider = await named(page, 'IntSliderModel');
  await set(page, slider.id, { value: 8 });
  const saved = () => savedModels(readDocument(page.doc).metadata['widgets']);
  await page.until('the state', () => saved().get(slider.id)?.state['value'] === 8);
  const image = [...saved().values()].find(({ state }) => state['_model_name'] === 'ImageModel');
  expect(image?.buffers).toEqual([{ path: ['value'], data: Buffer.from('\0\x01binary').toString('base64') }]);
  expect([...saved().values()].map(({ state }) => state['_model_name'])).not.toContain('TextModel');
  expect(await page.command({ do: 'restart' })).toMatchObject({ say: 'done' });
  await page.until('the end of the widgets', () => eventsOf(page).some(({ is }) => is === 'gone'));
  expect(await set(page, slider.id, { value: 9 })).toMatchObject({ say: 'refused', message: /run its cell again/ });
  expect(saved().get(slider.id)?.state['value']).toBe(8);
});

test('WW4 a handler that reports progress in a loop costs few messages, and the last value arrives', async () => {
  const { id } = await newWorksheet(carrel);
  using page = await Page.open(carrel, id);
  await page.run(`import ipywidgets as w
bar = w.IntProgress(max=3000)
display(bar)
for i in range(3000): bar.value = i + 1
print('ready')`);
  await ready(page, 'ready');
  await expect.poll(async () => (await named(page, 'IntProgressModel')).state['value'], { timeout: 10_000 }).toBe(3000);
  expect(eventsOf(page).length).toBeLessThan(1000);
});
