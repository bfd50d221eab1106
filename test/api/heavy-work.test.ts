/** Which requests count as imports and exports. Rules: docs/spec/access.md. */
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RATE_LIMITS } from '../../gateway/src/auth/rates.ts';
import { call } from '../support/accounts.ts';
import { raw, type TestEdge, testEdge } from '../support/edge.ts';

let edge: TestEdge;
beforeAll(async () => {
  edge = await testEdge({ limits: { heavy: { ...RATE_LIMITS.heavy, points: 2 } } });
});
afterAll(() => edge[Symbol.asyncDispose]());

const PATH = '/api/worksheets';
const cell = { cell_type: 'markdown', metadata: {}, source: 'x'.repeat(20_000) };
const LONG = { title: 'Long', notebook: { nbformat: 4, nbformat_minor: 4, metadata: {}, cells: [cell] } };
const times = async (count: number, one: () => Promise<{ status: number }>) => {
  const found: number[] = [];
  while (found.length < count) found.push((await one()).status);
  return found;
};

test('AC30 making a worksheet with a notebook is an import; making an empty one is not', async () => {
  const { token } = await edge.person('ada');
  expect(await times(4, () => call(edge, token, 'POST', PATH, { title: 'Empty' }))).toEqual([201, 201, 201, 201]);
  expect(await times(3, () => call(edge, token, 'POST', PATH, LONG))).toEqual([201, 201, 429]);
  const refused = await call(edge, token, 'POST', PATH, LONG);
  expect(refused.json.message).toMatch(/2 imports and exports of one person are allowed in 60 seconds/);
  expect(await times(2, () => call(edge, token, 'POST', PATH))).toEqual([201, 201]);
});

test('AC30 a body of unknown length is an import', async () => {
  const [bob, carl] = [await edge.person('bob'), await edge.person('carl')];
  const chunked = { Authorization: `token ${bob.token}`, 'Transfer-Encoding': 'chunked' };
  expect(await times(3, () => raw(edge, 'POST', PATH, chunked, '{}'))).toEqual([201, 201, 429]);
  const body = gzipSync(JSON.stringify(LONG));
  const headers = { Authorization: `token ${carl.token}`, 'Content-Encoding': 'gzip' };
  const packed = () => fetch(`${edge.url}${PATH}`, { method: 'POST', headers, body });
  expect(body.length).toBeLessThan(1000);
  expect(await times(3, packed)).toEqual([201, 201, 429]);
});

test.each([
  ['POST', 'copy'],
  ['POST', 'restore'],
  ['GET', 'notebook'],
])('AC30 %s of a version’s %s counts', async (method, what) => {
  const { token } = await edge.person(`dora-${what}`);
  const made = await call(edge, token, 'POST', PATH, { title: 'Versions' });
  const path = `${PATH}/${made.json.id}/versions/00000000-0000-4000-8000-000000000000/${what}`;
  expect(await times(3, () => call(edge, token, method, path))).toEqual([404, 404, 429]);
});
