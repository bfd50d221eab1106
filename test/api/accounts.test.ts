/** Local accounts over HTTP: invitations, signing in by password, what limits guessing, and what ends what. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { Logger } from '../../gateway/src/base/ports.ts';
import { ask, CHROMIUM, call, HTML, invited, jarOf, keyOf, post, signIn } from '../support/accounts.ts';
import { raw, type TestEdge, testEdge } from '../support/edge.ts';

/** Far beyond what anything here takes. */
const SOON = { timeout: 30_000 };
const GOOD = 'correct horse battery';
const OTHER = 'staple of the horse';

let edge: TestEdge;
beforeAll(async () => {
  edge = await testEdge();
});
afterAll(() => edge[Symbol.asyncDispose]());

const invite = (name: string, more = {}) => call(edge, edge.token, 'POST', '/api/people', { name, ...more });
const me = async (jar: { Cookie: string }) => (await raw(edge, 'GET', '/api/account', { Cookie: jar.Cookie })).json;

describe('a link', () => {
  test('AC19 names its person, sets the password once and signs in', async () => {
    const made = await invite('ada', { role: 'instructor' });
    expect([made.status, made.json.person]).toMatchObject([201, { name: 'ada', role: 'instructor', state: 'invited' }]);
    expect(made.json.link).toMatch(new RegExp(`^http://${edge.host}/invite#[\\w-]{43}$`));
    const days = (Date.parse(made.json.ends_at) - Date.now()) / 86_400_000;
    expect(Math.round(days)).toBe(7);
    const key = keyOf(made);

    const asked = await post(edge, '/invite', { key });
    expect([asked.status, jarOf(asked)]).toEqual([200, undefined]);
    expect(asked.text).toMatch(/Welcome, ada/);
    const pasted = await post(edge, '/invite', { key: ` ${made.json.link}\n` });
    expect(pasted.text).toMatch(/Welcome, ada/);

    const set = await post(edge, '/invite', { key, password: GOOD });
    expect([set.status, set.headers.location]).toEqual([303, '/']);
    const jar = jarOf(set);
    expect(jar && (await me(jar))).toMatchObject({ name: 'ada', role: 'instructor', has_password: true });
    const again = await post(edge, '/invite', { key, password: OTHER });
    expect([again.status, jarOf(again)]).toEqual([404, undefined]);
    expect(again.text).toMatch(/no longer good/);
    expect((await signIn(edge, 'ada', GOOD)).Cookie).toBeTruthy();
  });

  test('AC18 AC19 a password that will not do is said to be so, and does not use the link up', async () => {
    const key = keyOf(await invite('berta'));
    for (const [password, text] of [
      ['tiny one', /at least 10/],
      ['x'.repeat(300), /at most 200/],
      ['bertaberta', /must not be the name/],
      ['passwort1234', /others try first/],
    ] as const) {
      const answer = await post(edge, '/invite', { key, password });
      expect([answer.status, jarOf(answer)]).toEqual([400, undefined]);
      expect(answer.text).toMatch(text);
      expect(answer.text).not.toContain(password);
    }
    expect((await post(edge, '/invite', { key, password: GOOD })).status).toBe(303);
  });

  test('AC19 one that was withdrawn, replaced or invented is no good; withdrawing forgets who was never here', async () => {
    const first = await invite('cleo');
    const { id } = first.json.person;
    const second = await call(edge, edge.token, 'POST', `/api/people/${id}/link`, { days: 1 });
    expect(second.status).toBe(201);
    expect((await post(edge, '/invite', { key: keyOf(first), password: GOOD })).status).toBe(404);
    expect((await call(edge, edge.token, 'DELETE', `/api/people/${id}/link`)).status).toBe(204);
    for (const key of [keyOf(second), '', 'x'.repeat(43), '__proto__'])
      expect((await post(edge, '/invite', { key, password: GOOD })).status).toBe(404);
    expect((await call(edge, edge.token, 'DELETE', `/api/people/${id}/link`)).status).toBe(404);
    expect((await invite('cleo')).status).toBe(201);
  });

  test('AC19 its key is in no address that the server gets, and in no log', async () => {
    const lines: string[] = [];
    const note = (fields: object, message: string) => void lines.push(JSON.stringify({ ...fields, message }));
    const logger: Logger = { debug: note, info: note, warn: note, error: note };
    await using logged = await testEdge({}, logger);
    const key = keyOf(await call(logged, logged.token, 'POST', '/api/people', { name: 'ada' }));
    await post(logged, '/invite', { key });
    await post(logged, '/invite', { key, password: GOOD });
    await post(logged, '/signin', { name: 'ada', password: GOOD });
    await post(logged, '/signin', { name: 'ada', password: OTHER });
    expect(lines.length).toBeGreaterThanOrEqual(5);
    for (const secret of [key, GOOD, OTHER]) expect(lines.join('\n')).not.toContain(secret);
  });

  test('AC23 a new password by a link ends the sessions of before, and keeps the account', async () => {
    const before = await invited(edge, 'dora', GOOD);
    const people = (await call(edge, edge.token, 'GET', '/api/people')).json;
    const { id } = people.find((person: { name: string }) => person.name === 'dora');
    const made = await call(edge, edge.token, 'POST', `/api/people/${id}/link`);
    const asked = await post(edge, '/invite', { key: keyOf(made) });
    expect(asked.text).toMatch(/A new password for dora/);
    expect((await signIn(edge, 'dora', GOOD)).Cookie).toBeTruthy();
    expect((await post(edge, '/invite', { key: keyOf(made), password: OTHER })).status).toBe(303);
    expect((await ask(edge, before, 'GET', '/api/account')).status).toBe(401);
    await expect(signIn(edge, 'dora', GOOD)).rejects.toThrow('401');
    expect((await me(await signIn(edge, 'dora', OTHER))).id).toBe(id);
  });
});

describe('signing in by name and password', () => {
  test('AC17 AC20 the name may be typed in any case; whatever is wrong is refused in the same words', async () => {
    await invited(edge, 'Emil.Müller', GOOD);
    expect(await me(await signIn(edge, ' emil.MÜLLER ', GOOD))).toMatchObject({ name: 'Emil.Müller' });
    await edge.store.users.add('without', 'member', 0);
    const refused = [
      ['Emil.Müller', 'wrong horse battery'],
      ['Emil.Müller', ''],
      ['nobody', GOOD],
      ['without', GOOD],
      ['', ''],
      ['x'.repeat(2000), GOOD],
      ['Emil.Müller', 'x'.repeat(2000)],
    ];
    const bodies = new Set<string>();
    for (const [name = '', password = ''] of refused) {
      const answer = await post(edge, '/signin', { name, password });
      expect([name.slice(0, 20), answer.status, jarOf(answer)]).toEqual([name.slice(0, 20), 401, undefined]);
      bodies.add(answer.text.replace(/ (value="[^"]*"|autofocus)/g, ''));
    }
    expect(bodies.size).toBe(1);
    expect([...bodies][0]).toMatch(/do not belong together/);
  });

  test('AC20 a disabled account is said to be so to who knows its password, and to nobody else', async () => {
    await invited(edge, 'fritz', GOOD);
    const user = await edge.store.users.byName('fritz');
    if (user !== undefined) await edge.store.users.setDisabled(user.id, true);
    const right = await post(edge, '/signin', { name: 'fritz', password: GOOD });
    expect([right.status, jarOf(right)]).toEqual([401, undefined]);
    expect(right.text).toMatch(/disabled/);
    expect((await post(edge, '/signin', { name: 'fritz', password: OTHER })).text).not.toMatch(/disabled/);
  });

  test('AC21 after ten wrong passwords the right one has to wait too, and it is said how long', async () => {
    await using fresh = await testEdge();
    await invited(fresh, 'gerda', GOOD);
    const wrong = () => post(fresh, '/signin', { name: 'Gerda', password: OTHER });
    const many = await Promise.all(Array.from({ length: 12 }, wrong));
    expect(many.map((answer) => answer.status).sort()).toEqual([...Array(10).fill(401), 429, 429]);
    const right = await post(fresh, '/signin', { name: 'gerda', password: GOOD });
    expect([right.status, jarOf(right)]).toEqual([429, undefined]);
    const wait = Number(right.headers['retry-after']);
    expect(wait).toBeGreaterThan(60);
    expect(wait).toBeLessThanOrEqual(600);
    expect(right.text).toMatch(/Try again in 10 minutes/);
    await invited(fresh, 'hanna', GOOD);
    expect((await signIn(fresh, 'hanna', GOOD)).Cookie).toBeTruthy();
  });

  test('AC21 a right password forgets the wrong ones; present passwords are guessed no faster', async () => {
    await using fresh = await testEdge();
    const jar = await invited(fresh, 'ida', GOOD);
    for (let round = 0; round < 3; round++) {
      for (let count = 0; count < 9; count++) await post(fresh, '/signin', { name: 'ida', password: OTHER });
      await signIn(fresh, 'ida', GOOD);
    }
    const guess = () =>
      ask(fresh, jar, 'POST', '/api/account/password', { present: OTHER, password: 'a new password' });
    const answers = [];
    for (let count = 0; count < 11; count++) answers.push((await guess()).status);
    expect(answers).toEqual([...Array(10).fill(403), 429]);
    expect((await guess()).headers['retry-after']).toMatch(/^\d+$/);
  });

  test('AC24 no other site can sign a browser in, set a password or make an account', async () => {
    const key = keyOf(await invite('jana'));
    for (const Origin of ['http://evil.example', 'null', ''])
      for (const [path, fields] of [
        ['/signin', { name: 'ada', password: GOOD }],
        ['/invite', { key, password: GOOD }],
      ] as const) {
        const answer = await post(edge, path, fields, { Origin });
        expect([Origin, path, answer.status, jarOf(answer)]).toEqual([Origin, path, 403, undefined]);
      }
    expect((await post(edge, '/invite', { key, password: GOOD })).status).toBe(303);
  });

  test('AC23 each sign-in has a session of its own, and the one that the browser had ends', async () => {
    await invited(edge, 'karl', GOOD);
    const first = await signIn(edge, 'karl', GOOD);
    const second = await signIn(edge, 'karl', GOOD, { Cookie: first.Cookie });
    expect(second.Cookie).not.toBe(first.Cookie);
    expect((await ask(edge, first, 'GET', '/api/account')).status).toBe(401);
    expect((await ask(edge, second, 'GET', '/api/account')).status).toBe(200);
    const fixed = 'carrel_session=fixed; _xsrf=fixed';
    expect((await signIn(edge, 'karl', GOOD, { Cookie: fixed })).Cookie).not.toContain('fixed');
  });

  test('AC22 it leads to where people were going, and to no other site', async () => {
    await invited(edge, 'lena', GOOD);
    const to = async (next: string) =>
      (await post(edge, '/signin', { name: 'lena', password: GOOD, next })).headers.location;
    expect(await to('worksheets/abc')).toBe('/worksheets/abc');
    for (const next of ['//evil.example', 'https://evil.example', '/\\evil.example', 'x\r\nX: y', 'api/signout'])
      expect([next, await to(next)]).toEqual([next, '/']);
    const page = await raw(edge, 'GET', '/signin?next=worksheets%2Fabc', HTML);
    expect(page.text).toMatch(/<input type="hidden" name="next" value="worksheets\/abc"/);
    const bad = await raw(edge, 'GET', '/signin?next=%22%3E%3Cscript%3E', HTML);
    expect(bad.text).not.toMatch(/name="next"|"><script>/);
    const { Cookie } = await signIn(edge, 'lena', GOOD);
    for (const path of ['/signin?next=account', '/?next=account']) {
      const there = await raw(edge, 'GET', path, { ...HTML, Cookie });
      expect([path, there.headers.location]).toEqual([path, '/account']);
    }
    const link = await edge.edge.tokens.issue(edge.admin, 'link', 60_000);
    const byLink = await raw(edge, 'GET', `/?token=${link}&next=worksheets/abc`, HTML);
    expect(byLink.headers.location).toBe('/worksheets/abc');
  });

  test('the pages speak the language that the browser asks for; a name is no markup', async () => {
    const page = async (language: string) =>
      (await raw(edge, 'GET', '/signin', { ...HTML, 'Accept-Language': language })).text;
    expect(await page('de-CH,de;q=0.9,en;q=0.5')).toMatch(/<html lang="de">.*<h1>Anmelden<\/h1>/s);
    for (const language of ['en-GB', 'fr', ''])
      expect(await page(language)).toMatch(/<html lang="en">.*<h1>Sign in<\/h1>/s);
    const answer = await post(edge, '/signin', { name: '"><script>alert(1)</script>', password: GOOD });
    expect(answer.text).not.toMatch(/<script>|"><script/);
  });
});

describe('an account of one’s own', () => {
  test('AC26 can be made by nobody unless the site allows it', async () => {
    expect((await raw(edge, 'GET', '/signup', HTML)).status).toBe(404);
    expect((await post(edge, '/signup', { name: 'mia', password: GOOD })).status).toBe(404);
    expect((await raw(edge, 'GET', '/', HTML)).text).not.toMatch(/signup/);
    expect(await edge.store.users.byName('mia')).toBeUndefined();
  });

  test('AC26 is a member’s, under a name that is free, and signs in', async () => {
    await using open = await testEdge({ signUp: 'open' });
    expect((await raw(open, 'GET', '/', HTML)).text).toMatch(/href="signup"/);
    const made = await post(open, '/signup', { name: 'mia', password: GOOD, next: 'worksheets/x' });
    expect([made.status, made.headers.location]).toEqual([303, '/worksheets/x']);
    const jar = jarOf(made);
    expect(jar && (await ask(open, jar, 'GET', '/api/account')).json).toMatchObject({ name: 'mia', role: 'member' });
    for (const [fields, status, text] of [
      [{ name: 'MIA', password: GOOD }, 409, /taken/],
      [{ name: 'Admin', password: GOOD }, 409, /taken/],
      [{ name: 'a b', password: GOOD }, 400, /A name has 1 to 64/],
      [{ name: '', password: GOOD }, 400, /A name has 1 to 64/],
      [{ name: 'nils', password: 'short' }, 400, /at least 10/],
      [{ name: 'nils.holgersson', password: 'nils.holgersson' }, 400, /must not be the name/],
    ] as const) {
      const answer = await post(open, '/signup', fields);
      expect([fields.name, answer.status, jarOf(answer)]).toEqual([fields.name, status, undefined]);
      expect(answer.text).toMatch(text);
    }
    expect((await post(open, '/signup', { name: 'nils', password: GOOD }, { Origin: 'null' })).status).toBe(403);
  });
});

describe('one’s own account', () => {
  test('AC23 a changed password ends all other browsers, says how many, and gives this one a new session', async () => {
    await invited(edge, 'otto', GOOD);
    const [here, there] = [await signIn(edge, 'otto', GOOD), await signIn(edge, 'otto', GOOD)];
    const change = (body: object) => ask(edge, here, 'POST', '/api/account/password', body);
    expect((await change({ present: OTHER, password: 'a new password' })).json.message).toMatch(/present password/);
    const weak = await change({ present: GOOD, password: 'short' });
    expect([weak.status, weak.json.message]).toEqual([400, expect.stringMatching(/at least 10/)]);
    const done = await change({ present: GOOD, password: OTHER });
    expect([done.status, done.json]).toEqual([200, { ended: 2 }]);
    const fresh = jarOf(done);
    expect(fresh?.xsrf).not.toBe(here.xsrf);
    expect(fresh && (await ask(edge, fresh, 'GET', '/api/account')).status).toBe(200);
    for (const jar of [here, there]) expect((await ask(edge, jar, 'GET', '/api/account')).status).toBe(401);
    await expect(signIn(edge, 'otto', GOOD)).rejects.toThrow('401');
  });

  test('who signed in by a token sets a first password without a present one', async () => {
    const { token } = await edge.person('paula');
    const jar = jarOf(await post(edge, '/signin', { token }));
    const set = jar && (await ask(edge, jar, 'POST', '/api/account/password', { password: GOOD }));
    expect([set?.status, set?.json]).toEqual([200, { ended: 0 }]);
    expect((await signIn(edge, 'paula', GOOD)).Cookie).toBeTruthy();
  });

  test('AC27 browsers are listed with what they are and where from, and ended one by one or all others', async () => {
    await invited(edge, 'quinn', GOOD);
    const firefox = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:150.0) Gecko/20100101 Firefox/150.0';
    const [here, there] = [
      await signIn(edge, 'quinn', GOOD, { 'User-Agent': CHROMIUM }),
      await signIn(edge, 'quinn', GOOD, { 'User-Agent': firefox }),
    ];
    const list = async () => (await ask(edge, here, 'GET', '/api/account/sessions')).json;
    const rows = (await list()) as Record<string, unknown>[];
    expect(rows).toHaveLength(3);
    const mine = rows.filter((row) => row['current'] === true);
    expect(mine).toMatchObject([{ browser: 'Chrome', system: 'Linux', address: '127.0.0.1' }]);
    const other = rows.find((row) => row['browser'] === 'Firefox');
    expect(other).toMatchObject({ system: 'Windows', current: false });
    const others = await invited(edge, 'rosa', GOOD);
    const path = `/api/account/sessions/${other?.['id']}`;
    expect((await ask(edge, others, 'DELETE', path)).status).toBe(404);
    expect((await ask(edge, there, 'GET', '/api/account')).status).toBe(200);
    expect((await ask(edge, here, 'DELETE', path)).status).toBe(204);
    expect((await ask(edge, there, 'GET', '/api/account')).status).toBe(401);
    expect((await ask(edge, here, 'DELETE', path)).status).toBe(404);
    expect((await ask(edge, here, 'DELETE', '/api/account/sessions')).json).toEqual({ ended: 1 });
    expect(await list()).toHaveLength(1);
    expect((await ask(edge, others, 'GET', '/api/account')).status).toBe(200);
  });

  test('AC27 tokens are made, shown once, listed and revoked by their own person', async () => {
    const jar = await invited(edge, 'sven', GOOD);
    const made = await ask(edge, jar, 'POST', '/api/account/tokens', { label: ' lap\u202etop\n', days: 7 });
    expect([made.status, made.json]).toMatchObject([201, { label: 'lap top', last_used: null }]);
    expect(Math.round((Date.parse(made.json.ends_at) - Date.now()) / 86_400_000)).toBe(7);
    expect((await call(edge, made.json.token, 'GET', '/api/account')).json.name).toBe('sven');
    const listed = await ask(edge, jar, 'GET', '/api/account/tokens');
    expect(listed.json).toMatchObject([{ id: made.json.id, last_used: expect.stringMatching(/^\d{4}-\d\d-\d\d$/) }]);
    expect(listed.text).not.toContain(made.json.token);
    const path = `/api/account/tokens/${made.json.id}`;
    expect((await call(edge, edge.token, 'DELETE', path)).status).toBe(404);
    expect((await ask(edge, jar, 'DELETE', path)).status).toBe(204);
    expect((await call(edge, made.json.token, 'GET', '/api/account')).status).toBe(401);
    expect((await ask(edge, jar, 'GET', '/api/account/tokens')).json).toEqual([]);
    for (const body of [
      {},
      { label: ' ' },
      { label: 'x', days: 0 },
      { label: 'x', days: 3651 },
      { label: 'x', days: 1.5 },
    ])
      expect([body, (await ask(edge, jar, 'POST', '/api/account/tokens', body)).status]).toEqual([body, 400]);
  });

  test('AC28 an address of X-Forwarded-For counts where a proxy that is believed put it', async () => {
    await using behind = await testEdge({ proxies: ['127.0.0.1'] });
    await invited(behind, 'tina', GOOD);
    const from = async (on: TestEdge, forwarded: string) => {
      const jar = await signIn(on, 'tina', GOOD, { 'X-Forwarded-For': forwarded });
      const rows = (await ask(on, jar, 'GET', '/api/account/sessions')).json as { current: boolean; address: string }[];
      return rows.find((row) => row.current)?.address;
    };
    expect(await from(behind, '1.2.3.4, 192.0.2.7')).toBe('192.0.2.7');
    expect(await from(behind, '[2001:db8::7]')).toBe('2001:db8::7');
    expect(await from(behind, '192.0.2.7, nonsense')).toBe('127.0.0.1');
    await invited(edge, 'tina', GOOD);
    expect(await from(edge, '192.0.2.7')).toBe('127.0.0.1');
  });
});

describe('people', () => {
  test('AC27 are seen and changed by administrators only', async () => {
    for (const role of ['member', 'instructor']) {
      const jar = await invited(edge, `no-${role}`, GOOD, role);
      for (const [method, path] of [
        ['GET', '/api/people'],
        ['POST', '/api/people'],
        ['PATCH', `/api/people/${edge.admin.id}`],
        ['POST', `/api/people/${edge.admin.id}/link`],
        ['DELETE', `/api/people/${edge.admin.id}/link`],
      ] as const) {
        const answer = await ask(edge, jar, method, path, /^P/.test(method) ? { name: 'x', role: 'admin' } : undefined);
        expect([role, method, answer.status, answer.json.message]).toEqual([
          role,
          method,
          403,
          'only administrators see and change people',
        ]);
      }
    }
  });

  test('are listed with role, state and last sign-in, and a role that changes counts at once', async () => {
    const jar = await invited(edge, 'uwe', GOOD);
    await edge.person('vera');
    const list = (await call(edge, edge.token, 'GET', '/api/people')).json as { name: string; id: string }[];
    const row = (name: string) => list.find((person) => person.name === name);
    expect(row('uwe')).toMatchObject({ role: 'member', state: 'active', link_ends_at: null });
    expect(row('uwe')).toHaveProperty('signed_in_at', expect.stringMatching(/^\d{4}-.*Z$/));
    expect(row('vera')).toMatchObject({ state: 'open', signed_in_at: null });
    const path = `/api/people/${row('uwe')?.id}`;
    expect((await call(edge, edge.token, 'PATCH', path, { role: 'admin' })).json.role).toBe('admin');
    expect((await ask(edge, jar, 'GET', '/api/people')).status).toBe(200);
    await call(edge, edge.token, 'PATCH', path, { role: 'member' });
    expect((await ask(edge, jar, 'GET', '/api/people')).status).toBe(403);
    expect((await call(edge, edge.token, 'PATCH', path, { role: 'king' })).status).toBe(400);
    expect((await call(edge, edge.token, 'PATCH', '/api/people/nobody', {})).status).toBe(404);
  });

  test('AC25 disabling ends sessions, sockets and links at once; what was ended stays ended', async () => {
    const jar = await invited(edge, 'willi', GOOD);
    const { id } = await me(jar);
    const { json: link } = await call(edge, edge.token, 'POST', `/api/people/${id}/link`);
    const headers = { Cookie: jar.Cookie, Origin: `http://${edge.host}` };
    const socket = new WebSocket(`ws://${edge.host}/api/worksheets/socket`, { headers });
    await new Promise((done, fail) => socket.once('open', done).once('error', fail));
    const closed = new Promise((done) => socket.once('close', done));
    const disabled = await call(edge, edge.token, 'PATCH', `/api/people/${id}`, { disabled: true });
    expect(disabled.json).toMatchObject({ state: 'disabled', link_ends_at: null });
    expect(await closed).toBe(1008);
    expect((await ask(edge, jar, 'GET', '/api/account')).status).toBe(401);
    expect((await call(edge, edge.token, 'POST', `/api/people/${id}/link`)).status).toBe(409);
    await call(edge, edge.token, 'PATCH', `/api/people/${id}`, { disabled: false });
    expect((await ask(edge, jar, 'GET', '/api/account')).status).toBe(401);
    expect((await post(edge, '/invite', { key: keyOf({ json: link } as never), password: OTHER })).status).toBe(404);
    expect((await signIn(edge, 'willi', GOOD)).Cookie).toBeTruthy();
  });

  test('AC25 disabling ends kernels at once, and by a command within seconds; nobody else loses one', async () => {
    const kernelsOf = (user: string) => edge.kernels.list(user as never).length;
    const start = (token: string) => call(edge, token, 'POST', '/api/kernels', {});
    const wanda = await edge.person('wanda');
    const xaver = await edge.person('xaver');
    for (const { token } of [wanda, wanda, xaver]) expect((await start(token)).status).toBe(201);
    await call(edge, edge.token, 'PATCH', `/api/people/${wanda.user.id}`, { disabled: true });
    await expect.poll(() => [kernelsOf(wanda.user.id), kernelsOf(xaver.user.id)], SOON).toEqual([0, 1]);
    await edge.store.users.setDisabled(xaver.user.id, true);
    await expect.poll(() => kernelsOf(xaver.user.id), SOON).toBe(0);
  });

  test('AC25 nobody locks themselves out', async () => {
    const path = `/api/people/${edge.admin.id}`;
    for (const body of [{ disabled: true }, { role: 'member' }])
      expect((await call(edge, edge.token, 'PATCH', path, body)).status).toBe(409);
    expect((await call(edge, edge.token, 'PATCH', path, { role: 'admin', disabled: false })).status).toBe(200);
  });

  test('AC17 a name that is taken or unusable is refused with a reason', async () => {
    await invite('xenia');
    for (const [body, status] of [
      [{ name: 'XENIA' }, 409],
      [{ name: 'a b' }, 400],
      [{ name: '' }, 400],
      [{}, 400],
      [{ name: 'yuri', role: 'king' }, 400],
      [{ name: 'yuri', days: 91 }, 400],
    ] as const) {
      const answer = await call(edge, edge.token, 'POST', '/api/people', body);
      expect([body, answer.status, typeof answer.json.message]).toEqual([body, status, 'string']);
    }
    expect(await edge.store.users.byName('yuri')).toBeUndefined();
  });
});
