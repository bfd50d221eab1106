/** From the button "New worksheet" to the first output painted. */
import { figure } from '../support/figure.ts';
import type { Row } from '../support/row.ts';
import { ask } from '../support/server.ts';
import { poolHolds, withCarrel } from '../support/stage.ts';
import { signedIn } from './browser.ts';

const POOL = { min: 4, max: 4, refillAt: 4 };

export const begin: Row = {
  name: 'begin',
  suite: 'page',
  title: '“New worksheet” to the first output painted, from the warm pool',
  measure: (bench) =>
    withCarrel(bench, { standard: { pool: POOL } }, async (carrel) => {
      await using visitor = await signedIn(carrel, { frames: 'free' });
      const { page } = visitor;
      const times: number[] = [];
      const count = bench.quick ? 3 : 15;
      for (let i = 0; i <= count; i += 1) {
        await poolHolds(carrel, 'standard', POOL.min);
        await page.goto(`${carrel.url}/`);
        const button = page.getByRole('button', { name: 'New worksheet' });
        /** It waits for the list of kernels. */
        await button.and(page.locator(':enabled')).waitFor();
        const clicked = await page.evaluate<number>(`clocks.click(document.querySelector('.new .main'))`);
        await page.waitForURL('**/worksheets/*', { waitUntil: 'commit' });
        await page.locator('.cell .source').first().click();
        await page.keyboard.type('1+1');
        await page.keyboard.press('Shift+Enter');
        const painted = await page.evaluate<number>(`clocks.shows(0, '2')`);
        if (i > 0) times.push(painted - clicked);
        const id = new URL(page.url()).pathname.split('/').at(-1);
        await ask(carrel, 'DELETE', `/api/worksheets/${id}`, 204);
      }
      const how =
        'from the click to the end of the frame that shows the output; a program types `1+1` and presses Shift-Enter as soon as the first cell takes the cursor';
      return {
        figures: [
          figure({ name: 'page.begin', title: begin.title, how, unit: 'ms', samples: times, targets: { p50: 400 } }),
        ],
      };
    }),
};
