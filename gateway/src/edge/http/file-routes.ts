/** `/api/worksheets/ID/files`: the files of a worksheet, with a sandbox and without one. */
import type { Request } from 'express';
import { CarrelError } from '../../base/errors.ts';
import { nameOfPath } from '../../wire/file-paths.ts';
import { attachmentOf } from '../../worksheet/library/title.ts';
import type { EdgeDeps } from '../gateway-edge.ts';
import { type PersonVisit, parameter, type Routes } from './routes.ts';
import { downloadPolicy } from './security-headers.ts';
import { sendContent } from './send-content.ts';

const FILE = '/api/worksheets/:id/files/*path';

type FileRouteDeps = Pick<EdgeDeps, 'files' | 'slow'> & { readonly access: Pick<EdgeDeps['access'], 'require'> };

export function addFileRoutes(routes: Pick<Routes, 'person'>, { access, files, slow }: FileRouteDeps): void {
  const worksheetOf = ({ principal, request }: PersonVisit, right: 'read' | 'edit') =>
    access.require(principal, parameter(request, 'id'), right);

  routes.person('get', '/api/worksheets/:id/files', async (visit) => {
    visit.response.json(await files.list(await worksheetOf(visit, 'read')));
  });

  routes.person('put', FILE, async (visit) => {
    const { request, response } = visit;
    const worksheet = await worksheetOf(visit, 'edit');
    if (worksheet.trashedAt !== null)
      throw new CarrelError('conflict', 'this worksheet is in the trash; restore it to upload files');
    request.setTimeout(slow.silent, () => request.destroy());
    await files.put(worksheet, pathOf(request), lengthOf(request), request, visit.principal.user);
    response.status(204).end();
  });

  /** Never shown by a browser as what its name or content says it is. */
  routes.person('get', FILE, async (visit) => {
    const { request, response } = visit;
    const path = pathOf(request);
    const worksheet = await worksheetOf(visit, 'read');
    const { size, content, done } = await files.read(worksheet, path, visit.principal.user);
    try {
      downloadPolicy(response)
        .type('application/octet-stream')
        .set('Content-Disposition', attachmentOf(nameOfPath(path)))
        .set('Content-Length', String(size));
      if (request.method === 'HEAD') response.end();
      else await sendContent(content, response, slow.silent);
    } catch {
      /** Whoever asked has left or does not read, or the disk failed in the middle: the length tells that something is missing. */
      response.destroy();
    } finally {
      content.destroy();
      await done();
    }
  });

  routes.person('delete', FILE, async (visit) => {
    await files.remove(await worksheetOf(visit, 'edit'), pathOf(visit.request));
    visit.response.status(204).end();
  });
}

function pathOf({ params }: Request): string {
  const parts: unknown = params['path'];
  return Array.isArray(parts) ? parts.join('/') : '';
}

/** Bytes. A body whose length nobody knows could not be refused before it is read. */
function lengthOf({ headers }: Request): number {
  const text = headers['content-length'];
  if (text !== undefined && /^\d{1,15}$/.test(text)) return Number(text);
  throw new CarrelError('bad_request', 'an upload needs a Content-Length');
}
