/** An edit of one person until it is painted at another's, alone and with thirty people in the worksheet. */
import type { Page as BrowserPage } from 'playwright-core';
import type { Carrel } from '../../test/support/carrel.ts';
import { Page } from '../../test/support/worksheets.ts';
import { figure } from '../support/figure.ts';
import type { Row } from '../support/row.ts';
import { pause, withCarrel } from '../support/stage.ts';
import { signedIn } from './browser.ts';
import { codeCell, makeWorksheet } from './notebook.ts';

/** Two browsers; the others are clients of the shared document without a window. */
const PEOPLE = 30;
const EDIT_EVERY_MS = 80;
/** How often each of the others types meanwhile. */
const OTHERS_EVERY_MS = 3000;

export const people: Row = {
  name: 'people',
  suite: 'page',
  title: 'an edit of one person painted at the other’s',
  measure: (bench) =>
    withCarrel(bench, {}, async (carrel) => {
      const count = bench.quick ? 20 : 100;
      const id = await makeWorksheet(
        carrel,
        'Together',
        Array.from({ length: PEOPLE }, (_, i) => codeCell(`# ${i}`)),
      );
      await using writer = await signedIn(carrel, { frames: 'free' });
      await using reader = await signedInBeside(carrel);
      for (const { page } of [writer, reader]) {
        await page.goto(`${carrel.url}/worksheets/${id}`);
        await page.evaluate('clocks.readable');
      }
      const two = await edits(writer.page, reader.page, count);
      using others = await crowd(carrel, id);
      await pause(2000);
      const thirty = await edits(writer.page, reader.page, count);
      const how =
        'from the key’s event in one browser to the end of the frame that shows the letter in the other, both on this machine';
      return {
        figures: [
          figure({
            name: 'page.edit',
            title: `${people.title}, two people`,
            how,
            unit: 'ms',
            samples: two,
            targets: { p95: 50 },
          }),
          figure({
            name: 'page.thirty',
            title: `${people.title}, ${PEOPLE} people`,
            how: `the same with ${others.pages.length} further clients, each of which types a letter every ${OTHERS_EVERY_MS / 1000} s`,
            unit: 'ms',
            samples: thirty,
            targets: { p95: 50 },
          }),
        ],
      };
    }),
};

const signedInBeside = (carrel: Carrel) => signedIn(carrel, { frames: 'free' });

async function edits(writer: BrowserPage, reader: BrowserPage, count: number): Promise<number[]> {
  await writer.locator('.cell .source').first().click();
  await writer.locator('.cell .cm-content').first().waitFor();
  await writer.keyboard.press('End');
  const times: number[] = [];
  for (let i = 0; i < count; i += 1) {
    const letters = await reader.evaluate<number>('clocks.letters()');
    await writer.evaluate('void (clocks.armed = clocks.pressed())');
    await reader.evaluate(`void (clocks.armed = clocks.longer(${letters}))`);
    await writer.keyboard.press('abcdefghij'[i % 10] ?? 'a');
    const painted = await reader.evaluate<number>('clocks.armed');
    times.push(painted - (await writer.evaluate<number>('clocks.armed')));
    await pause(EDIT_EVERY_MS);
  }
  return times;
}

/** The others type into cells of their own. */
async function crowd(carrel: Carrel, id: string): Promise<{ readonly pages: readonly Page[] } & Disposable> {
  const pages: Page[] = [];
  const timers: NodeJS.Timeout[] = [];
  for (let i = 2; i < PEOPLE; i += 1) {
    const page = await Page.open(carrel, id);
    pages.push(page);
    let typed = '';
    timers.push(
      setInterval(() => {
        typed = typed.length > 40 ? '' : `${typed}x`;
        page.type(`# ${i} ${typed}`, i);
      }, OTHERS_EVERY_MS),
    );
  }
  return {
    pages,
    [Symbol.dispose]: () => {
      for (const timer of timers) clearInterval(timer);
      for (const page of pages) page.close();
    },
  };
}
