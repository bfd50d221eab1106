/** Which requests count as imports and exports: they read, unpack or write a whole notebook. */
import type { Request } from 'express';

const HEAVY: ReadonlySet<string> = new Set([
  'post /api/worksheets/import',
  'post /api/worksheets/:id/duplicate',
  'get /api/worksheets/:id/html',
  'get /api/worksheets/:id/python',
  'get /api/worksheets/:id/notebook',
  'get /api/worksheets/:id/versions/:version/notebook',
  'post /api/worksheets/:id/versions/:version/copy',
  'post /api/worksheets/:id/versions/:version/restore',
  'get /api/people/:id/export',
]);

/** Its body may bring a notebook, and a title and a kernelspec alone are no work. */
const CREATION = 'post /api/worksheets';

/** Bytes; a title and a kernelspec need less, a notebook of this size costs no more than other requests. */
const LIGHT = 16 * 1024;

/** `route`: the method and the path that it was added with. It is decided before the body is read, which is the most of the work. */
export const isHeavy = (route: string, request: Pick<Request, 'headers'>): boolean =>
  HEAVY.has(route) || (route === CREATION && !isLight(request));

/** A length that is not told, or that of compressed bytes, says nothing about what there will be to read. */
function isLight({ headers }: Pick<Request, 'headers'>): boolean {
  if (headers['transfer-encoding'] !== undefined || headers['content-encoding'] !== undefined) return false;
  return Number(headers['content-length'] ?? 0) <= LIGHT;
}
