/** What a client asks first: the version, its person, how much is going on. */
import type { EdgeDeps } from '../gateway-edge.ts';
import type { Routes } from './routes.ts';

export function addServerRoutes(routes: Routes, deps: EdgeDeps): void {
  routes.open('get', '/api', ({ response }) => void response.json({ version: deps.version }));

  routes.person('get', '/api/status', ({ principal, response }) => {
    const kernels = deps.kernels.list(principal.user);
    const started = new Date(deps.started).toISOString();
    const last = [started, ...kernels.map((kernel) => kernel.last_activity)].sort().at(-1);
    const connections = kernels.reduce((sum, kernel) => sum + kernel.connections, 0);
    response.json({ started, last_activity: last, connections, kernels: kernels.length });
  });

  routes.person('get', '/api/me', ({ principal, response }) => {
    const { name, user } = principal;
    const initials = name.slice(0, 2).toUpperCase();
    const identity = { username: name, name, display_name: name, initials, avatar_url: null, color: null };
    response.json({ identity: { ...identity, id: user }, permissions: {} });
  });
}
