import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CarrelError } from '../../gateway/src/base/errors.ts';
import { raw, type TestEdge, testEdge } from '../support/edge.ts';
import { type Answer, rest } from '../support/jupyter.ts';

const NOSUCH = '00000000-0000-4000-8000-000000000000';
const BASE = '/desk';
let edge: TestEdge;

beforeAll(async () => {
  edge = await testEdge({ base: BASE });
});
afterAll(() => edge[Symbol.asyncDispose]());

const call = (method: string, path: string, body?: unknown) => rest(edge, method, path, body);
const start = async (body: unknown = {}) => (await call('POST', '/api/kernels', body)).json;

function expectError(answer: Answer, status: number, message: RegExp): void {
  expect([answer.status, answer.json?.message]).toEqual([status, expect.stringMatching(message)]);
  expect(answer.headers.get('content-type')).toMatch(/json/);
  expect(answer.json.reason).toEqual(expect.any(String));
  expect(answer.text).not.toMatch(/\.ts|node_modules|\n\s+at /);
}

describe('server', () => {
  test('GET /api tells the version and needs no token', async () => {
    expect((await raw(edge, 'GET', `${BASE}/api`)).json).toEqual({ version: '2.0.0-test' });
  });

  test('status and me have the shapes of jupyter_server', async () => {
    const stamp = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/);
    const status = (await call('GET', '/api/status')).json;
    expect(status).toEqual({
      started: stamp,
      last_activity: stamp,
      connections: expect.any(Number),
      kernels: expect.any(Number),
    });
    const me = (await call('GET', '/api/me')).json;
    expect(me.identity).toMatchObject({ username: 'admin', name: 'admin', display_name: 'admin', initials: 'AD' });
    expect(me.identity).toHaveProperty('avatar_url');
    expect(me.permissions).toEqual({});
  });

  test('unknown paths are 404 and wrong methods 405, both in JSON', async () => {
    expectError(await call('GET', '/api/nosuch'), 404, /nothing/);
    expectError(await call('GET', '/api/contents'), 404, /nothing/);
    const wrong = await call('PUT', '/api/kernels', {});
    expectError(wrong, 405, /GET, POST/);
    expect(wrong.headers.get('allow')).toBe('GET, POST');
  });

  test('a path that cannot be decoded is a bad request, not a crash', async () => {
    expectError(await call('GET', '/api/kernelspecs/%zz'), 400, /cannot be read/);
  });

  test('VS Code’s probes for a password page are 404', async () => {
    for (const path of ['/', '/tree?', '/login?', '/hub/api'])
      expect([path, (await raw(edge, 'GET', BASE + path, { Accept: '*/*' })).status]).toEqual([path, 404]);
  });
});

describe('kernelspecs', () => {
  test('there is one per policy that the person may use, the default policy’s under the kernel’s own name', async () => {
    const { default: name, kernelspecs } = (await call('GET', '/api/kernelspecs')).json;
    expect(name).toBe('python3');
    expect(Object.keys(kernelspecs)).toEqual(['python3', 'ipykernel', 'python3-small', 'ipykernel-small']);
    expect(kernelspecs.python3).toMatchObject({
      name: 'python3',
      spec: {
        argv: [expect.any(String), '-m', 'ipykernel_launcher', '-f', '{connection_file}'],
        language: 'python',
        env: {},
      },
    });
    expect(kernelspecs.python3.spec.display_name).toBe('Python 3');
    expect(kernelspecs.ipykernel.spec.display_name).toBe('Python 3 (ipykernel)');
    expect(kernelspecs['python3-small'].spec.display_name).toBe('Python 3 (small)');
    expect(kernelspecs['ipykernel-small'].spec.display_name).toBe('Python 3 (ipykernel, small)');
    expect(kernelspecs['python3-small'].spec.metadata.carrel).toMatchObject({
      policy: 'small',
      memory: 2 ** 29,
      cpus: 1,
    });
  });

  test('?user=NAME and ?user=NAME/SPEC answer the list too, as does a cache buster', async () => {
    const list = (await call('GET', '/api/kernelspecs')).json;
    for (const query of ['user=ada', 'user=ada/python3', '1699999999999'])
      expect((await call('GET', `/api/kernelspecs?${query}`)).json).toEqual(list);
  });

  test('one is as in the list; the default policy’s long name is understood; others are 404', async () => {
    const list = (await call('GET', '/api/kernelspecs')).json;
    expect((await call('GET', '/api/kernelspecs/python3')).json).toEqual(list.kernelspecs.python3);
    expect((await call('GET', '/api/kernelspecs/python3-standard')).json.name).toBe('python3');
    expectError(await call('GET', '/api/kernelspecs/nosuch'), 404, /No such kernelspec: "nosuch"/);
    expectError(await call('GET', '/api/kernelspecs/python3-exam'), 404, /No such kernelspec/);
  });

  test('resources lie below /kernelspecs/, where a server in front looks for them', async () => {
    const { resources } = (await call('GET', '/api/kernelspecs/python3-small')).json;
    expect(resources).toEqual({ 'logo-64x64': `${BASE}/kernelspecs/python3-small/logo-64x64.png` });
    const logo = await call('GET', '/kernelspecs/python3-small/logo-64x64.png');
    expect([logo.status, logo.headers.get('content-type')]).toEqual([200, 'image/png']);
    expectError(await call('GET', '/kernelspecs/python3/..%2f..%2fpackage.json'), 404, /no file/);
  });
});

describe('kernels', () => {
  test('start, list, get and delete', async () => {
    const answer = await call('POST', '/api/kernels', {});
    expect(answer.status).toBe(201);
    const { id } = answer.json;
    expect(answer.json).toEqual({
      id,
      name: 'python3',
      last_activity: expect.stringMatching(/\.\d{3}Z$/),
      execution_state: 'idle',
      connections: 0,
    });
    expect(answer.headers.get('location')).toBe(`${BASE}/api/kernels/${id}`);
    expect((await call('GET', `/api/kernels?${Date.now()}`)).json.map((k: { id: string }) => k.id)).toContain(id);
    expect((await call('GET', `/api/kernels/${id}`)).json.id).toBe(id);
    const end = await call('DELETE', `/api/kernels/${id}`);
    expect([end.status, end.text]).toEqual([204, '']);
    expectError(await call('DELETE', `/api/kernels/${id}`), 404, /^Kernel does not exist: /);
    expectError(await call('GET', `/api/kernels/${id}`), 404, /^Kernel does not exist: /);
  });

  test.each([
    ['an empty body', undefined],
    ['{}', '{}'],
    ['null', 'null'],
    ['a null name', '{"name":null,"env":null}'],
    ['unknown fields', '{"path":"a/b","id":"x","futureField":1}'],
  ])('%s starts the default kernelspec', async (_, body) => {
    const answer = await call('POST', '/api/kernels', body);
    expect([answer.status, answer.json.name]).toEqual([201, 'python3']);
  });

  test('a name chooses policy and kernel', async () => {
    expect((await start({ name: 'python3-small' })).name).toBe('python3-small');
    expect(edge.kernels.starts.at(-1)).toMatchObject({ policy: 'small', kernel: 'python3', owner: edge.admin.id });
    expect((await start({ name: 'python3-standard' })).name).toBe('python3');
    expect(edge.kernels.starts.at(-1)).toMatchObject({ policy: 'standard' });
  });

  test.each([
    ['{bad', /Invalid JSON/],
    ['[]', /expected object/i],
    ['"x"', /expected object/i],
    ['3', /expected object/i],
    ['{"name":3}', /name/],
    ['{"env":"x"}', /env/],
    ['{"env":[]}', /env/],
    ['{"env":{"KERNEL_A":1}}', /KERNEL_A/],
    ['{"kernel_id":"x"}', /kernel_id/],
  ])('the body %s is 400', async (body, message) => {
    const before = edge.kernels.starts.length;
    expectError(await call('POST', '/api/kernels', body), 400, message);
    expect(edge.kernels.starts).toHaveLength(before);
  });

  test('AC3 a policy that the person may not use is as unknown as one that is not there', async () => {
    expectError(
      await call('POST', '/api/kernels', { name: 'nosuch' }),
      404,
      /No such kernelspec: "nosuch"; there are python3/,
    );
    expectError(
      await call('POST', '/api/kernels', { name: 'python3-exam' }),
      404,
      /No such kernelspec: "python3-exam"/,
    );
  });

  test('only KERNEL_ variables pass', async () => {
    const env = {
      PATH: '/client/bin',
      LD_PRELOAD: '/x.so',
      JUPYTER_GATEWAY_AUTH_TOKEN: 'secret',
      KERNEL_USERNAME: 'ada',
      KERNEL_A: 'a=b\nc "ü"',
      kernel_b: 'x',
      BIG: 'x'.repeat(200_000),
    };
    await start({ env });
    expect(edge.kernels.starts.at(-1)?.env).toEqual({ KERNEL_USERNAME: 'ada', KERNEL_A: 'a=b\nc "ü"' });
  });

  test('KERNEL_ variables are bounded in number and size, the body in size', async () => {
    const many = Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`KERNEL_${index}`, '']));
    expectError(await call('POST', '/api/kernels', { env: many }), 400, /at most 64/);
    expectError(
      await call('POST', '/api/kernels', { env: { KERNEL_A: 'x'.repeat(70_000) } }),
      400,
      /at most 65536 bytes/,
    );
    expectError(await call('POST', '/api/kernels', { env: { BIG: 'x'.repeat(1_100_000) } }), 413, /1048576/);
  });

  test('a client may choose the id, once', async () => {
    const id = '11111111-2222-4333-8444-555555555555';
    expect((await start({ kernel_id: id })).id).toBe(id);
    expectError(await call('POST', '/api/kernels', { kernel_id: id }), 409, /already/);
  });

  test('interrupt and restart take an empty body and {}', async () => {
    const { id } = await start();
    for (const body of [undefined, {}]) {
      expect((await call('POST', `/api/kernels/${id}/interrupt`, body)).status).toBe(204);
      const restart = await call('POST', `/api/kernels/${id}/restart`, body);
      expect([restart.status, restart.json.id]).toEqual([200, id]);
    }
    expect((await call('GET', `/api/kernels/${id}/usage`)).json.memory).toEqual({ used: 1, peak: 2, limit: 3 });
  });

  test('unknown kernels, unknown actions and ids of another shape are 404', async () => {
    for (const action of ['interrupt', 'restart', 'frobnicate'])
      expect((await call('POST', `/api/kernels/${NOSUCH}/${action}`)).status).toBe(404);
    for (const id of ['notanid', '..%2f..%2fetc', '%00', 'a-b', NOSUCH])
      expectError(await call('GET', `/api/kernels/${id}`), 404, /^Kernel does not exist/);
  });

  test('channels without an upgrade are 400, for an unknown kernel 404', async () => {
    const { id } = await start();
    expectError(await call('GET', `/api/kernels/${id}/channels`), 400, /WebSocket/);
    expectError(await call('GET', `/api/kernels/${NOSUCH}/channels`), 404, /does not exist/);
  });

  test('a client that gave up waiting leaves no kernel behind', async () => {
    let release = () => {};
    edge.kernels.hold = new Promise((done) => {
      release = done;
    });
    const before = edge.kernels.list(edge.admin.id).length;
    const starts = edge.kernels.starts.length;
    const gaveUp = fetch(`${edge.url}/api/kernels`, {
      method: 'POST',
      headers: { Authorization: `token ${edge.token}` },
      signal: AbortSignal.timeout(200),
    });
    await expect(gaveUp).rejects.toThrow();
    await new Promise((heard) => setTimeout(heard, 100));
    edge.kernels.hold = undefined;
    release();
    await expect.poll(() => edge.kernels.starts.length).toBe(starts + 1);
    await expect.poll(() => edge.kernels.list(edge.admin.id).length).toBe(before);
  });

  test('AC2 another person sees and reaches none of them', async () => {
    const { id } = await start();
    const bob = { url: edge.url, token: (await edge.person('bob')).token };
    expect((await rest(bob, 'GET', '/api/kernels')).json).toEqual([]);
    for (const [method, path] of [
      ['GET', ''],
      ['DELETE', ''],
      ['POST', '/interrupt'],
      ['POST', '/restart'],
      ['GET', '/usage'],
    ])
      expect((await rest(bob, method ?? '', `/api/kernels/${id}${path}`)).status).toBe(404);
    expect((await call('GET', `/api/kernels/${id}`)).status).toBe(200);
  });

  test('a failure that may pass says when to come back; one of the inside tells nothing of it', async () => {
    edge.kernels.failure = new CarrelError(
      'no_capacity',
      'memory for worksheets: 15.5 of 16 GiB in use, this one asks 1',
    );
    const full = await call('POST', '/api/kernels');
    expectError(full, 503, /15.5 of 16 GiB/);
    expect(full.headers.get('retry-after')).toMatch(/^\d+$/);
    edge.kernels.failure = new Error('secret of the inside');
    const broken = await call('POST', '/api/kernels');
    edge.kernels.failure = undefined;
    expectError(broken, 500, /unexpected condition/);
    expect(broken.text).not.toContain('secret');
    expect(broken.headers.get('retry-after')).toBeNull();
  });
});

describe('sessions', () => {
  let next = 0;
  const wish = (more: object = {}) => ({ path: `p-${next++}.ipynb`, type: 'notebook', name: 'n', kernel: {}, ...more });
  const open = async (more: object = {}) => (await call('POST', '/api/sessions', wish(more))).json;

  test('create, get, list, delete; the kernel ends with the session', async () => {
    const body = wish({ path: 'ünï/日本 語.ipynb' });
    const answer = await call('POST', '/api/sessions', body);
    expect(answer.status).toBe(201);
    const session = answer.json;
    expect(answer.headers.get('location')).toBe(`${BASE}/api/sessions/${session.id}`);
    expect(session).toMatchObject({
      path: body.path,
      name: 'n',
      type: 'notebook',
      notebook: { path: body.path, name: 'n' },
    });
    expect((await call('GET', '/api/sessions')).json).toContainEqual(session);
    expect((await call('GET', `/api/sessions/${session.id}`)).json).toEqual(session);
    expect((await call('DELETE', `/api/sessions/${session.id}`)).status).toBe(204);
    expect((await call('GET', `/api/kernels/${session.kernel.id}`)).status).toBe(404);
    expectError(await call('GET', `/api/sessions/${session.id}`), 404, /Session not found/);
    expectError(await call('DELETE', `/api/sessions/${session.id}`), 404, /Session not found/);
  });

  test('the same path is the same session, also when both are asked at once', async () => {
    const body = wish();
    const [one, two] = await Promise.all([call('POST', '/api/sessions', body), call('POST', '/api/sessions', body)]);
    const three = await call('POST', '/api/sessions', body);
    expect([one.status, two.status, three.status]).toEqual([201, 201, 201]);
    expect([two.json.id, three.json.id]).toEqual([one.json.id, one.json.id]);
    expect(two.json.kernel.id).toBe(one.json.kernel.id);
  });

  test.each([[{ name: null, id: null }], [{}], [null], [{ name: 'python3' }]])(
    'kernel %j is the default',
    async (kernel) => {
      expect((await open({ kernel })).kernel.name).toBe('python3');
    },
  );

  test('a live kernel can be attached, an unknown one is 400', async () => {
    const { id } = await start();
    expect((await open({ kernel: { id } })).kernel.id).toBe(id);
    expectError(await call('POST', '/api/sessions', wish({ kernel: { id: NOSUCH } })), 400, /No such kernel/);
  });

  test('an unknown kernelspec is 501 with a short message', async () => {
    const answer = await call('POST', '/api/sessions', wish({ kernel: { name: 'nosuch' } }));
    expectError(answer, 501, /nosuch/);
    expect(answer.json.short_message).toMatch(/nosuch/);
  });

  test('the first notebooks’ {"notebook":{"path"}} is understood', async () => {
    const answer = await call('POST', '/api/sessions', { notebook: { path: 'old.ipynb' }, kernel: {} });
    expect(answer.json).toMatchObject({ path: 'old.ipynb', type: 'notebook', name: '' });
  });

  test.each([
    ['{bad', /Invalid JSON/],
    [undefined, /path/],
    ['{}', /path/],
    ['{"path":"x"}', /type/],
    ['{"path":3,"type":"notebook"}', /path/],
    ['[]', /object/],
  ])('the body %s is 400', async (body, message) => {
    expectError(await call('POST', '/api/sessions', body), 400, message);
  });

  test('PATCH renames; a POST with the new path finds it', async () => {
    const session = await open();
    const answer = await call('PATCH', `/api/sessions/${session.id}`, { path: 'renamed', name: 'n2', type: 'console' });
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({
      id: session.id,
      path: 'renamed',
      name: 'n2',
      type: 'console',
      kernel: session.kernel,
    });
    expect((await open({ path: 'renamed' })).id).toBe(session.id);
  });

  test('PATCH with a kernel name starts a new kernel, with an id attaches one (the id counts), and ends the old', async () => {
    const session = await open();
    const url = `/api/sessions/${session.id}`;
    const named = (await call('PATCH', url, { kernel: { name: 'python3-small' } })).json;
    expect(named.kernel.name).toBe('python3-small');
    expect((await call('GET', `/api/kernels/${session.kernel.id}`)).status).toBe(404);
    const { id } = await start();
    const attached = (await call('PATCH', url, { kernel: { id, name: 'python3-small' } })).json;
    expect(attached.kernel.id).toBe(id);
    expect((await call('GET', `/api/kernels/${named.kernel.id}`)).status).toBe(404);
  });

  test('PATCH with an unknown kernel is 400 and changes nothing; of an unknown session 404', async () => {
    const session = await open();
    const url = `/api/sessions/${session.id}`;
    expectError(await call('PATCH', url, { path: 'other', kernel: { id: NOSUCH } }), 400, /No such kernel/);
    expect((await call('GET', url)).json).toEqual(session);
    expectError(await call('PATCH', `/api/sessions/${NOSUCH}`, {}), 404, /Session not found/);
    expect((await call('PATCH', url, {})).json).toEqual(session);
  });

  test('a session goes with its kernel, but not with one that another session uses', async () => {
    const one = await open();
    const two = await open({ kernel: { id: one.kernel.id } });
    await call('PATCH', `/api/sessions/${two.id}`, { kernel: { name: 'python3' } });
    expect((await call('GET', `/api/kernels/${one.kernel.id}`)).status).toBe(200);
    await call('DELETE', `/api/kernels/${one.kernel.id}`);
    expect((await call('GET', `/api/sessions/${one.id}`)).status).toBe(404);
  });

  test('AC2 another person’s sessions are not there', async () => {
    const session = await open();
    const eve = { url: edge.url, token: (await edge.person('eve')).token };
    expect((await rest(eve, 'GET', '/api/sessions')).json).toEqual([]);
    for (const method of ['GET', 'DELETE', 'PATCH'])
      expect((await rest(eve, method, `/api/sessions/${session.id}`)).status).toBe(404);
    const mine = (await rest(eve, 'POST', '/api/sessions', { path: session.path, type: 'notebook', kernel: {} })).json;
    expect(mine.id).not.toBe(session.id);
    const stolen = { path: 'x', type: 'notebook', kernel: { id: session.kernel.id } };
    expect((await rest(eve, 'POST', '/api/sessions', stolen)).status).toBe(400);
  });
});
