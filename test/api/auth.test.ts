import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Logger } from '../../gateway/src/base/ports.ts';
import { handshake, type RawAnswer, raw, type TestEdge, testEdge } from '../support/edge.ts';

let edge: TestEdge;
let bob: string;
beforeAll(async () => {
  edge = await testEdge();
  bob = (await edge.person('bob')).token;
});
afterAll(() => edge[Symbol.asyncDispose]());

const get = (headers: Record<string, string>, query = '') => raw(edge, 'GET', `/api/kernels${query}`, headers);

describe('tokens', () => {
  test.each(['token', 'Token', 'Bearer', 'bearer'])('the scheme %s is understood', async (scheme) => {
    expect((await get({ Authorization: `${scheme} ${edge.token}` })).status).toBe(200);
  });

  test('the query is understood', async () => {
    expect((await get({}, `?token=${edge.token}`)).status).toBe(200);
    expect((await get({}, '?token=')).status).toBe(401);
  });

  test('AC5 header and query together are accepted, as VS Code sends them, where all tokens are valid and one person’s', async () => {
    const good = { Authorization: `token ${edge.token}` };
    expect((await get(good, `?token=${edge.token}`)).status).toBe(200);
    expect((await get({ Authorization: 'token ' }, `?token=${edge.token}`)).status).toBe(200);
    expect((await get(good, '?token=')).status).toBe(200);
    expect((await get(good, '?token=wrong')).status).toBe(401);
    expect((await get({ Authorization: 'token wrong' }, `?token=${edge.token}`)).status).toBe(401);
    expect((await get(good, `?token=${bob}`)).status).toBe(401);
  });

  test('a proxy’s own Basic credentials do not disturb', async () => {
    expect((await get({ Authorization: 'Basic dTpw' }, `?token=${edge.token}`)).status).toBe(200);
  });

  test('AC4 a revoked token and one of a disabled user are refused at once', async () => {
    const { user, token } = await edge.person('carol');
    const headers = { Authorization: `token ${token}` };
    expect((await get(headers)).status).toBe(200);
    await edge.store.users.setDisabled(user.id, true);
    expect((await get(headers)).status).toBe(401);
    await edge.store.users.setDisabled(user.id, false);
    expect((await get(headers)).status).toBe(200);
    for (const { id } of await edge.store.tokens.ofUser(user.id)) await edge.store.tokens.revoke(id);
    expect((await get(headers)).status).toBe(401);
  });

  test('AC7 no token reaches the log', async () => {
    const lines: string[] = [];
    const note = (fields: object, message: string) => void lines.push(JSON.stringify({ ...fields, message }));
    const logger: Logger = { debug: note, info: note, warn: note, error: note };
    await using logged = await testEdge({}, logger);
    const { token } = logged;
    await raw(logged, 'GET', `/api/kernels?token=${token}`, { Authorization: `token ${token}` });
    await raw(logged, 'GET', `/?token=${token}`, { Accept: 'text/html' });
    await raw(logged, 'POST', '/api/kernels', { Authorization: `token ${token}` }, `{"name":"${token}"}`);
    await raw(logged, 'GET', `/api/kernels/x/channels?token=${token}`, handshake());
    expect(lines.length).toBeGreaterThanOrEqual(4);
    expect(lines.join('\n')).not.toContain(token.slice(-20));
  });
});

describe('other origins', () => {
  test('AC12 a request with a token is told that its origin may read the answer, one without is not', async () => {
    const Origin = 'http://lab.example';
    const good = await get({ Origin, Authorization: `token ${edge.token}` });
    expect(good.headers['access-control-allow-origin']).toBe(Origin);
    expect(good.headers['access-control-allow-credentials']).toBeUndefined();
    expect(good.headers.vary).toMatch(/Origin/);
    expect((await get({ Origin })).headers['access-control-allow-origin']).toBeUndefined();
  });

  test('OPTIONS needs no token and allows the headers that clients send', async () => {
    const answer = await raw(edge, 'OPTIONS', '/api/kernels', {
      Origin: 'http://lab.example',
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': 'authorization,content-type',
    });
    expect(answer.status).toBe(204);
    expect(answer.headers['access-control-allow-origin']).toBe('http://lab.example');
    expect(answer.headers['access-control-allow-headers']).toMatch(/authorization.*x-xsrftoken/);
    expect(answer.headers['access-control-allow-methods']).toMatch(/DELETE/);
  });

  test('AC13 a name of another site that points here is refused, for requests, questions and upgrades', async () => {
    const Authorization = `token ${edge.token}`;
    for (const Host of ['evil.example', `evil.example:${edge.edge.port}`, '127.0.0.1.evil.example']) {
      expect((await get({ Host, Authorization })).status).toBe(403);
      expect((await raw(edge, 'OPTIONS', '/api', { Host })).status).toBe(403);
      expect((await raw(edge, 'GET', '/', { Host, Accept: 'text/html' })).status).toBe(403);
      expect((await raw(edge, 'GET', '/api/kernels/x/channels', handshake({ Host, Authorization }))).status).toBe(403);
    }
    for (const Host of ['localhost', `localhost:${edge.edge.port}`, '[::1]:1', '127.0.0.1'])
      expect((await get({ Host, Authorization })).status).toBe(200);
  });

  test('the names of the settings and of the public address are accepted', async () => {
    await using named = await testEdge({ hosts: ['Desk.example'], publicUrl: 'https://notebooks.example' });
    const Authorization = `token ${named.token}`;
    for (const [Host, status] of [
      ['desk.example:80', 200],
      ['notebooks.example', 200],
      ['other.example', 403],
    ] as const)
      expect((await raw(named, 'GET', '/api/kernels', { Host, Authorization })).status).toBe(status);
  });
});

describe('browsers', () => {
  const html = { Accept: 'text/html,application/xhtml+xml' };
  const cookiesOf = (answer: RawAnswer) =>
    Object.fromEntries(
      (answer.headers['set-cookie'] ?? []).map((line) => {
        const [pair = '', ...attributes] = line.split('; ');
        const [name = '', value = ''] = pair.split('=');
        return [name, { value, attributes }];
      }),
    );
  const signIn = async (on = edge, token = edge.token) => {
    const cookies = cookiesOf(await raw(on, 'GET', `/?token=${token}`, html));
    const xsrf = cookies['_xsrf']?.value ?? '';
    return { Cookie: `carrel_session=${cookies['carrel_session']?.value}; _xsrf=${xsrf}`, xsrf };
  };
  const freshToken = async () => edge.edge.tokens.issue(edge.admin, 'link', 60_000);

  test('AC8 the printed address signs in once, without leaving the token in the address', async () => {
    const token = await freshToken();
    const first = await raw(edge, 'GET', `/?token=${token}`, html);
    expect([first.status, first.headers.location]).toEqual([302, '/']);
    const { carrel_session: session, _xsrf: xsrf } = cookiesOf(first);
    expect(session?.attributes).toEqual(expect.arrayContaining(['HttpOnly', 'SameSite=Lax', 'Path=/']));
    expect(session?.attributes).not.toContain('Secure');
    expect(xsrf?.attributes).not.toContain('HttpOnly');
    const second = await raw(edge, 'GET', `/?token=${token}`, html);
    expect([second.status, second.headers['set-cookie']]).toEqual([403, undefined]);
    expect(second.text).toMatch(/has been used/);
    expect(second.text).toMatch(/user token NAME/);
    expect((await get({ Authorization: `token ${token}` })).status).toBe(200);
  });

  test('the browser that it signed in may use it again', async () => {
    const token = await freshToken();
    const { Cookie } = await signIn(edge, token);
    expect((await raw(edge, 'GET', `/?token=${token}`, { ...html, Cookie })).status).toBe(302);
  });

  test('AC8 a program that asks with Accept: */* does not use the address up', async () => {
    const token = await freshToken();
    expect((await raw(edge, 'GET', `/?token=${token}`, { Accept: '*/*' })).status).toBe(404);
    expect((await raw(edge, 'GET', `/?token=${token}`, html)).status).toBe(302);
  });

  test('without a session / explains how to sign in; an invalid token is said to be so', async () => {
    const welcome = await raw(edge, 'GET', '/', html);
    expect([welcome.status, welcome.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(welcome.text).toMatch(/<form method="post" action="signin">/);
    const invalid = await raw(edge, 'GET', '/?token=%3Cscript%3E', html);
    expect([invalid.status, invalid.headers['set-cookie']]).toEqual([401, undefined]);
    expect(invalid.text).not.toMatch(/<script>|%3Cscript/);
  });

  test('a pasted token or address signs in, from our own page only', async () => {
    const type = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const body = (token: string) => new URLSearchParams({ token }).toString();
    const own = { ...type, Origin: `http://${edge.host}` };
    for (const given of [edge.token, ` ${edge.token}\n`, `http://${edge.host}/?token=${edge.token}`]) {
      const answer = await raw(edge, 'POST', '/signin', own, body(given));
      expect([answer.status, answer.headers.location]).toEqual([303, '/']);
      expect(cookiesOf(answer)['carrel_session']?.value).toBeTruthy();
    }
    expect((await raw(edge, 'POST', '/signin', own, body('wrong'))).status).toBe(401);
    for (const Origin of ['http://evil.example', 'null'])
      expect((await raw(edge, 'POST', '/signin', { ...type, Origin }, body(edge.token))).status).toBe(403);
    expect((await raw(edge, 'POST', '/signin', type, body(edge.token))).status).toBe(403);
  });

  test('AC10 a session reads with its cookie; a change needs the session’s XSRF token', async () => {
    const { Cookie, xsrf } = await signIn(edge, await freshToken());
    const other = await signIn(edge, await freshToken());
    expect((await get({ Cookie })).status).toBe(200);
    const post = async (headers: Record<string, string>, query = '') =>
      raw(edge, 'POST', `/api/kernels${query}`, { Cookie, ...headers });
    const missing = await post({});
    expect([missing.status, missing.json.message]).toEqual([
      403,
      expect.stringMatching(/'_xsrf' argument missing from POST/),
    ]);
    expect((await post({ 'X-XSRFToken': other.xsrf })).status).toBe(403);
    expect((await post({ 'X-XSRFToken': '' })).status).toBe(403);
    expect((await post({ 'X-XSRFToken': xsrf, Origin: 'http://evil.example' })).status).toBe(403);
    const own = await post({ 'X-XSRFToken': xsrf, Origin: `http://${edge.host}` });
    expect(own.status).toBe(201);
    expect((await post({}, `?_xsrf=${xsrf}`)).status).toBe(201);
    const url = `/api/kernels/${own.json.id}`;
    expect((await raw(edge, 'DELETE', url, { Cookie })).status).toBe(403);
    expect((await raw(edge, 'DELETE', url, { Cookie, 'X-XSRFToken': xsrf })).status).toBe(204);
  });

  test('AC12 a cookie is told no origin that may read the answer', async () => {
    const { Cookie } = await signIn(edge, await freshToken());
    const answer = await get({ Cookie, Origin: 'http://evil.example' });
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  });

  test('AC5 an invalid token is not made good by a cookie', async () => {
    const { Cookie } = await signIn(edge, await freshToken());
    expect((await get({ Cookie, Authorization: 'token wrong' })).status).toBe(401);
  });

  test('AC11 an upgrade with a cookie needs exactly our own origin, one with a token does not', async () => {
    const { Cookie } = await signIn(edge, await freshToken());
    const { json } = await raw(edge, 'POST', '/api/kernels', { Authorization: `token ${edge.token}` });
    const channels = `/api/kernels/${json.id}/channels`;
    const upgrade = async (headers: Record<string, string>) =>
      (await raw(edge, 'GET', channels, handshake(headers))).status;
    const port = edge.edge.port;
    expect(await upgrade({ Cookie, Origin: `http://${edge.host}` })).toBe(101);
    for (const Origin of ['http://evil.example', `http://127.0.0.1:${port + 1}`, `https://${edge.host}`, 'null'])
      expect([Origin, await upgrade({ Cookie, Origin })]).toEqual([Origin, 403]);
    expect(await upgrade({ Cookie })).toBe(403);
    expect(await upgrade({ Authorization: `token ${edge.token}`, Origin: 'http://localhost' })).toBe(101);
  });

  test('AC9 signing out ends the session; a form elsewhere cannot do it', async () => {
    const { Cookie, xsrf } = await signIn(edge, await freshToken());
    expect((await raw(edge, 'POST', '/api/signout', { Cookie })).status).toBe(403);
    const out = await raw(edge, 'POST', '/api/signout', { Cookie, 'X-XSRFToken': xsrf });
    expect(out.status).toBe(204);
    expect((await get({ Cookie })).status).toBe(401);
  });

  test('a disabled user’s session ends', async () => {
    const { user, token } = await edge.person('dora');
    const { Cookie } = await signIn(edge, token);
    expect((await get({ Cookie })).status).toBe(200);
    await edge.store.users.setDisabled(user.id, true);
    expect((await get({ Cookie })).status).toBe(401);
  });

  test('behind HTTPS the cookie is __Host- and Secure, and the public origin is ours', async () => {
    await using secure = await testEdge({ publicUrl: 'https://notebooks.example' });
    const Host = 'notebooks.example';
    const answer = await raw(secure, 'GET', `/?token=${secure.token}`, { ...html, Host });
    const session = cookiesOf(answer)['__Host-carrel_session'];
    expect(session?.attributes).toEqual(expect.arrayContaining(['Secure', 'HttpOnly', 'Path=/', 'SameSite=Lax']));
    const Cookie = `__Host-carrel_session=${session?.value}`;
    const { json } = await raw(secure, 'POST', '/api/kernels', { Host, Authorization: `token ${secure.token}` });
    const upgrade = async (Origin: string) =>
      (await raw(secure, 'GET', `/api/kernels/${json.id}/channels`, handshake({ Host, Cookie, Origin }))).status;
    expect(await upgrade('https://notebooks.example')).toBe(101);
    expect(await upgrade('http://notebooks.example')).toBe(403);
    expect(answer.headers['strict-transport-security']).toBeTruthy();
  });

  test('below a base path the page, its address and its cookies are there', async () => {
    await using based = await testEdge({ base: '/desk' });
    expect((await raw(based, 'GET', '/desk', html)).headers.location).toBe('/desk/');
    const answer = await raw(based, 'GET', `/desk/?token=${based.token}`, html);
    expect([answer.status, answer.headers.location]).toEqual([302, '/desk/']);
    expect(cookiesOf(answer)['carrel_session']?.attributes).toContain('Path=/desk/');
  });

  test('pages may run Carrel’s own scripts only and be framed by nobody', async () => {
    const { headers } = await raw(edge, 'GET', '/', html);
    expect(headers['content-security-policy']).toMatch(/default-src 'none'.*script-src 'self'/);
    expect(headers['content-security-policy']).not.toMatch(/unsafe/);
    expect(headers['content-security-policy']).toMatch(/frame-ancestors 'none'/);
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['x-powered-by']).toBeUndefined();
    expect(headers['cache-control']).toBe('no-store');
  });
});

describe('a gateway client that opens its socket without credentials', () => {
  const tornado = () => ({ Authorization: `token ${edge.token}`, 'User-Agent': 'Tornado/6.2' });
  const launch = async (headers: Record<string, string> = tornado(), on = edge): Promise<string> =>
    (await raw(on, 'POST', '/api/kernels', headers)).json.id;
  const open = async (id: string, headers: Record<string, string> = {}, on = edge) =>
    (await raw(on, 'GET', `/api/kernels/${id}/channels`, handshake(headers))).status;

  test('AC15 is let in to the kernel that it has just started; its library adds our own origin', async () => {
    const id = await launch();
    expect(await open(id)).toBe(101);
    expect(await open(id, { Origin: `http://${edge.host}` })).toBe(101);
  });

  test('is let in to no other kernel, and not by any other client’s start', async () => {
    const { id: other } = (await raw(edge, 'POST', '/api/kernels', { Authorization: `token ${edge.token}` })).json;
    await launch();
    expect(await open(other)).toBe(401);
    expect(await open(await launch({ ...tornado(), 'User-Agent': 'node' }))).toBe(401);
  });

  test('AC16 a web page, a browser, a proxied request and a client that offers a subprotocol are not let in', async () => {
    const id = await launch();
    expect(await open(id, { Origin: 'http://evil.example' })).toBe(401);
    expect(await open(id, { Cookie: 'a=b' })).toBe(401);
    expect(await open(id, { 'X-Forwarded-For': '127.0.0.1' })).toBe(401);
    expect(await open(id, { 'Sec-WebSocket-Protocol': 'v1.kernel.websocket.jupyter.org' })).toBe(401);
    expect(await open(id, { Authorization: 'token wrong' })).toBe(401);
    expect(await open(await launch({ ...tornado(), 'X-Forwarded-For': '10.0.0.1' }))).toBe(401);
  });

  test('is not let in once the token that it used is revoked', async () => {
    const { user, token } = await edge.person('frank');
    const id = await launch({ ...tornado(), Authorization: `token ${token}` });
    expect(await open(id)).toBe(101);
    for (const record of await edge.store.tokens.ofUser(user.id)) await edge.store.tokens.revoke(record.id);
    expect(await open(id)).toBe(401);
  });

  test('is let in nowhere where the setting is off', async () => {
    await using strict = await testEdge({ tokenlessSockets: 'off' });
    const id = await launch({ ...tornado(), Authorization: `token ${strict.token}` }, strict);
    expect(await open(id, {}, strict)).toBe(401);
  });
});
