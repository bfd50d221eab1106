/** docs/spec/worksheet-sharing.md on the web-facing side: who may do what, and what open sockets do when that changes. */
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import * as Y from 'yjs';
import type { ShareRole } from '../../gateway/src/store/shares.ts';
import { raw, type TestEdge, testEdge } from '../support/edge.ts';
import { type Answer, rest, type Server } from '../support/jupyter.ts';
import { newWorksheet, Page } from '../support/worksheets.ts';

let edge: TestEdge;
let bob: Server;
let eve: Server;
let id: string;
beforeAll(async () => {
  edge = await testEdge();
  bob = { url: edge.url, token: (await edge.person('bob')).token };
  eve = { url: edge.url, token: (await edge.person('eve')).token };
});
afterAll(() => edge[Symbol.asyncDispose]());
beforeEach(async () => {
  id = (await newWorksheet(edge, { title: 'Shared' })).id;
});

const call = (server: Server, method: string, path = '', body?: unknown): Promise<Answer> =>
  rest(server, method, `/api/worksheets/${id}${path}`, body);
const share = (role: ShareRole, name = 'bob') => call(edge, 'PUT', `/shares/${name}`, { role });
const unshare = (name = 'bob') => call(edge, 'DELETE', `/shares/${name}`);
const roleOf = async (server: Server): Promise<string> => {
  const { status, json } = await call(server, 'GET');
  return status === 200 ? json.role : String(status);
};

/** Opens a link as the browser of this person does, and answers where it leads. */
async function visit(server: Server, path: string): Promise<string | undefined> {
  const form = `token=${server.token}`;
  const headers = { Origin: edge.url, Host: edge.host, 'Content-Type': 'application/x-www-form-urlencoded' };
  const signedIn = await raw(edge, 'POST', '/signin', headers, form);
  const cookie = (signedIn.headers['set-cookie'] ?? []).map((each) => each.split(';')[0]).join('; ');
  const answer = await raw(edge, 'GET', `/${path}`, { Host: edge.host, Cookie: cookie, Accept: 'text/html' });
  expect(answer.status).toBe(302);
  return answer.headers.location;
}

async function link(role: ShareRole): Promise<{ id: string; path: string }> {
  const answer = await call(edge, 'POST', '/links', { role });
  expect(answer.status, answer.text).toBe(201);
  return answer.json;
}

describe('by name', () => {
  test('WH1 each role may do what is its own and is refused the rest with words', async () => {
    const asks: [string, string, unknown, ShareRole | 'owner'][] = [
      ['GET', '', undefined, 'viewer'],
      ['GET', '/notebook', undefined, 'viewer'],
      ['PATCH', '', { title: 'Mine' }, 'owner'],
      ['DELETE', '', undefined, 'owner'],
      ['GET', '/shares', undefined, 'owner'],
      ['PUT', '/shares/eve', { role: 'viewer' }, 'owner'],
      ['DELETE', '/shares/eve', undefined, 'owner'],
      ['POST', '/links', { role: 'viewer' }, 'owner'],
      ['DELETE', '/links/x', undefined, 'owner'],
    ];
    for (const role of ['viewer', 'runner', 'editor'] as const) {
      expect((await share(role)).json).toEqual({ name: 'bob', role, named: true });
      for (const [method, path, body, needs] of asks) {
        const { status, json } = await call(bob, method, path, body);
        if (needs === 'owner')
          expect([method, path, status, json.message]).toEqual([
            method,
            path,
            403,
            expect.stringMatching(`as ${role}`),
          ]);
        else expect([method, path, status]).toEqual([method, path, 200]);
      }
    }
  });

  test('WH18 of a disabled owner: others read and change it, and its cells say why they do not run', async () => {
    const ada = await edge.person(`ada-${id}`.slice(0, 40));
    const server = { url: edge.url, token: ada.token };
    const made = await newWorksheet(server, { title: 'Left' });
    await rest(server, 'PUT', `/api/worksheets/${made.id}/shares/bob`, { role: 'editor' });
    await edge.store.users.setDisabled(ada.user.id, true);
    using page = await Page.open(bob, made.id);
    page.type('1+1');
    await page.until('it is stored', () => !page.provider.hasUnsyncedChanges);
    const [cell] = page.cells;
    expect(await page.command({ do: 'run', cells: [String(cell?.id)] })).toMatchObject({
      say: 'refused',
      message: expect.stringMatching(/account of its owner is disabled/),
    });
    expect((await rest(bob, 'GET', `/api/worksheets/${made.id}/notebook`)).text).toMatch(/1\+1/);
  });

  test('WH4 only who has this whole name is found, and the owner cannot be named', async () => {
    await edge.store.users.add('gone', 'member', 0).then(({ id: user }) => edge.store.users.setDisabled(user, true));
    for (const name of ['nobody', 'bo', 'bob2', 'gone', '%22x'])
      expect([name, (await share('viewer', name)).status]).toEqual([name, 404]);
    expect((await share('viewer', 'BOB')).json).toEqual({ name: 'bob', role: 'viewer', named: true });
    await unshare();
    expect((await share('viewer', 'admin')).status).toBe(400);
    expect((await call(edge, 'PUT', '/shares/bob', { role: 'owner' })).status).toBe(400);
    expect((await call(eve, 'PUT', '/shares/bob', { role: 'viewer' })).status).toBe(404);
    expect((await unshare()).status).toBe(404);
  });

  test('WH4 at most 100 people are named', async () => {
    const worksheet = (await edge.store.worksheets.list(edge.admin.id, { trashed: false })).find(
      (one) => one.id === id,
    );
    if (worksheet === undefined) throw new Error('no worksheet');
    for (let count = 0; count < 100; count += 1) {
      const { id: user } = await edge.store.users.add(`many${count}`, 'member', 0);
      await edge.store.shares.set(worksheet.id, user, 'viewer', 0);
    }
    const refused = await share('viewer');
    expect([refused.status, refused.json.message]).toEqual([429, expect.stringMatching(/100 of 100/)]);
    expect((await share('editor', 'many7')).status).toBe(200);
    expect((await unshare('many8')).status).toBe(204);
    expect((await share('viewer')).status).toBe(200);
  });

  test('WH4 who guesses many names is stopped, also with one that there is', async () => {
    const own = await rest(eve, 'POST', '/api/worksheets', {});
    const name = (guess: string) =>
      rest(eve, 'PUT', `/api/worksheets/${own.json.id}/shares/${guess}`, { role: 'viewer' });
    for (let count = 0; count < 30; count += 1) expect((await name(`guess${count}`)).status).toBe(404);
    const stopped = await name('bob');
    expect([stopped.status, stopped.json.message]).toEqual([429, expect.stringMatching(/try again in 10 minutes/)]);
    expect((await share('viewer')).status).toBe(200);
  });

  test('WH9 who leaves it has no right any more; the owner cannot leave', async () => {
    await share('editor');
    expect((await call(bob, 'POST', '/leave')).status).toBe(204);
    expect(await roleOf(bob)).toBe('404');
    expect((await call(bob, 'POST', '/leave')).status).toBe(404);
    expect((await call(edge, 'POST', '/leave')).status).toBe(400);
    expect((await call(edge, 'GET', '/shares')).json.people).toEqual([]);
  });
});

describe('by link', () => {
  test('WH5 who opens it signed in has its role and lands on the worksheet; the key is told once', async () => {
    const made = await link('runner');
    expect(made).toMatchObject({ role: 'runner', guests: 0, path: expect.stringMatching(/^s\/[\w-]{32}$/) });
    expect(await visit(bob, made.path)).toBe(`/worksheets/${id}`);
    expect(await visit(bob, made.path)).toBe(`/worksheets/${id}`);
    expect(await visit(edge, made.path)).toBe(`/worksheets/${id}`);
    expect(await roleOf(bob)).toBe('runner');
    const { json } = await call(edge, 'GET', '/shares');
    expect(json.people).toEqual([{ name: 'bob', role: 'runner', named: false }]);
    expect(json.links).toMatchObject([{ id: made.id, role: 'runner', guests: 1 }]);
    expect(JSON.stringify(json)).not.toContain(made.path.slice(2));
  });

  test('WH5 who is not signed in signs in first and comes back; a key that is none leads to the list', async () => {
    const made = await link('viewer');
    const answer = await raw(edge, 'GET', `/${made.path}`, { Host: edge.host, Accept: 'text/html' });
    expect([answer.status, answer.headers.location]).toEqual([302, `/?next=${encodeURIComponent(made.path)}`]);
    expect(await visit(bob, 's/nosuchkey')).toBe('/?link=gone');
    await call(edge, 'DELETE');
    expect(await visit(bob, made.path)).toBe('/?link=gone');
  });

  test('WH5 a page of others cannot let a browser come by it in a frame or a picture', async () => {
    const made = await link('viewer');
    const frame = {
      Host: edge.host,
      'Sec-Fetch-Dest': 'iframe',
      'Sec-Fetch-Mode': 'navigate',
      'Sec-Fetch-Site': 'cross-site',
    };
    for (const dest of ['iframe', 'image'])
      expect((await raw(edge, 'GET', `/${made.path}`, { ...frame, 'Sec-Fetch-Dest': dest })).status).toBe(403);
    const prefetch = { Host: edge.host, 'Sec-Purpose': 'prefetch', 'Sec-Fetch-Dest': 'document' };
    expect((await raw(edge, 'GET', `/${made.path}`, prefetch)).status).toBe(403);
  });

  test('WH6 withdrawing it takes the right of all who came by it, unless they have another', async () => {
    const [one, two] = [await link('editor'), await link('viewer')];
    for (const person of [bob, eve]) await visit(person, one.path);
    await visit(eve, two.path);
    expect([await roleOf(bob), await roleOf(eve)]).toEqual(['editor', 'editor']);
    expect((await call(edge, 'DELETE', `/links/${one.id}`)).status).toBe(204);
    expect([await roleOf(bob), await roleOf(eve)]).toEqual(['404', 'viewer']);
    expect(await visit(bob, one.path)).toBe('/?link=gone');
    expect((await call(edge, 'DELETE', `/links/${one.id}`)).status).toBe(404);
  });

  test('WH6 a link of another worksheet is not withdrawn', async () => {
    const made = await link('viewer');
    await visit(bob, made.path);
    const other = await newWorksheet(edge);
    expect((await rest(edge, 'DELETE', `/api/worksheets/${other.id}/links/${made.id}`)).status).toBe(404);
    expect(await roleOf(bob)).toBe('viewer');
  });

  test('WH2 the strongest right counts; WH7 the owner’s word replaces what somebody came by, and removing ends all', async () => {
    const made = await link('runner');
    await share('viewer');
    await visit(bob, made.path);
    expect(await roleOf(bob)).toBe('runner');
    await share('viewer');
    expect(await roleOf(bob)).toBe('viewer');
    await visit(bob, made.path);
    expect((await call(edge, 'GET', '/shares')).json.people).toEqual([{ name: 'bob', role: 'runner', named: true }]);
    expect((await unshare()).status).toBe(204);
    expect(await roleOf(bob)).toBe('404');
    expect((await call(edge, 'GET', '/shares')).json.links).toMatchObject([{ guests: 0 }]);
  });

  test('WH5 the key stands in no log', async () => {
    const lines: unknown[] = [];
    const log = (fields: object, message: string) => void lines.push({ ...fields, message });
    await using watched = await testEdge({ base: '/base' }, { debug: log, info: log, warn: log, error: log });
    const made = await newWorksheet(watched);
    const { path } = (await rest(watched, 'POST', `/api/worksheets/${made.id}/links`, { role: 'viewer' })).json;
    await raw(watched, 'GET', `/base/${path}`, { Host: watched.host });
    await vi.waitFor(() => expect(JSON.stringify(lines)).toContain('/base/s/…'));
    expect(JSON.stringify(lines)).not.toContain(path.slice(2));
  });

  test('WH5 at most 20 links lead to a worksheet', async () => {
    for (let count = 0; count < 20; count += 1) await link('viewer');
    expect((await call(edge, 'POST', '/links', { role: 'viewer' })).status).toBe(429);
  });
});

describe('the list', () => {
  const listed = async (server: Server, query = '') =>
    (await rest(server, 'GET', `/api/worksheets${query}`)).json.filter((one: { id: string }) => one.id === id);

  test('WH11 has what is shared with a person, with its owner and their role', async () => {
    expect(await listed(bob)).toEqual([]);
    await share('runner');
    expect(await listed(bob)).toMatchObject([{ id, title: 'Shared', owner: 'admin', role: 'runner' }]);
    expect(await listed(edge)).toMatchObject([{ owner: 'admin', role: 'owner' }]);
    expect(await listed(eve)).toEqual([]);
  });

  test('WH8 what its owner has moved to the trash is there for nobody else, until it is restored', async () => {
    await share('editor');
    await call(edge, 'DELETE');
    expect([await listed(bob), await listed(bob, '?trashed=1'), await roleOf(bob)]).toEqual([[], [], '404']);
    await call(edge, 'POST', '/restore');
    expect(await roleOf(bob)).toBe('editor');
  });

  test('WH10 a copy is its maker’s own, and is shared with nobody', async () => {
    await share('viewer');
    const copy = (await call(bob, 'POST', '/duplicate')).json;
    expect(copy).toMatchObject({ title: 'Shared (copy)', role: 'owner', owner: 'bob' });
    expect((await rest(edge, 'GET', `/api/worksheets/${copy.id}`)).status).toBe(404);
    expect((await rest(bob, 'GET', `/api/worksheets/${copy.id}/shares`)).json).toEqual({ people: [], links: [] });
  });

  test('WH10 a copy of a worksheet whose kernel one may not use has the default kernel', async () => {
    const teacher = await edge.store.users.add('teacher', 'instructor', 0);
    const server = { url: edge.url, token: await edge.edge.tokens.issue(teacher, 'test', 60_000) };
    const made = await newWorksheet(server, { kernelspec: 'python3-exam' });
    await rest(server, 'PUT', `/api/worksheets/${made.id}/shares/bob`, { role: 'viewer' });
    const copy = (await rest(bob, 'POST', `/api/worksheets/${made.id}/duplicate`)).json;
    expect(copy.kernelspec).toBe('python3');
  });
});

describe('the kernel', () => {
  test('WH3 who runs a cell runs it in the owner’s kernel, which others do not reach by the Jupyter API', async () => {
    await share('runner');
    using page = await Page.open(bob, id);
    page.send({ do: 'run', cells: [String(page.cells[0]?.id)] });
    await vi.waitFor(() => expect(edge.kernels.starts.at(-1)).toMatchObject({ id, owner: edge.admin.id }));
    const kernel = (server: Server) => rest(server, 'GET', `/api/kernels/${id}`);
    await vi.waitFor(async () => expect((await kernel(edge)).status).toBe(200));
    expect((await kernel(bob)).status).toBe(404);
    expect((await rest(bob, 'GET', '/api/kernels')).json).toEqual([]);
  });
});

describe('open sockets', () => {
  const first = (page: Page): string => page.cells[0]?.source ?? '';

  test('WH12 what a viewer or runner changes does not reach the document, and is not called saved', async () => {
    await share('viewer');
    using owner = await Page.open(edge, id);
    using page = await Page.open(bob, id);
    for (const role of ['viewer', 'runner'] as const) {
      await share(role);
      await page.until('the role', () => page.role === role);
      page.type(`by a ${role}`);
      await settled(page, owner);
      expect(page.provider.hasUnsyncedChanges).toBe(true);
      expect(first(owner)).not.toContain(role);
    }
  });

  test('WH12 neither do changes within the answer to the server’s question what it misses', async () => {
    await share('runner');
    using owner = await Page.open(edge, id);
    using page = await Page.open(bob, id);
    page.type('smuggled');
    page.provider.forceSync();
    await settled(page, owner);
    await smuggle(page, 0, 1);
    await smuggle(page, 0, 2);
    await smuggle(page, 4, 1);
    await smuggle(page, 4, 2);
    await settled(page, owner);
    expect(first(owner)).toBe('');
    using later = await Page.open(edge, id);
    expect(first(later)).toBe('');
  });

  test('WH13 commands beyond the role are refused with words', async () => {
    await share('viewer');
    using page = await Page.open(bob, id);
    const cells = [String(page.cells[0]?.id)];
    const wishes = [
      { do: 'run', cells },
      { do: 'interrupt' },
      { do: 'restart' },
      { do: 'stop' },
      { do: 'answer', question: 'q', value: 'x' },
      { do: 'complete', code: 'x', cursor: 1 },
      { do: 'inspect', code: 'x', cursor: 1 },
    ] as const;
    for (const wish of wishes)
      expect(await page.command(wish)).toMatchObject({ say: 'refused', message: expect.stringMatching(/as viewer/) });
    await share('runner');
    expect(await page.command({ do: 'clear', cells })).toMatchObject({
      say: 'refused',
      message: expect.stringMatching(/as runner/),
    });
    for (const wish of wishes.filter((each) => each.do !== 'answer'))
      expect([wish.do, await page.command(wish)]).toMatchObject([wish.do, { say: 'done' }]);
    await share('editor');
    expect(await page.command({ do: 'clear', cells })).toMatchObject({ say: 'done' });
  });

  test('WH14 a right that is withdrawn ends the socket at once, and its next edit does not arrive', async () => {
    await share('editor');
    using owner = await Page.open(edge, id);
    using page = await Page.open(bob, id);
    page.type('before');
    await page.saved();
    let typing = 0;
    const timer = setInterval(() => page.type(`typing ${typing++}`), 1);
    const text = async () => (await call(edge, 'GET', '/notebook')).json.cells[0].source.join('');
    await expect.poll(text).toMatch(/^typing/);
    expect((await unshare()).status).toBe(204);
    const arrived = first(owner);
    const stored = await text();
    await page.until('the end of the line', () => page.closes.length > 0);
    const typed = typing;
    clearInterval(timer);
    expect(page.closes[0]).toEqual({ code: 4403, reason: 'this worksheet is no longer shared with you' });
    await page.until('the refusal', () => page.denied !== undefined);
    await new Promise((next) => setTimeout(next, 100));
    expect(await text()).toBe(stored);
    expect([first(owner).startsWith('typing'), arrived.startsWith('typing'), typed > 0]).toEqual([true, true, true]);
    expect(first(page)).toBe(`typing ${typing - 1}`);
  });

  test('WH14 one that is lowered and raised again keeps the socket, and the edits of meanwhile arrive', async () => {
    await share('editor');
    using owner = await Page.open(edge, id);
    using page = await Page.open(bob, id);
    await share('viewer');
    await page.until('the lower role', () => page.role === 'viewer');
    page.type('kept');
    await settled(page, owner);
    expect(first(owner)).toBe('');
    await share('editor');
    await page.until('the higher role', () => page.role === 'editor');
    page.provider.forceSync();
    await owner.until('the edit', () => first(owner) === 'kept');
    page.type('and more');
    await owner.until('the next edit', () => first(owner) === 'and more');
    expect(page.closes).toEqual([]);
  });

  test('WH14 withdrawing a link and leaving end sockets too; who has another right goes on with it', async () => {
    const made = await link('editor');
    for (const person of [bob, eve]) await visit(person, made.path);
    await visit(eve, (await link('viewer')).path);
    using his = await Page.open(bob, id);
    using hers = await Page.open(eve, id);
    expect([his.role, hers.role]).toEqual(['editor', 'editor']);
    await call(edge, 'DELETE', `/links/${made.id}`);
    await his.until('his end', () => his.closes[0]?.code === 4403);
    await hers.until('her role', () => hers.role === 'viewer');
    await call(eve, 'POST', '/leave');
    await hers.until('her end', () => hers.closes[0]?.code === 4403);
  });

  test('WH8 the trash ends everybody', async () => {
    await share('editor');
    using owner = await Page.open(edge, id);
    using page = await Page.open(bob, id);
    await call(edge, 'DELETE');
    for (const one of [owner, page]) await one.until('the end', () => /trash/.test(one.closes[0]?.reason ?? ''));
    await page.until('the refusal', () => page.denied !== undefined);
    expect(page.denied).toBe('there is no such worksheet');
  });

  test('WH14 rights that change while the worksheet is being opened are those of the socket', async () => {
    for (let round = 0; round < 10; round += 1) {
      await share('editor');
      const page = new Page(bob, id);
      await new Promise((next) => setTimeout(next, round * 2));
      await (round % 2 === 0 ? unshare() : share('viewer'));
      if (round % 2 === 0) await page.until('the end', () => page.denied !== undefined || page.closes.length > 0);
      else {
        await page.until('the document', () => page.provider.isSynced && page.role === 'viewer');
        page.type(`round ${round}`);
      }
      await new Promise((next) => setTimeout(next, 20));
      page.close();
    }
    using owner = await Page.open(edge, id);
    expect(first(owner)).toBe('');
  });
});

describe('presence', () => {
  const states = (page: Page) => page.provider.awareness?.getStates() ?? new Map();
  const nameOf = (page: Page, client: number) => states(page).get(client)?.['user']?.name;

  test('WH15 names are those of who signed in, whatever a page says; viewers are seen too', async () => {
    await share('viewer');
    using owner = await Page.open(edge, id);
    using page = await Page.open(bob, id);
    page.provider.setAwarenessField('user', { name: 'admin', color: 'red' });
    page.provider.setAwarenessField('cell', 'here');
    const client = page.doc.clientID;
    await owner.until('the presence', () => states(owner).get(client)?.['cell'] === 'here');
    expect(states(owner).get(client)).toEqual({ user: { name: 'bob' }, cell: 'here' });
    await page.until('the owner', () => nameOf(page, owner.doc.clientID) === 'admin');
  });

  test('WH15 nobody speaks for a client of somebody else, and nobody takes it away', async () => {
    await share('editor');
    using owner = await Page.open(edge, id);
    using page = await Page.open(bob, id);
    using third = await Page.open(edge, id);
    owner.provider.setAwarenessField('cell', 'true');
    const victim = owner.doc.clientID;
    await page.until('the owner', () => states(page).get(victim)?.['cell'] === 'true');
    for (const state of [{ user: { name: 'admin' }, cell: 'forged' }, null, 3, [1]])
      presence(page, victim, 1000, state);
    presence(page, 4711, 5, { cell: 'one more' });
    page.provider.setAwarenessField('cell', 'mine');
    await third.until('his own', () => states(third).get(page.doc.clientID)?.['cell'] === 'mine');
    expect(states(third).get(victim)).toMatchObject({ user: { name: 'admin' }, cell: 'true' });
    expect(states(third).has(4711)).toBe(false);
  });

  test('WH15 nor does who names the client of somebody else first', async () => {
    await share('editor');
    using owner = await Page.open(edge, id);
    using third = await Page.open(edge, id);
    owner.provider.setAwarenessField('cell', 'true');
    const victim = owner.doc.clientID;
    const socket = new WebSocket(`ws://${edge.host}/api/worksheets/socket?token=${bob.token}`);
    await new Promise((done, fail) => socket.once('open', done).once('error', fail));
    socket.send(Buffer.concat([text(id), varUint(2), varUint(0), text('')]));
    socket.send(presenceFrame(victim, 1000, { cell: 'forged' }));
    socket.send(presenceFrame(4711, 5, { cell: 'his own' }));
    await third.until('what he may say', () => nameOf(third, 4711) === 'bob');
    expect(states(third).get(victim)).toMatchObject({ user: { name: 'admin' }, cell: 'true' });
    socket.close();
    await third.until('that he left', () => !states(third).has(4711));
  });

  test('WH15 who leaves is seen to leave, also who had come back', async () => {
    await share('editor');
    using owner = await Page.open(edge, id);
    const page = await Page.open(bob, id);
    const client = page.doc.clientID;
    await owner.until('him', () => nameOf(owner, client) === 'bob');
    page.provider.configuration.websocketProvider.webSocket?.close();
    await owner.until('him gone', () => !states(owner).has(client));
    await owner.until('him again', () => nameOf(owner, client) === 'bob');
    page.provider.configuration.websocketProvider.disconnect();
    /** By itself a presence that nobody renews is forgotten after half a minute. */
    await owner.until('him gone for good', () => !states(owner).has(client), 20_000);
    page.close();
  });
});

/** Everything that this page has sent has been dealt with, and the other has heard of what came of it. */
async function settled(page: Page, other: Page): Promise<void> {
  await page.command({ do: 'complete', code: '', cursor: 0 });
  await other.command({ do: 'complete', code: '', cursor: 0 });
}

const send = (page: Page, bytes: Uint8Array): void => {
  (page.provider.configuration.websocketProvider.webSocket as unknown as { send(data: Uint8Array): void }).send(bytes);
};

/** Sends a change to the first cell as a message of this kind and step. */
async function smuggle(page: Page, kind: number, step: number): Promise<void> {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(page.doc));
  (doc.getArray('cells').get(0) as Y.Map<Y.Text>).get('source')?.insert(0, `kind ${kind} step ${step}`);
  send(page, frame(id, kind, step, Y.encodeStateAsUpdate(doc)));
}

const presenceFrame = (client: number, clock: number, state: unknown): Uint8Array =>
  frame(id, 1, undefined, Buffer.concat([varUint(1), varUint(client), varUint(clock), text(JSON.stringify(state))]));

const presence = (page: Page, client: number, clock: number, state: unknown): void =>
  send(page, presenceFrame(client, clock, state));

const frame = (document: string, kind: number, step: number | undefined, content: Uint8Array): Uint8Array =>
  Buffer.concat([
    text(document),
    varUint(kind),
    ...(step === undefined ? [] : [varUint(step)]),
    varUint(content.length),
    content,
  ]);

const text = (value: string): Uint8Array => Buffer.concat([varUint(Buffer.byteLength(value)), Buffer.from(value)]);

function varUint(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    bytes.push(rest < 128 ? rest : 128 + (rest % 128));
    if (rest < 128) return Buffer.from(bytes);
  }
}
