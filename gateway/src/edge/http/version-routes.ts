/** `/api/worksheets/:id/versions`: the history of a worksheet. */
import { createVersionBody, patchVersionBody } from '../../wire/version-rest.ts';
import { attachment } from '../../worksheet/library/title.ts';
import type { EdgeDeps } from '../gateway-edge.ts';
import { readBody } from './body.ts';
import { type PersonVisit, parameter, type Routes } from './routes.ts';
import { downloadPolicy } from './security-headers.ts';

const LIST = '/api/worksheets/:id/versions';
const ONE = `${LIST}/:version`;

export function addVersionRoutes(routes: Routes, { history, base }: EdgeDeps): void {
  const id = ({ request }: PersonVisit): string => parameter(request, 'id');
  const version = ({ request }: PersonVisit): string => parameter(request, 'version');

  routes.person('get', LIST, async (visit) => {
    visit.response.json(await history.list(visit.principal, id(visit)));
  });

  routes.person('post', LIST, async (visit) => {
    const { name } = await readBody(visit.request, visit.response, createVersionBody);
    const made = await history.name(visit.principal, id(visit), name);
    visit.response
      .status(201)
      .location(`${base}/api/worksheets/${id(visit)}/versions/${made.id}`)
      .json(made);
  });

  routes.person('get', ONE, async (visit) => {
    visit.response.json(await history.get(visit.principal, id(visit), version(visit)));
  });

  routes.person('patch', ONE, async (visit) => {
    const { name } = await readBody(visit.request, visit.response, patchVersionBody);
    visit.response.json(await history.rename(visit.principal, id(visit), version(visit), name));
  });

  routes.person('delete', ONE, async (visit) => {
    await history.remove(visit.principal, id(visit), version(visit));
    visit.response.status(204).end();
  });

  /** Also of `present`. */
  routes.person('get', `${ONE}/cells`, async (visit) => {
    visit.response.json(await history.cells(visit.principal, id(visit), version(visit)));
  });

  routes.person('get', `${ONE}/notebook`, async (visit) => {
    const { title, text } = await history.file(visit.principal, id(visit), version(visit));
    downloadPolicy(visit.response)
      .type('application/x-ipynb+json')
      .set('Content-Disposition', attachment(title, 'ipynb'))
      .send(Buffer.from(text));
  });

  routes.person('post', `${ONE}/restore`, async (visit) => {
    visit.response.json(await history.restore(visit.principal, id(visit), version(visit)));
  });

  routes.person('post', `${ONE}/copy`, async (visit) => {
    const model = await history.copy(visit.principal, id(visit), version(visit));
    visit.response.status(201).location(`${base}/api/worksheets/${model.id}`).json(model);
  });
}
