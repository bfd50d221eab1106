/** `/api/people/ID/…`: a person's data, written out or deleted, by administrators. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { mayManagePeople } from '../../auth/permissions.ts';
import { CarrelError } from '../../base/errors.ts';
import { deletePersonBody } from '../../wire/privacy-rest.ts';
import { attachmentOf } from '../../worksheet/library/title.ts';
import type { EdgeDeps } from '../gateway-edge.ts';
import { readBody } from './body.ts';
import { type Method, type PersonVisit, parameter, type Routes } from './routes.ts';
import { downloadPolicy } from './security-headers.ts';

export function addPrivacyRoutes(routes: Routes, { privacy, people }: EdgeDeps): void {
  const admin = (method: Method, path: string, handle: (visit: PersonVisit) => Promise<void>) =>
    routes.person(method, path, (visit) => {
      if (!mayManagePeople(visit.principal))
        throw new CarrelError('forbidden', 'only administrators write out and delete what is kept of people');
      return handle(visit);
    });

  admin('get', '/api/people/:id/export', async ({ request, response }) => {
    const user = await people.get(parameter(request, 'id'));
    downloadPolicy(response)
      .type('application/x-tar')
      .set('Content-Disposition', attachmentOf(`${user.name}.tar`));
    await pipeline(Readable.from(privacy.export(user), { objectMode: false }), response);
  });

  admin('get', '/api/people/:id/removal', async ({ request, response }) => {
    response.json(await privacy.removal(await people.get(parameter(request, 'id'))));
  });

  admin('delete', '/api/people/:id', async ({ principal, request, response }) => {
    const user = await people.get(parameter(request, 'id'));
    const { name, give_to: heirName } = await readBody(request, response, deletePersonBody);
    if (user.id === principal.user)
      throw new CarrelError('conflict', 'you cannot delete yourself; another administrator can');
    if (name !== user.name)
      throw new CarrelError('bad_request', `expected the name of the person who is to be deleted, ${user.name}`);
    const heir = heirName === undefined ? undefined : await people.byName(heirName);
    if (heirName !== undefined && heir === undefined)
      throw new CarrelError('not_found', `there is nobody called ${JSON.stringify(heirName)}`);
    await privacy.remove(user, heir);
    response.status(204).end();
  });
}
