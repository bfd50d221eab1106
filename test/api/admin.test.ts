/** What administrators see and end over REST, health and readiness, and the ids of requests: the whole edge, with a warden in memory. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newKernelId, type PolicyName } from '../../gateway/src/base/ids.ts';
import { silentLogger } from '../../gateway/src/base/ports.ts';
import { raw, type TestEdge, testEdge } from '../support/edge.ts';

let edge: TestEdge;
let lines: { fields: Record<string, unknown>; message: string }[];
beforeEach(async () => {
  lines = [];
  const keep = (fields: object, message: string) =>
    void lines.push({ fields: fields as Record<string, unknown>, message });
  edge = await testEdge({}, { ...silentLogger, info: keep, warn: keep, error: keep });
});
afterEach(() => edge[Symbol.asyncDispose]());

const call = (method: string, path: string, body?: object, token = edge.token) =>
  raw(edge, method, path, { Authorization: `token ${token}` }, body && JSON.stringify(body));

/** A kernel of this person with a sandbox that has been claimed for it. */
async function kernelOf(name: string, worksheet?: string) {
  const { user, token } = await edge.person(name);
  const id = newKernelId();
  const started = { owner: user.id, policy: 'small' as PolicyName, kernel: 'python3', name: 'python3', env: {} };
  await edge.kernels.start({ ...started, id });
  const sandbox = edge.sandboxes.claimed('small', worksheet ?? id, 5000);
  await edge.store.kernels.put({ ...started, id, sandbox: sandbox.id, generation: 1, createdAt: 0, lastActivity: 0 });
  return { user, token, id, sandbox };
}

const PATHS = [
  ['GET', '/api/admin/sandboxes'],
  ['POST', '/api/admin/sandboxes/stop'],
  ['GET', '/api/admin/pools'],
  ['GET', '/api/admin/policies'],
  ['GET', '/api/admin/health'],
  ['POST', '/api/people/disable'],
] as const;

test('AD1 members and instructors are refused everything there, with a reason', async () => {
  const { token, user } = await edge.person('ada');
  for (const role of ['member', 'instructor'] as const) {
    await edge.store.users.setRole(user.id, role);
    for (const [method, path] of PATHS) {
      const { status, json } = await call(method, path, method === 'POST' ? {} : undefined, token);
      expect([path, status]).toEqual([path, 403]);
      expect(json.message).toMatch(/^only administrators see/);
    }
  }
});

describe('sandboxes', () => {
  test('owner, policy, use, limit and age are told; a sandbox of the pool is nobody’s', async () => {
    const { sandbox } = await kernelOf('ada');
    const waiting = edge.sandboxes.add('standard');
    edge.sandboxes.uses.set(sandbox.id, { memory: 1000, cpus: 0.25 });
    const { json } = await call('GET', '/api/admin/sandboxes');
    expect(json.sandboxes).toEqual([
      {
        ...{ id: sandbox.id, policy: 'small', state: 'claimed', owner: 'ada', title: null, worksheet: null },
        ...{ memory: 1000, memory_limit: 2 ** 29, cpus: 0.25 },
        ...{ claimed_at: '1970-01-01T00:00:05.000Z', created_at: '1970-01-01T00:00:01.000Z' },
      },
      expect.objectContaining({ id: waiting.id, owner: null, memory: null, cpus: null, claimed_at: null }),
    ]);
  });

  test('AD5 a title is told of one’s own worksheet and of one that is shared with oneself, and of no other', async () => {
    const make = async (title: string, token = edge.token) =>
      (await call('POST', '/api/worksheets', { title }, token)).json.id as string;
    const ada = await edge.person('ada');
    const own = await make('Mine');
    const shared = await make('Shared with me', ada.token);
    const hidden = await make('Diary', ada.token);
    await edge.store.shares.set(shared as never, edge.admin.id, 'viewer', 0);
    for (const worksheet of [own, shared, hidden]) edge.sandboxes.claimed('small', worksheet, 1);
    const { json, text } = await call('GET', '/api/admin/sandboxes');
    expect(json.sandboxes.map(({ title }: { title: string }) => title).sort()).toEqual([
      'Mine',
      'Shared with me',
      null,
    ]);
    expect(text).not.toContain('Diary');
    expect(text).not.toContain(hidden);
  });

  test('AD3 AD7 those that are asked for are stopped, the kernel in order, and what cannot be is said', async () => {
    const { id, user, sandbox } = await kernelOf('ada');
    const pooled = edge.sandboxes.add('standard');
    const left = edge.sandboxes.add('standard');
    const { json } = await call('POST', '/api/admin/sandboxes/stop', { sandboxes: [sandbox.id, pooled.id] });
    expect(json).toEqual({ stopped: 2, failed: [] });
    expect(() => edge.kernels.get(user.id, id)).toThrow('does not exist');
    expect([...edge.sandboxes.sandboxes.keys()]).toContain(left.id);
    expect([...edge.sandboxes.sandboxes.keys()]).not.toContain(pooled.id);
    edge.sandboxes.away = true;
    const answer = await call('POST', '/api/admin/sandboxes/stop', { sandboxes: [left.id] });
    expect(answer.json).toMatchObject({ stopped: 0, failed: [{ id: left.id }] });
  });

  test('AD4 a use that is not known keeps nobody from seeing the rest', async () => {
    edge.sandboxes.add('small');
    edge.sandboxes.usage = () => Promise.reject(new Error('broken'));
    const { json } = await call('GET', '/api/admin/sandboxes');
    expect(json.sandboxes).toHaveLength(1);
    expect(json.trouble).not.toBeNull();
  });
});

test('AD8 pools are told with what limits them', async () => {
  edge.sandboxes.claimed('small', 'w', 1);
  const status = await edge.sandboxes.status();
  const pools = status.pools.map((pool) =>
    pool.policy === 'exam'
      ? { ...pool, waiting: 3 }
      : pool.policy === 'small'
        ? { ...pool, trouble: 'no image' }
        : pool,
  );
  edge.sandboxes.status = async () => ({ ...status, sandboxes: { used: 200, share: 200 }, pools });
  const { json } = await call('GET', '/api/admin/pools');
  const limits = json.pools.map(({ policy, claimed, limit }: Record<string, unknown>) => [policy, claimed, limit]);
  expect(limits).toEqual([
    ['small', 1, 'no image'],
    ['standard', 0, null],
    ['exam', 0, '200 of 200 sandboxes are in use (share.sandboxes in site.yaml)'],
  ]);
});

test('AD3 many people are disabled at once, each told of who could not be; never oneself', async () => {
  const ada = await edge.person('ada');
  const ben = await edge.person('ben');
  const people = [ada.user.id, edge.admin.id, 'nobody', ben.user.id];
  const { json } = await call('POST', '/api/people/disable', { people, disabled: true });
  expect(json).toEqual({
    changed: 2,
    failed: [
      { id: edge.admin.id, message: 'you cannot disable yourself', told: { name: 'disableSelf' } },
      { id: 'nobody', message: 'there is no such person', told: { name: 'personNone' } },
    ],
  });
  expect((await call('GET', '/api/kernels', undefined, ada.token)).status).toBe(401);
  await call('POST', '/api/people/disable', { people: [ada.user.id], disabled: false });
  expect((await call('GET', '/api/kernels', undefined, ada.token)).status).toBe(200);
});

describe('health', () => {
  const ready = async (): Promise<unknown[]> => {
    const { status, json } = await raw(edge, 'GET', '/readyz');
    return [status, json];
  };
  const until = (expected: unknown) => expect.poll(ready, { timeout: 30_000 }).toEqual(expected);

  test('HE1 HE3 the process lives, to whomever asks and by whatever name', async () => {
    edge.sandboxes.away = true;
    const { status, json } = await raw(edge, 'GET', '/healthz', { Host: '10.0.0.7' });
    expect([status, json]).toEqual([200, { status: 'alive' }]);
    expect((await raw(edge, 'GET', '/readyz', { Host: 'elsewhere.example' })).status).toBe(503);
  });

  test('HE2 HE3 a warden that does not answer is missing until it does, and its address is told to nobody', async () => {
    await until([200, { status: 'ready' }]);
    edge.sandboxes.away = true;
    await until([503, { status: 'not ready', missing: ['warden'] }]);
    expect((await raw(edge, 'GET', '/readyz')).text).not.toContain('secret');
    const health = await call('GET', '/api/admin/health');
    expect(health.json.checks).toContainEqual({
      ...{ check: 'warden', passed: false },
      message: 'expected the warden to answer at /secret/warden.sock',
    });
    edge.sandboxes.away = false;
    await until([200, { status: 'ready' }]);
    const told = lines.map(({ message }) => message).filter((message) => /ready/.test(message));
    expect(told).toEqual([expect.stringMatching(/^the gateway is not ready: warden: /), 'the gateway is ready again']);
  });

  test('HE2 a store that takes no write is missing', async () => {
    edge.store.liveness.beat = () => Promise.reject(new Error('disk full at /secret/place'));
    await until([503, { status: 'not ready', missing: ['store'] }]);
    expect((await call('GET', '/api/admin/health')).text).not.toContain('secret');
  });

  test('HE2 a warden that was started with other policies is missing them', async () => {
    edge.sandboxes.policies = ['small', 'standard', 'course'];
    await until([503, { status: 'not ready', missing: ['policies'] }]);
    const { json } = await call('GET', '/api/admin/health');
    expect(json.checks[2].message).toContain('Only the gateway has exam. Only the warden has course.');
  });

  test('HE2 an engine that is away does not count, and administrators see it', async () => {
    edge.sandboxes.engine = { available: false, message: 'no engine at /run/docker.sock' };
    await until([200, { status: 'ready' }]);
    const { json } = await call('GET', '/api/admin/health');
    expect(json).toMatchObject({ ready: true, version: '2.0.0-test', sockets: 0, worksheets: 0 });
    expect(json.checks[3]).toMatchObject({ check: 'engine', passed: false });
  });

  test('BK12 administrators see when the last backup was made', async () => {
    const seen = async () => (await call('GET', '/api/admin/health')).json.backup;
    expect(await seen()).toBe(null);
    const at = Date.parse('2026-01-02T03:04:05.000Z');
    const made = (when: number, event: 'backup.made' | 'backup.failed') =>
      edge.store.audit.append([{ event, via: 'command', at: when }]);
    await made(at, 'backup.made');
    await made(at + 1000, 'backup.failed');
    expect(await seen()).toBe('2026-01-02T03:04:05.000Z');
    await made(at + 60_000, 'backup.made');
    expect(await seen()).toBe('2026-01-02T03:05:05.000Z');
  });
});

describe('ids of requests', () => {
  const logged = (id: unknown) => lines.filter(({ fields }) => fields['request'] === id);

  test('RI1 the id that the sender gives stands in the answer, in an error and in the log', async () => {
    const headers = { Authorization: `token ${edge.token}`, 'X-Request-Id': 'proxy:17.a_b-c' };
    const answer = await raw(edge, 'DELETE', `/api/kernels/${newKernelId()}`, headers);
    expect([answer.status, answer.headers['x-request-id']]).toEqual([404, 'proxy:17.a_b-c']);
    expect(answer.json.request_id).toBe('proxy:17.a_b-c');
    await expect.poll(() => logged('proxy:17.a_b-c').length).toBe(1);
  });

  test.each(['', 'a b', 'x'.repeat(65), 'ü', 'a"b'])('RI1 %j is no id: a new one is made', async (id) => {
    const { headers } = await raw(edge, 'GET', '/api', {
      'X-Request-Id': encodeURIComponent(id) === id ? id : Buffer.from(id).toString('latin1'),
    });
    expect(headers['x-request-id']).toMatch(/^[0-9a-f]{16}$/);
  });

  test('RI1 two requests have two ids', async () => {
    const ids = await Promise.all([1, 2].map(async () => (await raw(edge, 'GET', '/api')).headers['x-request-id']));
    expect(new Set(ids).size).toBe(2);
  });
});
