/** All routes of a gateway, found in express's own tables and not in ours. */
import type { TestEdge } from './edge.ts';

interface Layer {
  readonly route?: { readonly path: string; readonly methods: Record<string, boolean> };
  readonly handle?: { readonly stack?: Layer[] };
}

/** `METHOD /path` of each. */
export function routesOf(edge: Pick<TestEdge, 'edge'>): string[] {
  const app = edge.edge.server.listeners('request')[0] as unknown as { router: { stack: Layer[] } };
  const walk = (layers: Layer[]): string[] =>
    layers.flatMap(({ route, handle }) => {
      if (route === undefined) return walk(handle?.stack ?? []);
      const methods = Object.keys(route.methods).filter((method) => method !== '_all');
      return methods.map((method) => `${method.toUpperCase()} ${route.path}`);
    });
  return walk(app.router.stack);
}

/** The route with something in the place of its parameters. */
export const concrete = (path: string): string =>
  path
    .replace(':id', '00000000-0000-4000-8000-000000000000')
    .replace(':name', 'python3')
    .replace(/[:*]\w+/g, 'x');
