/** `/api/kernelspecs`, and the logos outside `/api` where Jupyter's clients look for them. */
import type { EdgeDeps } from '../gateway-edge.ts';
import { parameter, type Routes } from './routes.ts';

export function addKernelspecRoutes(routes: Routes, deps: EdgeDeps): void {
  const { specs, base } = deps;

  /** GatewayKernelSpecManager asks for one spec as `?user=NAME/SPEC` and expects the list: queries do not matter here. */
  routes.person('get', '/api/kernelspecs', ({ principal, response }) => {
    response.json(specs.list(principal, base));
  });

  routes.person('get', '/api/kernelspecs/:name', ({ principal, request, response }) => {
    response.json(specs.get(principal, parameter(request, 'name'), base));
  });

  routes.person('get', '/kernelspecs/:name/:file', ({ principal, request, response }) => {
    const { type, content } = specs.resource(principal, parameter(request, 'name'), parameter(request, 'file'));
    response.set('Cache-Control', 'private, max-age=3600').type(type).send(content);
  });
}
