/** What the worksheet's page makes a browser load before it can be worked with. */
import { figure } from '../support/figure.ts';
import type { Row } from '../support/row.ts';
import { pause, withCarrel } from '../support/stage.ts';
import { signedIn } from './browser.ts';
import { codeCell, makeWorksheet } from './notebook.ts';

export const weight: Row = {
  name: 'weight',
  suite: 'page',
  title: 'JavaScript sent for the worksheet’s page at first load, compressed',
  measure: (bench) =>
    withCarrel(bench, {}, async (carrel) => {
      const id = await makeWorksheet(carrel, 'Small', [codeCell('1+1')]);
      await using visitor = await signedIn(carrel, { frames: 'free' });
      const page = await visitor.context.newPage();
      const client = await visitor.context.newCDPSession(page);
      await client.send('Network.enable');
      await client.send('Network.setCacheDisabled', { cacheDisabled: true });
      /** What their headers took. */
      const scripts = new Map<string, number>();
      let bytes = 0;
      client.on('Network.responseReceived', ({ requestId, type, response }) => {
        if (type === 'Script') scripts.set(requestId, response.encodedDataLength);
      });
      client.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
        const headers = scripts.get(requestId);
        if (headers !== undefined) bytes += encodedDataLength - headers;
      });
      await page.goto(`${carrel.url}/worksheets/${id}`);
      await page.evaluate('clocks.readable');
      await pause(1000);
      const how =
        'bytes of all scripts as they were sent, without headers, until a second after the first cell can be read';
      const notes = [`${scripts.size} files`];
      const samples = [bytes / 1000];
      return {
        figures: [
          figure({ name: 'page.weight', title: weight.title, how, unit: 'kB', samples, targets: { max: 350 }, notes }),
        ],
      };
    }),
};
