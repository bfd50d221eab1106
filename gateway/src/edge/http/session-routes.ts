/** `/api/sessions`. */
import { createSessionBody, patchSessionBody } from '../../wire/rest.ts';
import type { EdgeDeps } from '../gateway-edge.ts';
import { readBody } from './body.ts';
import { parameter, type Routes } from './routes.ts';

export function addSessionRoutes(routes: Routes, deps: EdgeDeps): void {
  const { sessions } = deps;

  routes.person('get', '/api/sessions', async ({ principal, response }) => {
    response.json(await sessions.list(principal.user));
  });

  routes.person('post', '/api/sessions', async ({ principal, request, response }) => {
    const wish = await readBody(request, response, createSessionBody);
    const model = await sessions.create(principal, wish);
    response.status(201).location(`${deps.base}/api/sessions/${model.id}`).json(model);
  });

  routes.person('get', '/api/sessions/:id', async ({ principal, request, response }) => {
    response.json(await sessions.get(principal.user, parameter(request, 'id')));
  });

  routes.person('patch', '/api/sessions/:id', async ({ principal, request, response }) => {
    const id = parameter(request, 'id');
    await sessions.get(principal.user, id);
    const change = (await readBody(request, response, patchSessionBody)) ?? {};
    response.json(await sessions.change(principal, id, change));
  });

  routes.person('delete', '/api/sessions/:id', async ({ principal, request, response }) => {
    await sessions.remove(principal.user, parameter(request, 'id'));
    response.status(204).end();
  });
}
