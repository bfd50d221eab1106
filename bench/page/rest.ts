/** What a worksheet costs the gateway while it is open in one browser and nobody does anything. */
import { Page } from '../../test/support/worksheets.ts';
import { figure } from '../support/figure.ts';
import { pss } from '../support/processes.ts';
import type { Row } from '../support/row.ts';
import { pause, withCarrel } from '../support/stage.ts';
import { codeCell, makeWorksheet } from './notebook.ts';

/** Fewer cost less than what a process takes by itself. */
const BASE = 50;
const MORE = 250;
/** What was left to be collected has been collected by then. */
const REST_MS = 20_000;
const CELLS = 20;

export const rest: Row = {
  name: 'rest',
  suite: 'page',
  title: 'memory of the gateway per open, idle worksheet with one browser',
  measure: (bench) =>
    withCarrel(bench, {}, async (carrel) => {
      const more = bench.quick ? 50 : MORE;
      const cells = Array.from({ length: CELLS }, (_, i) =>
        codeCell(`value_${i} = ${i}\nprint(value_${i})`, [stream(i)]),
      );
      const pages: Page[] = [];
      const open = async (count: number) => {
        for (let i = 0; i < count; i += 1)
          pages.push(await Page.open(carrel, await makeWorksheet(carrel, `${i}`, cells)));
        await pause(REST_MS);
        return await pss(await carrel.pid('gateway'));
      };
      try {
        const before = await open(BASE);
        const after = await open(more);
        const how = `growth of the gateway's proportional set size between ${BASE} and ${BASE + more} open worksheets of ${CELLS} cells, each with one client of the document, divided by their number`;
        const samples = [(after - before) / more / 1000];
        return {
          figures: [figure({ name: 'page.rest', title: rest.title, how, unit: 'kB', samples, targets: { max: 300 } })],
        };
      } finally {
        for (const page of pages) page.close();
      }
    }),
};

const stream = (index: number) => ({ output_type: 'stream', name: 'stdout', text: `${index}\n` });
