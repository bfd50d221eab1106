/** `/api/worksheets`: a person's worksheets. Their documents are at the socket beside it. */
import { parseNotebook } from '../../wire/notebook.ts';
import { createWorksheetBody, patchWorksheetBody } from '../../wire/worksheet-rest.ts';
import { notebookOfFile } from '../../worksheet/files/import-file.ts';
import { attachment, titleOfFile } from '../../worksheet/library/title.ts';
import type { EdgeDeps } from '../gateway-edge.ts';
import { readBody, readBytes } from './body.ts';
import { type PersonVisit, parameter, type Routes } from './routes.ts';
import { downloadPolicy } from './security-headers.ts';

/** Bytes; a notebook with its pictures. */
const LARGEST_NOTEBOOK = 64 * 1024 * 1024;

/** What a worksheet can be taken out as: path, ending, media type. */
const FILES = [
  ['notebook', 'ipynb', 'application/x-ipynb+json'],
  ['python', 'py', 'text/x-python'],
] as const;

export function addWorksheetRoutes(routes: Routes, deps: EdgeDeps): void {
  const { library, base } = deps;
  const id = ({ request }: PersonVisit): string => parameter(request, 'id');

  routes.person('get', '/api/worksheets', async ({ principal, facts, response }) => {
    response.json(await library.list(principal, facts.query.get('trashed') === '1'));
  });

  routes.person('post', '/api/worksheets', async ({ principal, request, response }) => {
    const body = await readBody(request, response, createWorksheetBody, LARGEST_NOTEBOOK);
    const notebook = body?.notebook && parseNotebook(JSON.stringify(body.notebook));
    const model = await library.create(principal, { title: body?.title, kernelspec: body?.kernelspec, notebook });
    response.status(201).location(`${base}/api/worksheets/${model.id}`).json(model);
  });

  /** The body is the .ipynb or .sws file as it is; `?title=` its name. */
  routes.person('post', '/api/worksheets/import', async ({ principal, facts, request, response }) => {
    const notebook = notebookOfFile(await readBytes(request, response, LARGEST_NOTEBOOK));
    const title = titleOfFile(facts.query.get('title') ?? '') || undefined;
    const model = await library.create(principal, { title, notebook });
    response.status(201).location(`${base}/api/worksheets/${model.id}`).json(model);
  });

  routes.person('get', '/api/worksheets/:id', async (visit) => {
    visit.response.json(await library.get(visit.principal, id(visit)));
  });

  routes.person('patch', '/api/worksheets/:id', async (visit) => {
    const { title, kernelspec } = await readBody(visit.request, visit.response, patchWorksheetBody);
    if (title !== undefined) await library.rename(visit.principal, id(visit), title);
    if (kernelspec !== undefined) await library.changeKernel(visit.principal, id(visit), kernelspec);
    visit.response.json(await library.get(visit.principal, id(visit)));
  });

  routes.person('delete', '/api/worksheets/:id', async (visit) => {
    visit.response.locals['removed'] = (await library.remove(visit.principal, id(visit))) === 'removed';
    visit.response.status(204).end();
  });

  routes.person('post', '/api/worksheets/:id/restore', async (visit) => {
    visit.response.json(await library.restore(visit.principal, id(visit)));
  });

  routes.person('post', '/api/worksheets/:id/duplicate', async (visit) => {
    const model = await library.duplicate(visit.principal, id(visit));
    visit.response.status(201).location(`${base}/api/worksheets/${model.id}`).json(model);
  });

  for (const [path, ending, type] of FILES)
    routes.person('get', `/api/worksheets/:id/${path}`, async (visit) => {
      const { title, text } = await library.file(visit.principal, id(visit), ending);
      downloadPolicy(visit.response)
        .type(type)
        .set('Content-Disposition', attachment(title, ending))
        .send(Buffer.from(text));
    });

  routes.person('get', '/api/worksheets/:id/html', async (visit) => {
    const language = visit.request.acceptsLanguages('en', 'de') === 'de' ? 'de' : 'en';
    const { title, file } = await library.html(visit.principal, id(visit), language);
    downloadPolicy(visit.response)
      .type('html')
      .set('Content-Disposition', attachment(title, 'html'))
      .send(Buffer.from(file.buffer, file.byteOffset, file.byteLength));
  });
}
