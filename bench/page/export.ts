/** The large worksheet as an HTML file: how long it takes, and how long the gateway keeps others waiting meanwhile. */
import type { Carrel } from '../../test/support/carrel.ts';
import { figure } from '../support/figure.ts';
import type { Row } from '../support/row.ts';
import { pause, withCarrel } from '../support/stage.ts';
import { makeLarge } from './notebook.ts';

/** Milliseconds between two questions of somebody else. */
const EVERY = 5;

export const exported: Row = {
  name: 'export',
  suite: 'page',
  title: '500 cells with 20 MB of outputs as an HTML file',
  measure: (bench) =>
    withCarrel(bench, {}, async (carrel) => {
      const id = await makeLarge(carrel);
      const times: number[] = [];
      const waits: number[] = [];
      let bytes = 0;
      for (let round = 0; round < (bench.quick ? 2 : 10); round += 1) {
        const begun = performance.now();
        const file = get(carrel, `/api/worksheets/${id}/html`);
        const others = ask(carrel, file, waits);
        bytes = (await file).byteLength;
        times.push(performance.now() - begun);
        await others;
      }
      const notes = [`${(bytes / 1e6).toFixed(1)} MB`];
      const how = 'from the request to the last byte; the worksheet is not open, so it is read from the store';
      return {
        figures: [
          figure({ name: 'page.export', title: exported.title, how, unit: 'ms', samples: times, notes }),
          figure({
            name: 'page.export.others',
            title: 'answers to others while it is made',
            how: `GET /api, ${EVERY} ms after the answer before, from the request to the answer`,
            unit: 'ms',
            samples: waits,
          }),
        ],
      };
    }),
};

async function get({ url, token }: Carrel, path: string): Promise<ArrayBuffer> {
  const answer = await fetch(url + path, { headers: { Authorization: `token ${token}` } });
  if (answer.status !== 200) throw new Error(`GET ${path} answered ${answer.status}: ${await answer.text()}`);
  return answer.arrayBuffer();
}

async function ask(carrel: Carrel, until: Promise<unknown>, waits: number[]): Promise<void> {
  let ended = false;
  const end = until.finally(() => {
    ended = true;
  });
  while (!ended) {
    const begun = performance.now();
    await get(carrel, '/api');
    waits.push(performance.now() - begun);
    await pause(EVERY);
  }
  await end;
}
