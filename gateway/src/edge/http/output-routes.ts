/** `/api/worksheets/:id/cells/:cell/output.txt`: all that a cell has printed, where its document keeps only a part of it. */
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { attachment } from '../../worksheet/library/title.ts';
import type { EdgeDeps } from '../gateway-edge.ts';
import { parameter, type Routes } from './routes.ts';
import { downloadPolicy } from './security-headers.ts';

export function addOutputRoutes(routes: Routes, { library, logger }: EdgeDeps): void {
  routes.person('get', '/api/worksheets/:id/cells/:cell/output.txt', async ({ principal, request, response }) => {
    const [id, cell] = [parameter(request, 'id'), parameter(request, 'cell')];
    const { path, bytes, title } = await library.fullOutput(principal, id, cell);
    downloadPolicy(response)
      .type('text/plain; charset=utf-8')
      .set('Content-Disposition', attachment(`${title} output`, 'txt'))
      .set('Content-Length', String(bytes));
    if (bytes === 0) {
      response.end();
      return;
    }
    /** It may grow meanwhile. A client that goes away, or a file that does, ends the answer. */
    await pipeline(createReadStream(path, { end: bytes - 1 }), response).catch((error: unknown) =>
      logger.debug({ err: error }, 'a full output was not sent to its end'),
    );
  });
}
