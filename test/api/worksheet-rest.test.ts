/** Worksheets without kernels: the routes, and who may be in which document. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type * as Y from 'yjs';
import { isLibraryId, isPolicyName, newWorksheetId } from '../../gateway/src/base/ids.ts';
import { type TestEdge, testEdge } from '../support/edge.ts';
import { type Answer, rest, type Server } from '../support/jupyter.ts';
import { newWorksheet, Page } from '../support/worksheets.ts';

let edge: TestEdge;
let eve: Server;
beforeAll(async () => {
  edge = await testEdge();
  eve = { url: edge.url, token: (await edge.person('eve')).token };
});
afterAll(() => edge[Symbol.asyncDispose]());

const call = (method: string, path: string, body?: unknown) => rest(edge, method, `/api/worksheets${path}`, body);
const ids = (answer: Answer): string[] => answer.json.map(({ id }: { id: string }) => id);

describe('the list', () => {
  test('WS2 a new worksheet has one empty cell, the default kernel and a title', async () => {
    const answer = await call('POST', '', {});
    expect(answer.status).toBe(201);
    const { id } = answer.json;
    expect(answer.headers.get('location')).toBe(`/api/worksheets/${id}`);
    expect(answer.json).toEqual({
      id,
      title: 'Untitled',
      kernelspec: 'python3',
      kernelspec_title: 'Python 3',
      created_at: expect.stringMatching(/\.\d{3}Z$/),
      changed_at: answer.json.created_at,
      trashed: false,
      role: 'owner',
      owner: 'admin',
      kernel: 'none',
      asleep_since: null,
    });
    expect((await call('GET', `/${id}`)).json).toEqual(answer.json);
    const { json } = await call('GET', `/${id}/notebook`);
    expect(json).toMatchObject({
      nbformat: 4,
      metadata: { kernelspec: { name: 'python3', display_name: 'Python 3', language: 'python' } },
      cells: [{ cell_type: 'code', source: [], outputs: [] }],
    });
  });

  test.each([
    [{ title: '  A\ttitle \u202ewith\n\n all sorts ' }, 'A title with all sorts'],
    [{ title: 'x'.repeat(300) }, 'x'.repeat(200)],
    [{ title: null }, 'Untitled'],
    [undefined, 'Untitled'],
  ])('the title of %j is %s', async (body, title) => {
    expect((await call('POST', '', body)).json.title).toBe(title);
  });

  test.each([
    ['{"title":"  "}', /title/],
    ['{"title":3}', /title/],
    ['[]', /object/],
    ['{bad', /JSON/],
    ['{"notebook":3}', /notebook/],
    ['{"notebook":{"nbformat":3}}', /nbformat/],
  ])('the body %s is 400', async (body, message) => {
    const answer = await call('POST', '', body);
    expect([answer.status, answer.json.message]).toEqual([400, expect.stringMatching(message)]);
  });

  test('AC3 a kernelspec chooses policy and kernel; one that the person may not use is as unknown as none', async () => {
    expect((await call('POST', '', { kernelspec: 'ipykernel-small' })).json).toMatchObject({
      kernelspec: 'ipykernel-small',
      kernelspec_title: 'Python 3 (ipykernel, small)',
    });
    for (const kernelspec of ['nosuch', 'python3-exam'])
      expect((await call('POST', '', { kernelspec })).status).toBe(404);
  });

  test('WS4 PATCH renames, and the last change comes first', async () => {
    const [one, two] = [await newWorksheet(edge), await newWorksheet(edge)];
    await new Promise((next) => setTimeout(next, 2));
    const renamed = await call('PATCH', `/${one.id}`, { title: ' Tides ' });
    expect([renamed.status, renamed.json.title]).toEqual([200, 'Tides']);
    const listed = ids(await call('GET', ''));
    expect(listed.indexOf(one.id)).toBeLessThan(listed.indexOf(two.id));
    for (const body of [{}, { title: '' }]) expect((await call('PATCH', `/${one.id}`, body)).status).toBe(400);
  });

  test('WS15 DELETE moves it to the trash, restore takes it out, DELETE in the trash removes it for good', async () => {
    const { id } = await newWorksheet(edge);
    expect((await call('DELETE', `/${id}`)).status).toBe(204);
    expect([ids(await call('GET', '')).includes(id), ids(await call('GET', '?trashed=1')).includes(id)]).toEqual([
      false,
      true,
    ]);
    expect((await call('GET', `/${id}`)).json.trashed).toBe(true);
    expect((await call('POST', `/${id}/restore`)).json.trashed).toBe(false);
    for (const _ of [1, 2]) expect((await call('DELETE', `/${id}`)).status).toBe(204);
    expect((await call('GET', `/${id}`)).status).toBe(404);
    expect((await call('DELETE', `/${id}`)).status).toBe(404);
  });

  test('WS13 of another person every route says that there is none', async () => {
    const { id } = await newWorksheet(edge);
    expect((await rest(eve, 'GET', '/api/worksheets')).json).toEqual([]);
    const routes: [string, string, unknown?][] = [
      ['GET', ''],
      ['PATCH', '', { title: 'mine' }],
      ['DELETE', ''],
      ['POST', '/restore'],
      ['POST', '/duplicate'],
      ['GET', '/notebook'],
    ];
    for (const unknown of [id, newWorksheetId(), 'x', '..%2f..%2fusers'])
      for (const [method, path, body] of routes) {
        const server = unknown === id ? eve : edge;
        const { status, json } = await rest(server, method, `/api/worksheets/${unknown}${path}`, body);
        expect([method, path, status, json.message]).toEqual([
          method,
          path,
          404,
          expect.stringMatching(/there is no worksheet/),
        ]);
      }
    expect((await call('GET', `/${id}`)).json.title).toBe('Untitled');
  });

  test('WS14 a person has at most 1,000, the trash among them', async () => {
    const { user, token } = await edge.person('collector');
    const row = { owner: user.id, title: 't', kernel: 'python3', kernelspec: 'python3', createdAt: 1, changedAt: 1 };
    const policy = 'standard';
    if (!isPolicyName(policy)) throw new Error(policy);
    for (let count = 0; count < 1000; count += 1)
      await edge.store.worksheets.create(
        { id: newWorksheetId(), policy, trashedAt: count < 10 ? 5 : null, ...row },
        new Uint8Array([0, 0]),
      );
    const answer = await rest({ url: edge.url, token }, 'POST', '/api/worksheets', {});
    expect([answer.status, answer.json.message]).toEqual([429, expect.stringMatching(/1000 of 1000 worksheets/)]);
  });
});

describe('files', () => {
  const file = (cells: unknown[], metadata: object = {}) =>
    JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata, cells });
  const cell = {
    cell_type: 'code',
    id: 'a1',
    metadata: { tags: ['x'], mine: { deep: [1] } },
    source: ['1 + 1'],
    outputs: [{ output_type: 'execute_result', execution_count: 3, data: { 'text/plain': ['2'] }, metadata: {} }],
    execution_count: 3,
  };
  const bring = (text: string, title = 'Waves.ipynb') =>
    rest(edge, 'POST', `/api/worksheets/import?title=${encodeURIComponent(title)}`, text);

  test('WS16 what is brought in comes out again', async () => {
    const metadata = { kernelspec: { name: 'python3-small', display_name: 'P' }, author: 'ada', x: { y: [null] } };
    const answer = await bring(file([cell], metadata), 'a/b\\Waves of Fun.ipynb');
    expect([answer.status, answer.json.title, answer.json.kernelspec]).toEqual([201, 'Waves of Fun', 'python3-small']);
    const out = await call('GET', `/${answer.json.id}/notebook`);
    expect(out.json).toEqual(JSON.parse(file([cell], metadata)));
  });

  test('a kernel that is not there becomes the default; a file without a name is untitled', async () => {
    const answer = await bring(file([cell], { kernelspec: { name: 'sagemath' } }), '');
    expect(answer.json).toMatchObject({ title: 'Untitled', kernelspec: 'python3' });
  });

  test.each([
    ['{"cells":[', /JSON/i],
    ['', /./],
    ['[]', /./],
    [file([cell, { ...cell, outputs: [{ output_type: 'nosuch' }] }]), /cells\[1\]\.outputs\[0\]/],
  ])('WS16 %s is 400 and says where', async (text, message) => {
    const answer = await bring(text);
    expect([answer.status, answer.json.message]).toEqual([400, expect.stringMatching(message)]);
  });

  test('a file of several MiB is taken, one beyond 64 MiB is 413', async () => {
    const large = { ...cell, source: 'x'.repeat(5 * 1024 * 1024) };
    expect((await bring(file([large]))).status).toBe(201);
    expect((await call('POST', '', { notebook: JSON.parse(file([large])) })).status).toBe(201);
    expect((await bring('x'.repeat(64 * 1024 * 1024 + 1))).status).toBe(413);
  });

  test('WD41 a worksheet of Sage is taken by what it is, and goes out as a program', async () => {
    const sws = await readFile(join(import.meta.dirname, '../golden/sage/primes.sws'));
    const headers = { Authorization: `token ${edge.token}` };
    const answer = await fetch(`${edge.url}/api/worksheets/import?title=primes.sws`, {
      method: 'POST',
      headers,
      body: sws,
    });
    expect(answer.status).toBe(201);
    const { id, title } = (await answer.json()) as { id: string; title: string };
    expect(title).toBe('primes');
    const program = await call('GET', `/${id}/python`);
    expect(program.headers.get('content-disposition')).toContain('filename="primes.py"');
    expect(program.text).toContain('# %%\nfactor(2^61-1)\n');
  });

  test('WS19 its id cannot be taken for a kernel', async () => {
    const { id } = await newWorksheet(edge, {});
    expect((await rest(edge, 'POST', '/api/kernels', { kernel_id: id })).status).toBe(409);
  });

  test('WS17 a download is an attachment, under a policy that runs nothing, whatever the title is', async () => {
    const { id } = await newWorksheet(edge, { title: `a"b; filename=x.html /ü'(日)` });
    const { headers, status } = await call('GET', `/${id}/notebook`);
    expect(status).toBe(200);
    expect(headers.get('content-disposition')).toBe(
      `attachment; filename="a-b_ filename_x.html -__(_).ipynb"; filename*=UTF-8''a-b%3B%20filename%3Dx.html%20-%C3%BC%27%28%E6%97%A5%29.ipynb`,
    );
    expect(headers.get('content-security-policy')).toBe("default-src 'none'; sandbox");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-type')).toBe('application/x-ipynb+json');
  });

  test('WS18 a copy has the cells and outputs, and a name of its own', async () => {
    const { json: source } = await bring(file([cell]), 'Waves');
    const copy = await call('POST', `/${source.id}/duplicate`);
    expect([copy.status, copy.json.title]).toEqual([201, 'Waves (copy)']);
    expect(copy.json.id).not.toBe(source.id);
    const [one, two] = [await call('GET', `/${source.id}/notebook`), await call('GET', `/${copy.json.id}/notebook`)];
    expect(two.json).toEqual(one.json);
  });
});

describe('the socket', () => {
  test('WS1 WS3 an edit that is acknowledged is in the store, and others have it', async () => {
    const { id } = await newWorksheet(edge);
    using one = await Page.open(edge, id);
    using two = await Page.open(edge, id);
    one.type('x = 1');
    await one.saved();
    if (!isLibraryId(id)) throw new Error(id);
    expect((await edge.store.worksheets.updates(id)).length).toBeGreaterThan(1);
    await two.until('the edit', () => two.cells[0]?.source === 'x = 1');
    expect((await call('GET', `/${id}/notebook`)).json.cells[0].source).toEqual(['x = 1']);
  });

  test('WS10 is for the owner; others hear what they hear of none', async () => {
    const { id } = await newWorksheet(edge);
    const reasons = [];
    for (const [server, name] of [
      [eve, id],
      [edge, newWorksheetId()],
      [edge, 'nosuch'],
    ] as const) {
      using page = new Page(server, name);
      await page.until('an answer', () => page.denied !== undefined);
      reasons.push(page.denied);
    }
    expect(new Set(reasons)).toEqual(new Set(['there is no such worksheet']));
  });

  test('WS11 a page hears the status when it comes, and that a command is none', async () => {
    const { id } = await newWorksheet(edge);
    using page = await Page.open(edge, id);
    await page.until('the status', () => page.status !== undefined);
    expect(page.status).toMatchObject({ kernel: 'none', queue: [] });
    page.provider.sendStateless('{"do":"dance","id":"17"}');
    await page.until('the refusal', () => page.notices.length > 0);
    expect(page.notices).toMatchObject([{ say: 'refused', id: '17', message: expect.stringMatching(/not a command/) }]);
  });

  test('WS6 where the store fails the line ends with a reason, nothing is acknowledged, and the edit is stored later', async () => {
    const { id } = await newWorksheet(edge);
    using page = await Page.open(edge, id);
    const append = edge.store.worksheets.append;
    edge.store.worksheets.append = async () => {
      throw new Error('disk full');
    };
    page.type('kept by the page');
    await page.until('the end of the line', () => page.closes.length > 0);
    expect(page.closes[0]).toEqual({ code: 1013, reason: 'the worksheet cannot be saved' });
    expect(page.provider.hasUnsyncedChanges).toBe(true);
    edge.store.worksheets.append = append;
    await page.saved();
    expect((await call('GET', `/${id}/notebook`)).json.cells[0].source).toEqual(['kept by the page']);
  });

  test('WS20 a cell that two people have moved at the same time gets an id of its own', async () => {
    const { id } = await newWorksheet(edge);
    using page = await Page.open(edge, id);
    const [cell] = page.doc.getArray<Y.Map<unknown>>('cells').toArray();
    if (cell === undefined) throw new Error('no cell');
    page.doc.getArray('cells').push([cell.clone()]);
    await page.until('another id', () => new Set(page.cells.map((each) => each.id)).size === 2);
    expect(page.cells[0]?.id).toBe(cell.get('id'));
  });

  test('WS12 moving it to the trash ends the line, and there is no way in', async () => {
    const { id } = await newWorksheet(edge);
    using page = await Page.open(edge, id);
    await call('DELETE', `/${id}`);
    await page.until('a reason', () => page.denied !== undefined);
    expect(page.denied).toMatch(/in the trash/);
    expect(page.closes[0]).toEqual({ code: 1000, reason: 'the worksheet was moved to the trash' });
  });

  test('AC14 ends within a second of its token being revoked', async () => {
    const { user, token } = await edge.person('leaver');
    const leaver = { url: edge.url, token };
    const { id } = await newWorksheet(leaver);
    using page = await Page.open(leaver, id);
    const [record] = await edge.store.tokens.ofUser(user.id);
    if (record === undefined) throw new Error('no token');
    await edge.store.tokens.revoke(record.id);
    await page.until('the end of the line', () => page.closes.length > 0);
    expect(page.closes[0]?.code).toBe(1008);
  });

  test.each([
    ['text', 1003],
    [Buffer.from([9, 9]), 1007],
    [Buffer.alloc(9 * 1024 * 1024), 1009],
  ])('WS8 what no page sends ends the line (%#)', async (message, expected) => {
    const socket = new WebSocket(`ws://${edge.host}/api/worksheets/socket?token=${edge.token}`);
    await new Promise((done, fail) => socket.once('open', done).once('error', fail));
    const closed = new Promise((done) => socket.once('close', done));
    socket.on('error', () => {});
    socket.send(message);
    expect(await closed).toBe(expected);
  });

  test('WS9 twenty-one worksheets in one socket end it', async () => {
    const socket = new WebSocket(`ws://${edge.host}/api/worksheets/socket?token=${edge.token}`);
    await new Promise((done, fail) => socket.once('open', done).once('error', fail));
    const closed = new Promise((done) => socket.once('close', done));
    for (let count = 0; count < 21; count += 1) socket.send(Buffer.from([2, 97, 97 + count, 3]));
    expect(await closed).toBe(1008);
  });
});
