/** `/api/admin/audit`: the audit log with filters, whether its chain holds, and all of it as JSON lines. For administrators. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { mayAdminister } from '../../auth/permissions.ts';
import { isAuditEvent } from '../../base/audit.ts';
import { CarrelError } from '../../base/errors.ts';
import type { EdgeDeps } from '../gateway-edge.ts';
import type { PersonVisit, Routes } from './routes.ts';
import { downloadPolicy } from './security-headers.ts';

const PAGE = 100;
const LARGEST_PAGE = 1000;

export function addAuditRoutes(routes: Routes, { auditReader }: EdgeDeps): void {
  const admin = (path: string, handle: (visit: PersonVisit) => Promise<void>) =>
    routes.person('get', path, (visit) => {
      if (!mayAdminister(visit.principal)) throw new CarrelError('forbidden', 'only administrators read the audit log');
      return handle(visit);
    });

  /** `?event=`, `person=` (a name or an id), `subject=`, `from=` and `until=` (dates), `before=` (a number), `limit=`. */
  admin('/api/admin/audit', async ({ facts: { query }, response }) => {
    const field = (name: string): string | undefined => query.get(name) || undefined;
    const event = field('event');
    if (event !== undefined && !isAuditEvent(event))
      throw new CarrelError('bad_request', `there is no event ${JSON.stringify(event.slice(0, 64))} in the audit log`);
    const [from, until] = [time(field('from'), 'from'), time(field('until'), 'until')];
    const limit = Math.min(whole(field('limit'), 'limit') ?? PAGE, LARGEST_PAGE);
    const chosen = { event, person: field('person'), subject: field('subject') };
    response.json(await auditReader.page({ ...chosen, from, until, before: whole(field('before'), 'before'), limit }));
  });

  admin('/api/admin/audit/check', async ({ response }) => {
    response.json(await auditReader.check());
  });

  admin('/api/admin/audit/export', async ({ response }) => {
    downloadPolicy(response).type('application/jsonl').set('Content-Disposition', 'attachment; filename="audit.jsonl"');
    await pipeline(Readable.from(auditReader.lines()), response);
  });
}

function time(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined;
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new CarrelError('bad_request', `expected ${name} to be a date such as 2026-01-31`);
  return ms;
}

function whole(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new CarrelError('bad_request', `expected ${name} to be a number from 1 on`);
  return Number(text);
}
