/** What a body may hold is bounded before anything is built of it. */
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestEdge, testEdge } from '../support/edge.ts';

/** Of 12 MiB, in which `{}` would take 21 times as much. */
const MANY = `[${'{},'.repeat(5_000_000)}{}]`;

let edge: TestEdge;
beforeAll(async () => {
  edge = await testEdge();
});
afterAll(() => edge[Symbol.asyncDispose]());

async function send(path: string, body: string | Uint8Array<ArrayBuffer>, headers = {}) {
  const answer = await fetch(`${edge.url}/api${path}`, {
    method: 'POST',
    headers: { Authorization: `token ${edge.token}`, ...headers },
    body,
  });
  return { status: answer.status, json: (await answer.json()) as Record<string, unknown> };
}

/** `check` of body.ts. */
test('GU20 a body of too many values is refused and says so', async () => {
  const notebook = `{"notebook":{"nbformat":4,"nbformat_minor":5,"metadata":{"x":${MANY}},"cells":[]}}`;
  for (const [body, headers] of [
    [notebook, {}],
    [`\uFEFF${notebook}`, {}],
    [new Uint8Array(gzipSync(notebook)), { 'Content-Encoding': 'gzip' }],
  ] as const) {
    const { status, json } = await send('/worksheets', body, headers);
    expect([status, json['message'], json['told']]).toEqual([
      400,
      expect.stringMatching(/^the body is too complex: expected at most 256 MiB of values at byte \d+$/),
      expect.objectContaining({ name: 'bodyTooComplex' }),
    ]);
  }
  const deep = await send('/worksheets', `{"notebook":{"a":${'['.repeat(600)}${']'.repeat(600)}}}`);
  expect([deep.status, deep.json['message']]).toEqual([400, expect.stringContaining('expected at most 512 levels')]);
});

/** `parseNotebookJson`. */
test('GU20 so is a notebook that is brought as a file', async () => {
  const { status, json } = await send('/worksheets/import', `{"cells":${MANY}}`);
  expect([status, json['told']]).toEqual([400, expect.objectContaining({ name: 'importTooComplex' })]);
});

test('what is no JSON, nothing, and a mark of UTF-8 are read as before', async () => {
  for (const body of ['{', '{"title":NaN}', ' ', '{"title":"a"} x']) {
    const { status, json } = await send('/worksheets', body);
    expect([status, json['message']]).toEqual([400, 'Invalid JSON in body of request']);
  }
  for (const body of ['', 'null', '{}', '\uFEFF{}', ' {} ']) expect((await send('/worksheets', body)).status).toBe(201);
});

test('a notebook with 20 MB of outputs is taken', async () => {
  const data = { 'application/json': { points: Array.from({ length: 1_000_000 }, (_, x) => ({ x, y: 0.25 })) } };
  const outputs = [{ output_type: 'display_data', metadata: {}, data }];
  const cells = [{ id: 'a', cell_type: 'code', metadata: {}, source: '', execution_count: null, outputs }];
  const body = JSON.stringify({ notebook: { nbformat: 4, nbformat_minor: 5, metadata: {}, cells } });
  expect(body.length).toBeGreaterThan(20_000_000);
  expect((await send('/worksheets', body)).status).toBe(201);
});
