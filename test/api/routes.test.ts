/** Every route and every upgrade refuses those whom nobody knows, but for the list below. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { handshake, raw, type TestEdge, testEdge } from '../support/edge.ts';
import { concrete, routesOf } from '../support/routes.ts';

/** What anybody may see: the version, the sign-in page and what it is drawn with. */
const SIGN_IN = ['GET /signin', 'POST /signin', 'GET /signup', 'POST /signup', 'GET /invite', 'POST /invite'];
const OPEN = ['GET /api', 'GET /', 'GET /healthz', 'GET /readyz', ...SIGN_IN, 'GET /page/:file', 'GET /s/:key'];

let edge: TestEdge;
beforeAll(async () => {
  edge = await testEdge();
});
afterAll(() => edge[Symbol.asyncDispose]());

const allRoutes = () => routesOf(edge);

test('the routes are those that this file was written for', () => {
  expect(allRoutes().length).toBeGreaterThanOrEqual(21);
  expect(OPEN.filter((route) => !allRoutes().includes(route))).toEqual([]);
});

test('AC1 every route refuses a request without credentials, but for the open ones', async () => {
  const answers = await Promise.all(
    allRoutes().map(async (route) => {
      const [method = '', path = ''] = route.split(' ');
      const { status, json } = await raw(edge, method, concrete(path), { Accept: 'text/html, */*' });
      return { route, refused: status === 401 && typeof json?.message === 'string' };
    }),
  );
  expect(
    answers
      .filter((answer) => !answer.refused)
      .map((answer) => answer.route)
      .sort(),
  ).toEqual([...OPEN].sort());
});

test('AC5 every route refuses a wrong token, an empty one and other schemes', async () => {
  const guarded = allRoutes().filter((route) => !OPEN.includes(route));
  const wrong = [
    `token ${edge.token}x`,
    'token ',
    'token',
    edge.token,
    `Basic ${Buffer.from(`:${edge.token}`).toString('base64')}`,
  ];
  for (const authorization of wrong)
    for (const route of guarded) {
      const [method = '', path = ''] = route.split(' ');
      const { status } = await raw(edge, method, concrete(path), { Authorization: authorization });
      expect([route, authorization.slice(0, 12), status]).toEqual([route, authorization.slice(0, 12), 401]);
    }
});

test('AC1 every upgrade refuses a request without credentials, also at addresses that do not exist', async () => {
  const { json } = await raw(edge, 'POST', '/api/kernels', { Authorization: `token ${edge.token}` });
  const paths = [
    ...allRoutes().map((route) => concrete(route.split(' ')[1] ?? '')),
    `/api/kernels/${json.id}/channels`,
    '/x',
  ];
  for (const path of paths)
    for (const more of [{}, { Origin: `http://${edge.host}` }, { Authorization: 'token wrong' }])
      expect([path, (await raw(edge, 'GET', path, handshake(more))).status]).toEqual([path, 401]);
});

test('with a token, an upgrade elsewhere than at a kernel’s channels is 404', async () => {
  for (const path of [
    '/',
    '/api/kernels',
    '/api/kernels/00000000-0000-4000-8000-000000000000/channels',
    '/x/api/kernels',
  ])
    expect((await raw(edge, 'GET', path, handshake({ Authorization: `token ${edge.token}` }))).status).toBe(404);
});
