/** Shift-Enter in a warm worksheet until its output is painted. */
import { figure } from '../support/figure.ts';
import type { Row } from '../support/row.ts';
import { withCarrel } from '../support/stage.ts';
import { signedIn } from './browser.ts';
import { codeCell, makeWorksheet } from './notebook.ts';

export const run: Row = {
  name: 'shift-enter',
  suite: 'page',
  title: 'Shift-Enter on `1+1` to the output painted, warm',
  measure: (bench) =>
    withCarrel(bench, {}, async (carrel) => {
      const count = bench.quick ? 10 : 100;
      const cells = Array.from({ length: count + 2 }, () => codeCell('1+1'));
      const id = await makeWorksheet(carrel, 'Warm', cells);
      await using visitor = await signedIn(carrel, { frames: 'free' });
      const { page } = visitor;
      await page.goto(`${carrel.url}/worksheets/${id}`);
      await page.evaluate('clocks.readable');
      await page.locator('.cell').first().focus();
      const times: number[] = [];
      for (let i = 0; i <= count; i += 1) {
        await page.evaluate(`void (clocks.armed = clocks.run(${i}, '2'))`);
        await page.keyboard.press('Shift+Enter');
        const ms = await page.evaluate<number>('clocks.armed');
        /** The first one opens the kernel. */
        if (i > 0) times.push(ms);
      }
      const how =
        'from the key’s event to the end of the frame that shows the output, cell after cell in one worksheet';
      const targets = { p50: 40, p95: 80 };
      return { figures: [figure({ name: 'page.run', title: run.title, how, unit: 'ms', samples: times, targets })] };
    }),
};
