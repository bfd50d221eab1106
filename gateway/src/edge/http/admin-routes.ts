/** `/api/admin`: what administrators see of the running installation, and what they end. Everybody else is refused. */
import { mayAdminister } from '../../auth/permissions.ts';
import { CarrelError } from '../../base/errors.ts';
import { stopSandboxesBody } from '../../wire/admin-rest.ts';
import type { EdgeDeps } from '../gateway-edge.ts';
import { readBody } from './body.ts';
import type { Method, PersonVisit, Routes } from './routes.ts';

export function addAdminRoutes(routes: Routes, deps: EdgeDeps): void {
  const { operations } = deps;
  const admin = (method: Method, path: string, handle: (visit: PersonVisit) => Promise<void>) =>
    routes.person(method, path, (visit) => {
      if (!mayAdminister(visit.principal))
        throw new CarrelError('forbidden', 'only administrators see how this Carrel runs');
      return handle(visit);
    });

  admin('get', '/api/admin/sandboxes', async ({ principal, response }) => {
    response.json(await operations.sandboxes(principal.user));
  });

  admin('post', '/api/admin/sandboxes/stop', async ({ principal, request, response }) => {
    const { sandboxes } = await readBody(request, response, stopSandboxesBody);
    const stopped = await operations.stop(sandboxes);
    deps.logger.info({ user: principal.name, asked: sandboxes.length, ...stopped }, 'sandboxes stopped');
    response.json(stopped);
  });

  admin('get', '/api/admin/pools', async ({ response }) => {
    response.json(await operations.pools());
  });

  admin('get', '/api/admin/policies', async ({ response }) => {
    response.json(operations.policies);
  });

  admin('get', '/api/admin/health', async ({ response }) => {
    response.json(await operations.health());
  });
}
