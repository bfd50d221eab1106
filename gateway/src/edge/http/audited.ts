/**
 * What of the REST routes is recorded in the audit log: one table, from a route to the entries that its success makes. A route that
 * changes something and is not here has to be in the list of `guard-audit.test.ts` with its reason.
 */
import type { Request, Response } from 'express';
import type { AuditDetails, AuditEntry, AuditEventName } from '../../base/audit.ts';
import type { UserId } from '../../base/ids.ts';

/** What a route has answered, as far as it is known here. */
interface Answer {
  readonly id?: unknown;
  readonly person?: { readonly id?: unknown };
  readonly failed?: readonly { readonly id: string }[];
}

export interface Audited {
  readonly request: Request;
  readonly response: Response;
  readonly answer: Answer;
  /** The id of a person by the name in the route's path. */
  readonly personNamed: (name: string) => Promise<UserId | undefined>;
}

type Entry = Pick<AuditEntry, 'event' | 'subject' | 'details'>;
type Describe = (audited: Audited) => Entry[] | Promise<Entry[]>;

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const param = ({ request }: Audited, name: string): string => text(request.params[name]);
const body = ({ request }: Audited): Record<string, unknown> =>
  typeof request.body === 'object' && request.body !== null ? (request.body as Record<string, unknown>) : {};

/** The entry of a route about one thing, named in its path. */
const about =
  (kind: string, event: AuditEventName, details?: (audited: Audited) => AuditDetails): Describe =>
  (audited) => [{ event, subject: `${kind}:${param(audited, 'id')}`, details: details?.(audited) }];

/** The entry of a route that has made something. */
const made =
  (kind: string, event: AuditEventName, details?: (audited: Audited) => AuditDetails): Describe =>
  (audited) => [{ event, subject: `${kind}:${text(audited.answer.id)}`, details: details?.(audited) }];

const exported = (as: string): Describe => about('worksheet', 'worksheet.exported', () => ({ as }));
const role = (audited: Audited): AuditDetails => ({ role: text(body(audited)['role']) });

/** Who has it now, or has it no longer. */
const withPerson =
  (event: AuditEventName, details: (audited: Audited) => AuditDetails): Describe =>
  async (audited) => {
    const person = await audited.personNamed(param(audited, 'name'));
    const subject = `worksheet:${param(audited, 'id')}`;
    return [{ event, subject, details: { ...details(audited), person: person ?? '' } }];
  };

const changedPerson: Describe = (audited) => {
  const { disabled, role: given } = body(audited);
  const subject = `person:${param(audited, 'id')}`;
  return [
    ...(given === undefined ? [] : [{ event: 'person.role-changed' as const, subject, details: role(audited) }]),
    ...(disabled === undefined ? [] : [{ event: enabledOr(disabled), subject }]),
  ];
};

const enabledOr = (disabled: unknown): AuditEventName => (disabled === true ? 'person.disabled' : 'person.enabled');

/** One entry for each that it was done to. */
const each =
  (field: string, kind: string, event: (audited: Audited) => AuditEventName): Describe =>
  (audited) => {
    const failed = new Set(audited.answer.failed?.map(({ id }) => id));
    const ids = body(audited)[field];
    const done = new Set(Array.isArray(ids) ? ids.map(text).filter((id) => !failed.has(id)) : []);
    return [...done].map((id) => ({ event: event(audited), subject: `${kind}:${id}` }));
  };

const looked =
  (at: string): Describe =>
  () => [{ event: 'admin.looked', details: { at } }];

const followedLink: Describe = ({ response }) => {
  const id = /\/worksheets\/([\w-]+)$/.exec(text(response.get('Location')))?.[1];
  return id === undefined ? [] : [{ event: 'worksheet.link-used', subject: `worksheet:${id}` }];
};

export const AUDITED: Readonly<Record<string, Describe>> = {
  'POST /api/signout': () => [{ event: 'person.signed-out' }],
  'DELETE /api/account/sessions': () => [{ event: 'person.sessions-ended', details: { which: 'all others' } }],
  'DELETE /api/account/sessions/:id': () => [{ event: 'person.sessions-ended', details: { which: 'one' } }],
  'POST /api/account/password': () => [{ event: 'person.password-changed' }],
  'POST /api/account/tokens': made('token', 'token.made', (audited) => ({ days: Number(body(audited)['days']) })),
  'DELETE /api/account/tokens/:id': about('token', 'token.revoked'),
  'GET /api/people': looked('people'),
  'POST /api/people': (audited) => [
    { event: 'person.invited', subject: `person:${text(audited.answer.person?.id)}`, details: role(audited) },
  ],
  'PATCH /api/people/:id': changedPerson,
  'POST /api/people/disable': each('people', 'person', (audited) => enabledOr(body(audited)['disabled'])),
  'POST /api/people/:id/link': about('person', 'person.link-made'),
  'DELETE /api/people/:id/link': about('person', 'person.link-withdrawn'),
  'GET /api/people/:id/export': about('person', 'person.exported'),
  'DELETE /api/people/:id': about('person', 'person.deleted'),
  'POST /api/worksheets': made('worksheet', 'worksheet.made'),
  'POST /api/worksheets/import': made('worksheet', 'worksheet.imported'),
  'POST /api/worksheets/:id/duplicate': made('worksheet', 'worksheet.copied', (audited) => ({
    from: param(audited, 'id'),
  })),
  'POST /api/worksheets/:id/versions/:version/copy': made('worksheet', 'worksheet.copied', (audited) => ({
    from: param(audited, 'id'),
  })),
  'PATCH /api/worksheets/:id': about('worksheet', 'worksheet.changed', (audited) => ({
    what: Object.keys(body(audited)).sort().join(', '),
  })),
  'DELETE /api/worksheets/:id': (audited) => [
    {
      event: audited.response.locals['removed'] === true ? 'worksheet.removed' : 'worksheet.trashed',
      subject: `worksheet:${param(audited, 'id')}`,
    },
  ],
  'POST /api/worksheets/:id/restore': about('worksheet', 'worksheet.untrashed'),
  'GET /api/worksheets/:id/notebook': exported('ipynb'),
  'GET /api/worksheets/:id/python': exported('py'),
  'GET /api/worksheets/:id/html': exported('html'),
  'GET /api/worksheets/:id/versions/:version/notebook': exported('ipynb of a version'),
  'PUT /api/worksheets/:id/shares/:name': withPerson('worksheet.shared', role),
  'DELETE /api/worksheets/:id/shares/:name': withPerson('worksheet.unshared', () => ({})),
  'POST /api/worksheets/:id/leave': about('worksheet', 'worksheet.left'),
  'POST /api/worksheets/:id/links': about('worksheet', 'worksheet.link-made', (audited) => ({
    ...role(audited),
    link: text(audited.answer.id),
  })),
  'DELETE /api/worksheets/:id/links/:link': about('worksheet', 'worksheet.link-withdrawn', (audited) => ({
    link: param(audited, 'link'),
  })),
  'GET /s/:key': followedLink,
  'POST /api/worksheets/:id/versions/:version/restore': about('worksheet', 'worksheet.restored', (audited) => ({
    version: param(audited, 'version'),
  })),
  'DELETE /api/worksheets/:id/versions/:version': about('worksheet', 'worksheet.version-removed', (audited) => ({
    version: param(audited, 'version'),
  })),
  'GET /api/admin/sandboxes': looked('sandboxes'),
  'POST /api/admin/sandboxes/stop': each('sandboxes', 'sandbox', () => 'kernel.stopped-by-admin'),
  'GET /api/admin/audit': looked('audit log'),
  'GET /api/admin/audit/export': () => [{ event: 'audit.exported' }],
};
