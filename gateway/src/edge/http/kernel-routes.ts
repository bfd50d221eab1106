/** `/api/kernels`: start, list, interrupt, restart and end a person's kernels. */
import type { Principal } from '../../auth/principal.ts';
import { CarrelError } from '../../base/errors.ts';
import { isKernelId, type KernelId } from '../../base/ids.ts';
import { startKernelBody } from '../../wire/rest.ts';
import type { EdgeDeps } from '../gateway-edge.ts';
import { kernelEnvironment } from '../jupyter/kernel-environment.ts';
import { readBody } from './body.ts';
import { type PersonVisit, parameter, type Routes } from './routes.ts';

export function addKernelRoutes(routes: Routes, deps: EdgeDeps): void {
  const { kernels } = deps;

  routes.person('get', '/api/kernels', ({ principal, response }) => {
    response.json(kernels.list(principal.user));
  });

  routes.person('post', '/api/kernels', async ({ principal, facts, request, response }) => {
    const body = await readBody(request, response, startKernelBody);
    const choice = deps.specs.resolve(principal, body?.name);
    const env = kernelEnvironment(body?.env ?? {});
    const id = body?.kernel_id === undefined ? {} : { id: await chosenId(deps, body.kernel_id) };
    const model = await kernels.start({ owner: principal.user, ...choice, env, ...id });
    /** Servers in front give up after 42 s and would never ask for this kernel again. */
    if (request.socket.destroyed) return kernels.shutdown(principal.user, model.id);
    deps.grants.remember(facts, model.id, principal);
    response.status(201).location(`${deps.base}/api/kernels/${model.id}`).json(model);
  });

  /** The kernel of the path, for routes about one kernel; a client that has just proved who it is may open its socket. */
  const kernel = (visit: PersonVisit): KernelId => {
    const id = existing(deps, visit.principal, parameter(visit.request, 'id'));
    deps.grants.remember(visit.facts, id, visit.principal);
    return id;
  };

  routes.person('get', '/api/kernels/:id', (visit) => {
    visit.response.json(kernels.get(visit.principal.user, kernel(visit)));
  });

  routes.person('delete', '/api/kernels/:id', async (visit) => {
    await kernels.shutdown(visit.principal.user, existing(deps, visit.principal, parameter(visit.request, 'id')));
    visit.response.status(204).end();
  });

  routes.person('post', '/api/kernels/:id/interrupt', async (visit) => {
    await kernels.interrupt(visit.principal.user, kernel(visit));
    visit.response.status(204).end();
  });

  routes.person('post', '/api/kernels/:id/restart', async (visit) => {
    visit.response.json(await kernels.restart(visit.principal.user, kernel(visit)));
  });

  routes.person('get', '/api/kernels/:id/usage', (visit) => {
    visit.response.json(kernels.usage(visit.principal.user, kernel(visit)) ?? { memory: null, cpu: null });
  });

  routes.person('get', '/api/kernels/:id/channels', (visit) => {
    kernel(visit);
    throw new CarrelError('bad_request', 'Can "Upgrade" only to "WebSocket".');
  });
}

/** Throws jupyter_server's message for a kernel that is not there, or is somebody else's. */
function existing(deps: EdgeDeps, principal: Principal, id: string): KernelId {
  const found = isKernelId(id) && deps.kernels.find(principal.user, id) !== undefined;
  if (!found) throw new CarrelError('not_found', `Kernel does not exist: ${id.slice(0, 64)}`);
  return id;
}

/** A worksheet's kernel has the worksheet's id, which nobody may take for another one. */
async function chosenId(deps: EdgeDeps, id: string): Promise<KernelId> {
  if (!isKernelId(id))
    throw new CarrelError('bad_request', 'expected kernel_id to be five groups of word characters joined by "-"');
  if (await deps.library.has(id)) throw new CarrelError('conflict', `the kernel id ${id} is taken`);
  return id;
}
