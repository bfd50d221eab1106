/** A worksheet of 500 cells with 20 MB of outputs: how soon it can be read, typing in it, scrolling through it. */
import type { Page } from 'playwright-core';
import type { Carrel } from '../../test/support/carrel.ts';
import { figure } from '../support/figure.ts';
import type { Row } from '../support/row.ts';
import { pause, withCarrel } from '../support/stage.ts';
import { type BrowserOptions, signedIn } from './browser.ts';
import { makeLarge } from './notebook.ts';

/** What comes behind the first cell has come by then. */
const CALM_MS = 6000;
const KEYS = 200;
/** Between two keys: a fast typist. */
const KEY_EVERY_MS = 60;
/** Keys whose work is added up. */
const BLOCK = 10;
/** The wheel turns for so long, a notch at each frame of a display of 60 Hz. */
const SCROLL_MS = 6000;
const NOTCH = 60;

export const large: Row = {
  name: 'large',
  suite: 'page',
  title: '500 cells with 20 MB of outputs: open, type, scroll',
  measure: (bench) =>
    withCarrel(bench, {}, async (carrel) => {
      const id = await makeLarge(carrel);
      const opened = await openTimes(carrel, id, bench.quick ? 3 : 10);
      const keys = bench.quick ? 50 : KEYS;
      const typed = await typing(carrel, id, keys, 'free');
      const displayed = await typing(carrel, id, keys, 'display');
      const frames = await scrolling(carrel, id, bench.quick ? 2000 : SCROLL_MS);
      return {
        figures: [
          figure({
            name: 'page.open',
            title: 'open it: first cell readable',
            how: 'from the start of the navigation to the frame that shows the text of a cell; the browser has the scripts, the gateway does not have the worksheet open the first time',
            unit: 'ms',
            samples: opened,
            targets: { p95: 1000 },
          }),
          figure({
            name: 'page.key',
            title: 'keystroke to paint in it',
            how: `from the key's event to the end of the frame that shows the letter, a key every ${KEY_EVERY_MS} ms, frames not held back to a display's rate`,
            unit: 'ms',
            samples: typed.paints,
            targets: { p95: 16 },
          }),
          figure({
            name: 'page.key.work',
            title: 'the page’s own work for a keystroke in it',
            how: `processor time of the page's main thread (its tasks by the thread's own clock: scripts, styles, layout, painting), from one key to the next; the value is the mean of ${BLOCK} keys`,
            unit: 'ms',
            samples: typed.work,
          }),
          figure({
            name: 'page.key.display',
            title: 'keystroke to paint in it, display of 60 Hz',
            how: 'as above with a frame every 16.7 ms, for which a key waits between nothing and 16.7 ms',
            unit: 'ms',
            samples: displayed.paints,
          }),
          figure({
            name: 'page.scroll',
            title: 'scrolling through it: time between two frames',
            how: `the wheel turns ${NOTCH} pixels each frame for ${(bench.quick ? 2000 : SCROLL_MS) / 1000} s, display of 60 Hz`,
            unit: 'ms',
            samples: frames,
            targets: { p95: 18 },
            notes: [`${share(frames)} % of the frames in time`],
          }),
        ],
      };
    }),
};

const share = (frames: readonly number[]) => ((frames.filter((ms) => ms < 18).length / frames.length) * 100).toFixed(1);

async function openTimes(carrel: Carrel, id: string, count: number): Promise<number[]> {
  await using visitor = await signedIn(carrel, { frames: 'free' });
  const times: number[] = [];
  for (let i = 0; i <= count; i += 1) {
    const page = await visitor.context.newPage();
    await page.goto(`${carrel.url}/worksheets/${id}`, { waitUntil: 'commit' });
    const ms = await page.evaluate<number>('clocks.readable.then((at) => at - performance.timeOrigin)');
    /** The first one fills the browser's cache. */
    if (i > 0) times.push(ms);
    await page.close();
  }
  return times;
}

async function openIt(page: Page, carrel: Carrel, id: string): Promise<void> {
  await page.goto(`${carrel.url}/worksheets/${id}`);
  await page.evaluate('clocks.readable');
  await pause(CALM_MS);
}

interface Typed {
  readonly paints: readonly number[];
  readonly work: readonly number[];
}

async function typing(carrel: Carrel, id: string, keys: number, frames: BrowserOptions['frames']): Promise<Typed> {
  await using visitor = await signedIn(carrel, { frames });
  const { page, context } = visitor;
  await openIt(page, carrel, id);
  await page.locator('.cell .source').first().click();
  await page.locator('.cell .cm-content').first().waitFor();
  await pause(500);
  await page.evaluate('clocks.keys()');
  const inspector = await context.newCDPSession(page);
  /** Of other processes on the machine the thread's clock knows nothing. */
  await inspector.send('Performance.enable', { timeDomain: 'threadTicks' });
  const worked = async () => {
    const { metrics } = await inspector.send('Performance.getMetrics');
    const seconds = (name: string) => metrics.find((one) => one.name === name)?.value ?? 0;
    return (seconds('TaskDuration') - seconds('DevToolsCommandDuration')) * 1000;
  };
  const work: number[] = [];
  for (let done = 0; done < keys; done += BLOCK) {
    const before = await worked();
    for (let i = done; i < done + BLOCK; i += 1) {
      await page.keyboard.press('abcdefghijklmnop'[i % 16] ?? 'a');
      await pause(KEY_EVERY_MS);
    }
    work.push(((await worked()) - before) / BLOCK);
  }
  return { paints: await page.evaluate<number[]>('clocks.keyTimes'), work };
}

async function scrolling(carrel: Carrel, id: string, ms: number): Promise<number[]> {
  await using visitor = await signedIn(carrel, { frames: 'display' });
  const { page } = visitor;
  await openIt(page, carrel, id);
  return await page.evaluate<number[]>(`clocks.scroll(${ms}, ${NOTCH})`);
}
