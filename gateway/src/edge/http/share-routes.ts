/** With whom a worksheet is shared, and where its links lead. */
import type { Request } from 'express';
import { CarrelError } from '../../base/errors.ts';
import { shareBody } from '../../wire/sharing-rest.ts';
import type { EdgeDeps } from '../gateway-edge.ts';
import { readBody } from './body.ts';
import { type PersonVisit, parameter, type Routes } from './routes.ts';

export function addShareRoutes(routes: Routes, deps: EdgeDeps): void {
  const { sharing, base } = deps;
  const id = ({ request }: PersonVisit): string => parameter(request, 'id');

  routes.person('get', '/api/worksheets/:id/shares', async (visit) => {
    visit.response.json(await sharing.get(visit.principal, id(visit)));
  });

  routes.person('put', '/api/worksheets/:id/shares/:name', async (visit) => {
    const { role } = await readBody(visit.request, visit.response, shareBody);
    visit.response.json(await sharing.share(visit.principal, id(visit), parameter(visit.request, 'name'), role));
  });

  routes.person('delete', '/api/worksheets/:id/shares/:name', async (visit) => {
    await sharing.unshare(visit.principal, id(visit), parameter(visit.request, 'name'));
    visit.response.status(204).end();
  });

  routes.person('post', '/api/worksheets/:id/leave', async (visit) => {
    await sharing.leave(visit.principal, id(visit));
    visit.response.status(204).end();
  });

  routes.person('post', '/api/worksheets/:id/links', async (visit) => {
    const { role } = await readBody(visit.request, visit.response, shareBody);
    visit.response.status(201).json(await sharing.makeLink(visit.principal, id(visit), role));
  });

  routes.person('delete', '/api/worksheets/:id/links/:link', async (visit) => {
    await sharing.withdrawLink(visit.principal, id(visit), parameter(visit.request, 'link'));
    visit.response.status(204).end();
  });

  /** A browser's address: who is not signed in comes back to it after signing in. */
  routes.open('get', '/s/:key', async ({ request, response, facts }) => {
    response.set('Cache-Control', 'no-store');
    if (!isVisit(request)) throw new CarrelError('forbidden', 'a link to a worksheet is opened in a window of its own');
    const key = parameter(request, 'key');
    const session = await deps.authenticator.session(facts);
    if (session?.via.kind !== 'session')
      return response.redirect(302, `${base}/?next=${encodeURIComponent(`s/${encodeURIComponent(key)}`)}`);
    response.locals['principal'] = session;
    const found = await sharing.enter(session, key);
    response.redirect(302, found === undefined ? `${base}/?link=gone` : `${base}/worksheets/${found}`);
  });
}

/** Whether a person goes there: no frame, picture or guess of the browser what they may want next. Old browsers do not say. */
const isVisit = ({ headers }: Request): boolean =>
  (headers['sec-fetch-dest'] ?? 'document') === 'document' && headers['sec-purpose'] === undefined;
