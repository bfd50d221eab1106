/** The history of worksheets by REST and by the socket: real HTTP, store and documents, kernels in memory. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newVersionId, storedUserId } from '../../gateway/src/base/ids.ts';
import type { VersionModel } from '../../gateway/src/wire/version-rest.ts';
import { type TestEdge, testEdge } from '../support/edge.ts';
import { rest, type Server } from '../support/jupyter.ts';
import { newWorksheet, Page } from '../support/worksheets.ts';

let edge: TestEdge;
let eve: Server;
beforeAll(async () => {
  edge = await testEdge();
  eve = { url: edge.url, token: (await edge.person('eve')).token };
});
afterAll(() => edge[Symbol.asyncDispose]());

const call = (method: string, path: string, body?: unknown, who: Server = edge) =>
  rest(who, method, `/api/worksheets/${path}`, body);
const list = async (id: string): Promise<VersionModel[]> => (await call('GET', `${id}/versions`)).json;
const cell = (id: string, source: string, outputs: object[] = []) => ({
  ...{ cell_type: 'code', id, source, metadata: {}, outputs, execution_count: null },
});
const notebook = (...cells: object[]) => ({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells });
const stream = (text: string) => ({ output_type: 'stream', name: 'stdout', text });

test('WV9 a worksheet that was brought in begins with a version, a new one with none', async () => {
  const { id } = await newWorksheet(edge, { notebook: notebook(cell('a', 'x = 1')) });
  expect(await list(id)).toEqual([
    { id: expect.any(String), at: expect.stringMatching(/Z$/), kind: 'imported', name: null, who: ['admin'] },
  ]);
  const copy = (await call('POST', `${id}/duplicate`)).json;
  expect(await list(copy.id)).toMatchObject([{ kind: 'imported' }]);
  expect(await list((await newWorksheet(edge)).id)).toEqual([]);
});

test('WV30 a version is named, named otherwise, looked at, taken out and removed', async () => {
  const { id } = await newWorksheet(edge, { title: 'Tides', notebook: notebook(cell('a', 'x', [stream('1\n')])) });
  const made = await call('POST', `${id}/versions`, { name: ' First\n one ' });
  expect([made.status, made.json]).toMatchObject([201, { kind: 'named', name: 'First one', who: ['admin'] }]);
  const at = `${id}/versions/${made.json.id}`;
  expect(made.headers.get('location')).toBe(`/api/worksheets/${at}`);
  expect((await call('GET', at)).json).toEqual(made.json);
  expect((await call('PATCH', at, { name: 'Second' })).json).toEqual({ ...made.json, name: 'Second' });
  const file = await call('GET', `${at}/notebook`);
  expect(file.headers.get('content-disposition')).toContain('Tides (Second).ipynb');
  expect(file.json.cells).toMatchObject([{ id: 'a', source: ['x'], outputs: [{ text: ['1\n'] }] }]);
  const cells = [{ id: 'a', kind: 'code', source: 'x', outputs: [{ text: '1\n', types: ['stdout'] }] }];
  expect((await call('GET', `${at}/cells`)).json).toMatchObject({ cells });
  expect((await call('GET', `${id}/versions/present/cells`)).json).toEqual((await call('GET', `${at}/cells`)).json);
  expect((await call('PATCH', at, { name: null })).json).toMatchObject({ name: null, kind: 'automatic' });
  expect((await call('DELETE', at)).status).toBe(204);
  for (const [method, path] of [
    ['GET', ''],
    ['GET', '/cells'],
    ['GET', '/notebook'],
    ['DELETE', ''],
  ] as const)
    expect((await call(method, `${at}${path}`)).status).toBe(404);
});

test.each([[{}], [{ name: '' }], [{ name: ' \n ' }], [{ name: 3 }], [undefined]])(
  'WV30 the name in %j is 400',
  async (body) => {
    const { id } = await newWorksheet(edge);
    const answer = await call('POST', `${id}/versions`, body);
    expect([answer.status, answer.json.message]).toEqual([400, expect.stringMatching(/name|object/)]);
  },
);

test('WV30 a version of one worksheet is none of another, and of another person’s worksheet there is nothing', async () => {
  const [one, two] = [await newWorksheet(edge), await newWorksheet(edge)];
  const { id } = (await call('POST', `${one.id}/versions`, { name: 'One' })).json;
  const routes = [
    ['GET', ''],
    ['PATCH', '', { name: 'x' }],
    ['DELETE', ''],
    ['GET', '/cells'],
    ['GET', '/notebook'],
    ['POST', '/restore'],
    ['POST', '/copy'],
  ] as const;
  for (const [method, path, body] of routes) {
    for (const version of [id, newVersionId(), 'x']) {
      const answer = await call(method, `${two.id}/versions/${version}${path}`, body);
      expect([answer.status, answer.json.message]).toEqual([404, expect.stringContaining('version')]);
    }
    const foreign = await call(method, `${one.id}/versions/${id}${path}`, body, eve);
    expect([foreign.status, foreign.json.message]).toEqual([404, `there is no worksheet ${one.id}`]);
  }
  expect((await call('GET', `${one.id}/versions`, undefined, eve)).status).toBe(404);
  expect((await call('POST', `${one.id}/versions`, { name: 'x' }, eve)).status).toBe(404);
  expect(await list(one.id)).toHaveLength(1);
});

test('WV31 whoever may only read or run looks, takes out and copies; naming, removing and restoring is refused with the role', async () => {
  const { id } = await newWorksheet(edge, { notebook: notebook(cell('a', 'x')) });
  const [version] = await list(id);
  const viewer = await edge.person('vera');
  await edge.store.shares.set(id as never, storedUserId(viewer.user.id), 'viewer', 0);
  const vera = { url: edge.url, token: viewer.token };
  const at = `${id}/versions/${version?.id}`;
  expect((await call('GET', `${id}/versions`, undefined, vera)).json).toHaveLength(1);
  for (const path of ['', '/cells', '/notebook'])
    expect((await call('GET', `${at}${path}`, undefined, vera)).status).toBe(200);
  const copy = await call('POST', `${at}/copy`, undefined, vera);
  expect([copy.status, copy.json]).toMatchObject([201, { role: 'owner', owner: 'vera' }]);
  for (const [method, path, body] of [
    ['POST', `${id}/versions`, { name: 'x' }],
    ['PATCH', at, { name: 'x' }],
    ['DELETE', at],
    ['POST', `${at}/restore`],
  ] as const) {
    const answer = await call(method, path, body, vera);
    expect([answer.status, answer.json.message]).toEqual([403, expect.stringContaining('as viewer')]);
  }
});

describe('restore', () => {
  test('WV8 the present is kept first, then everybody who is in the worksheet sees the version at once', async () => {
    const { id } = await newWorksheet(edge, {
      notebook: notebook(cell('a', 'x = 1', [stream('1')]), cell('b', 'y = 2')),
    });
    const [first] = await list(id);
    using one = await Page.open(edge, id);
    using two = await Page.open(edge, id);
    one.type('x = 100');
    await one.saved();
    await two.until('the edit', () => two.cells[0]?.source === 'x = 100');
    const answer = await call('POST', `${id}/versions/${first?.id}/restore`);
    expect([answer.status, answer.json]).toMatchObject([200, { kind: 'before-restore', who: ['admin'] }]);
    for (const page of [one, two])
      await page.until('what was', () => page.cells[0]?.source === 'x = 1' && page.output() === '1');
    const kept = await call('GET', `${id}/versions/${answer.json.id}/cells`);
    expect(kept.json.cells[0].source).toBe('x = 100');
    expect((await list(id)).map(({ kind }) => kind)).toEqual(['before-restore', 'imported']);
    /** And back again. */
    await call('POST', `${id}/versions/${answer.json.id}/restore`);
    await two.until('what it was before', () => two.cells[0]?.source === 'x = 100');
  });

  test('WV8 it is stored when it is answered, also where nobody is in the worksheet', async () => {
    const { id } = await newWorksheet(edge, { notebook: notebook(cell('a', 'x = 1')) });
    const [first] = await list(id);
    {
      using page = await Page.open(edge, id);
      page.type('gone');
      await page.saved();
    }
    expect((await call('POST', `${id}/versions/${first?.id}/restore`)).status).toBe(200);
    expect((await call('GET', `${id}/notebook`)).json.cells[0].source).toEqual(['x = 1']);
  });

  test('WV8 what others type meanwhile is in the worksheet or in the version before', async () => {
    const { id } = await newWorksheet(edge, { notebook: notebook(cell('a', 'x = 1'), cell('b', '')) });
    const [first] = await list(id);
    using page = await Page.open(edge, id);
    page.type('x = 2');
    await page.saved();
    let typed = 0;
    const typing = setInterval(() => {
      typed += 1;
      page.type(`line ${typed}`, 1);
    }, 3);
    const answer = await call('POST', `${id}/versions/${first?.id}/restore`);
    clearInterval(typing);
    expect([200, 409]).toContain(answer.status);
    await page.saved();
    await page.until('the version', () => answer.status === 409 || page.cells[0]?.source === 'x = 1');
    const before =
      answer.status === 200 ? (await call('GET', `${id}/versions/${answer.json.id}/cells`)).json.cells : page.cells;
    const kept = Number(/line (\d+)/.exec(before[1].source)?.[1] ?? 0);
    const now = Number(/(\d+)$/.exec(page.cells[1]?.source ?? '')?.[1] ?? 0);
    expect(Math.max(kept, now)).toBe(typed);
  });

  test('WV24 a version becomes a new worksheet, which has its own history', async () => {
    const { id } = await newWorksheet(edge, { title: 'Tides', notebook: notebook(cell('a', 'x = 1')) });
    const { json: named } = await call('POST', `${id}/versions`, { name: 'Draft' });
    const copy = await call('POST', `${id}/versions/${named.id}/copy`);
    expect([copy.status, copy.json.title]).toEqual([201, 'Tides (Draft)']);
    expect(copy.headers.get('location')).toBe(`/api/worksheets/${copy.json.id}`);
    expect((await call('GET', `${copy.json.id}/notebook`)).json.cells[0].source).toEqual(['x = 1']);
    expect(await list(copy.json.id)).toMatchObject([{ kind: 'imported' }]);
  });

  test('WV8 a worksheet in the trash restores nothing and says why', async () => {
    const { id } = await newWorksheet(edge, { notebook: notebook(cell('a', 'x = 1')) });
    const [first] = await list(id);
    await call('DELETE', id);
    const answer = await call('POST', `${id}/versions/${first?.id}/restore`);
    expect([answer.status, answer.json.message]).toEqual([409, expect.stringContaining('trash')]);
    expect((await call('POST', `${id}/versions`, { name: 'x' })).status).toBe(409);
    expect(await list(id)).toHaveLength(1);
  });
});

test('WV2 a worksheet that is edited and left has a version with the name of who edited', async () => {
  const { id } = await newWorksheet(edge);
  {
    using page = await Page.open(edge, id);
    page.type('x = 1');
    await page.saved();
  }
  await expect
    .poll(() => list(id), { timeout: 30_000 })
    .toMatchObject([{ kind: 'automatic', name: null, who: ['admin'] }]);
});

test('WV6 of named versions there are at most 100, then a name is refused', async () => {
  const { id } = await newWorksheet(edge, { notebook: notebook(cell('a', 'x')) });
  const [first] = await list(id);
  for (let index = 0; index < 100; index += 1)
    expect((await call('POST', `${id}/versions`, { name: `Version ${index}` })).status).toBe(201);
  for (const [method, path] of [
    ['POST', ''],
    ['PATCH', `/${first?.id}`],
  ] as const) {
    const answer = await call(method, `${id}/versions${path}`, { name: 'one more' });
    expect([answer.status, answer.json.message]).toEqual([429, expect.stringContaining('100 of 100')]);
  }
});
