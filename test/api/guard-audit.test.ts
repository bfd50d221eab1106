/** The audit log over HTTP: what is recorded of whom, that its chain holds, that nobody changes it unseen. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AUDIT_EVENTS, type AuditLine, FIRST_PREVIOUS, flawOf } from '../../gateway/src/base/audit.ts';
import { AUDITED } from '../../gateway/src/edge/http/audited.ts';
import { openStore } from '../../gateway/src/store/store.ts';
import { checkAudit } from '../../gateway/src/telemetry/audit-check.ts';
import type { AuditLineModel } from '../../gateway/src/wire/audit-rest.ts';
import { ask, call, invited, post, remove, signIn } from '../support/accounts.ts';
import { type TestEdge, testEdge } from '../support/edge.ts';
import { routesOf } from '../support/routes.ts';

const GOOD = 'correct horse battery';

/** Routes that change something and are not in the log: edits and runs, which are no acts of administration. */
const NOT_RECORDED = [
  'POST /signin', // records by itself, as the next two
  'POST /signup',
  'POST /invite',
  'POST /api/kernels', // the registry records kernels, however they are started and end
  'DELETE /api/kernels/:id',
  'POST /api/kernels/:id/interrupt',
  'POST /api/kernels/:id/restart',
  'POST /api/sessions',
  'PATCH /api/sessions/:id',
  'DELETE /api/sessions/:id',
  'PUT /api/worksheets/:id/files/*path', // content, as cells are
  'DELETE /api/worksheets/:id/files/*path',
  'POST /api/worksheets/:id/versions',
  'PATCH /api/worksheets/:id/versions/:version',
];

let edge: TestEdge;
beforeAll(async () => {
  edge = await testEdge({ proxies: ['127.0.0.1'] });
});
afterAll(() => edge[Symbol.asyncDispose]());

async function logged(query = ''): Promise<AuditLineModel[]> {
  await edge.audit.settled();
  return (await call(edge, edge.token, 'GET', `/api/admin/audit?limit=1000${query}`)).json.lines;
}

const eventsOf = async (person: string) => (await logged(`&person=${person}`)).map(({ event }) => event).reverse();

describe('what is recorded', () => {
  test('AU1 every route that changes something is in the log, or in the list of those that need not be', () => {
    const changing = routesOf(edge).filter((route) => !/^(GET|HEAD|OPTIONS) /.test(route));
    expect(changing.filter((route) => AUDITED[route] === undefined).sort()).toEqual([...NOT_RECORDED].sort());
    expect(Object.keys(AUDITED).filter((route) => !routesOf(edge).includes(route))).toEqual([]);
  });

  test('AU2 a day of somebody stands there: who, what, to what, by what, from where', async () => {
    const jar = await invited(edge, 'ada', GOOD);
    const far = { 'X-Forwarded-For': '203.0.113.7' };
    expect((await post(edge, '/signin', { name: 'ada', password: 'wrong wrong wrong' }, far)).status).toBe(401);
    await signIn(edge, 'ada', GOOD, far);
    await edge.person('bob');
    const { json: made } = await ask(edge, jar, 'POST', '/api/worksheets', { title: 'Sums' });
    const path = `/api/worksheets/${made.id}`;
    await ask(edge, jar, 'PATCH', path, { title: 'Other sums' });
    await ask(edge, jar, 'PUT', `${path}/shares/bob`, { role: 'editor' });
    await ask(edge, jar, 'DELETE', `${path}/shares/bob`);
    const { json: link } = await ask(edge, jar, 'POST', `${path}/links`, { role: 'viewer' });
    await ask(edge, jar, 'DELETE', `${path}/links/${link.id}`);
    await ask(edge, jar, 'GET', `${path}/notebook`);
    await ask(edge, jar, 'DELETE', path);
    await ask(edge, jar, 'POST', `${path}/restore`);
    await ask(edge, jar, 'DELETE', path);
    await ask(edge, jar, 'DELETE', path);
    const { json: token } = await ask(edge, jar, 'POST', '/api/account/tokens', { label: 'mine', days: 1 });
    await ask(edge, jar, 'DELETE', `/api/account/tokens/${token.id}`);
    await ask(edge, jar, 'POST', '/api/signout');

    expect(await eventsOf('ada')).toEqual([
      'person.password-set',
      'person.signed-in',
      'person.signed-in',
      'worksheet.made',
      'worksheet.changed',
      'worksheet.shared',
      'worksheet.unshared',
      'worksheet.link-made',
      'worksheet.link-withdrawn',
      'worksheet.exported',
      'worksheet.trashed',
      'worksheet.untrashed',
      'worksheet.trashed',
      'worksheet.removed',
      'token.made',
      'token.revoked',
      'person.signed-out',
    ]);
    const [failed] = await logged('&event=person.sign-in-failed');
    const ada = (await edge.store.users.byName('ada'))?.id;
    expect(failed).toMatchObject({
      actor: null,
      subject: `person:${ada}`,
      subject_name: 'ada',
      address: '203.0.113.7',
    });
    const [shared] = await logged('&event=worksheet.shared');
    const bob = (await edge.store.users.byName('bob'))?.id;
    expect(shared).toMatchObject({ who: 'ada', via: 'browser', subject: `worksheet:${made.id}` });
    expect(shared?.details).toEqual({ role: 'editor', person: bob });
    expect(JSON.stringify(await logged())).not.toMatch(/Sums|wrong wrong|203\.0\.113\.7.*203\.0\.113\.8/);
  });

  test('AU2 what administrators do to people is theirs, and a look is one look', async () => {
    const made = await call(edge, edge.token, 'POST', '/api/people', { name: 'carl', role: 'member' });
    const { id } = made.json.person;
    await call(edge, edge.token, 'PATCH', `/api/people/${id}`, { role: 'instructor' });
    await call(edge, edge.token, 'PATCH', `/api/people/${id}`, { disabled: true });
    await call(edge, edge.token, 'POST', '/api/people/disable', { people: [id], disabled: false });
    for (let times = 0; times < 3; times += 1) await call(edge, edge.token, 'GET', '/api/people');
    const about = await logged(`&subject=person:${id}`);
    expect(about.map(({ event, who, via }) => [event, who, via]).reverse()).toEqual(
      ['person.invited', 'person.role-changed', 'person.disabled', 'person.enabled'].map((event) => [
        event,
        'admin',
        'token',
      ]),
    );
    expect((await logged('&event=admin.looked')).filter(({ details }) => details['at'] === 'people')).toHaveLength(1);
  });

  test('AU2 what was refused is not told as done', async () => {
    const before = (await logged()).length;
    const { token } = await edge.person('dora');
    expect((await call(edge, token, 'POST', '/api/people', { name: 'eve' })).status).toBe(403);
    expect((await call(edge, token, 'DELETE', '/api/worksheets/00000000-0000-4000-8000-000000000000')).status).toBe(
      404,
    );
    expect((await logged()).length).toBe(before);
  });
});

describe('who reads it', () => {
  test('AU3 administrators alone, with filters, in pages, and as JSON lines whose chain anybody can follow', async () => {
    const { token } = await edge.person('eric');
    for (const path of ['', '/check', '/export'])
      expect((await call(edge, token, 'GET', `/api/admin/audit${path}`)).status).toBe(403);
    const two = (await call(edge, edge.token, 'GET', '/api/admin/audit?limit=2')).json;
    expect(two.lines).toHaveLength(2);
    const next = (await call(edge, edge.token, 'GET', `/api/admin/audit?limit=2&before=${two.next}`)).json;
    expect(next.lines[0].seq).toBe(two.next - 1);
    expect(two.events).toEqual(AUDIT_EVENTS);
    expect((await call(edge, edge.token, 'GET', '/api/admin/audit?until=2001-01-01')).json.lines).toEqual([]);
    for (const wrong of ['event=nothing', 'from=soon', 'before=x', 'limit=0'])
      expect((await call(edge, edge.token, 'GET', `/api/admin/audit?${wrong}`)).status).toBe(400);

    const { text, headers } = await call(edge, edge.token, 'GET', '/api/admin/audit/export');
    expect(headers['content-type']).toMatch(/jsonl/);
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as AuditLineModel);
    const chain: AuditLine[] = lines.map((line) => ({
      ...line,
      at: Date.parse(line.at),
      details: JSON.stringify(line.details),
    }));
    let last = { seq: 0, hash: FIRST_PREVIOUS };
    for (const line of chain) {
      expect(flawOf(line, last)).toBeUndefined();
      last = line;
    }
    expect((await call(edge, edge.token, 'GET', '/api/admin/audit/check')).json).toMatchObject({
      flaws: [],
      flawCount: 0,
    });
  });
});

test('AU4 a line that is changed, removed from the middle or from the end is found', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'carrel-audit-'));
  try {
    await using store = await openStore(folder);
    const entry = (n: number) => ({ event: 'token.made' as const, via: 'token' as const, at: n, address: '192.0.2.1' });
    await store.audit.append([1, 2, 3, 4, 5, 6].map(entry));
    const noted = await store.audit.head();
    const lines: AuditLine[] = [];
    for await (const line of store.audit.all()) lines.push(line);
    const verdict = async (changed: readonly AuditLine[], anchor = noted) =>
      (
        await checkAudit(
          {
            head: () => store.audit.head(),
            all: async function* () {
              yield* changed;
            },
          },
          anchor,
        )
      ).flaws;
    const [one, two, three, four, five, six] = lines as [
      AuditLine,
      AuditLine,
      AuditLine,
      AuditLine,
      AuditLine,
      AuditLine,
    ];
    expect(await verdict(lines)).toEqual([]);
    expect(await verdict([one, { ...two, event: 'token.revoked' }, three, four, five, six])).toEqual([
      'line 2 was changed',
    ]);
    expect(await verdict([one, two, { ...three, address: '192.0.2.2' }, four, five, six])).toEqual([
      'the address of line 3 was changed',
    ]);
    expect(await verdict([one, two, five, six])).toEqual(['lines 3 to 4 missing before line 5']);
    expect(await verdict([one, two, three, four, five])).toEqual([
      'lines 6 to 6 are missing at the end: 6 were added',
      'line 6, which was noted, is not there',
    ]);
    expect((await verdict(lines, { seq: 6, hash: one.hash }))[0]).toMatch(/line 6 is not the one that was noted/);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('AU5 forgetting a person leaves the chain whole and their addresses gone', async () => {
  const { user, token } = await edge.person('frida');
  await call(edge, token, 'POST', '/api/account/tokens', { label: 'hers', days: 1 });
  await call(edge, token, 'POST', '/api/worksheets', { title: 'Hers' });
  const answer = await remove(edge, user.id, { name: 'frida' });
  expect(answer.status).toBe(204);
  const about = await logged(`&person=${user.id}`);
  expect(about.length).toBeGreaterThanOrEqual(2);
  for (const line of about) expect([line.who, line.address]).toEqual([`deleted person ${user.id.slice(0, 8)}`, null]);
  const check = (await call(edge, edge.token, 'GET', '/api/admin/audit/check')).json;
  expect([check.flaws, check.forgotten >= 2]).toEqual([[], true]);
});
