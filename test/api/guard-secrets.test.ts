/** Secrets stay where they belong: the real log of a whole session has none of them, and sessions end when they should. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createLogger } from '../../gateway/src/app/logger.ts';
import { ManualClock } from '../../gateway/src/base/clock.ts';
import { silentLogger } from '../../gateway/src/base/ports.ts';
import { readSettings } from '../../gateway/src/config/settings.ts';
import { ask, call, HTML, jarOf, keyOf, post, remove, signIn } from '../support/accounts.ts';
import { raw, type TestEdge, testEdge } from '../support/edge.ts';

const GOOD = 'correct horse battery';

/** accessLog, refused upgrades, failures: `request.path`, never `request.url`. */
test('GU17 tokens, passwords, cookies and keys of a whole session are in no line of the log, however much is logged', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'carrel-log-'));
  const logger = createLogger(readSettings({ CARREL_DATA: folder, CARREL_LOG: 'debug' }), 'gateway');
  const secrets: string[] = [GOOD, 'a wrong password', 'a password as a name'];
  try {
    await using edge = await testEdge({}, logger);
    secrets.push(edge.token);
    const first = await raw(edge, 'GET', `/?token=${edge.token}`, HTML);
    expect([first.status, first.headers.location]).toEqual([302, '/']);
    expect(JSON.stringify(first.headers)).not.toContain(edge.token);
    const home = await raw(edge, 'GET', `/?token=${edge.token}x`, HTML);
    expect(home.text).not.toContain(edge.token);
    const invited = await call(edge, edge.token, 'POST', '/api/people', { name: 'ada', role: 'member' });
    const key = keyOf(invited);
    secrets.push(key);
    await post(edge, '/invite', { key });
    await post(edge, '/invite', { key, password: GOOD });
    await post(edge, '/signin', { name: 'ada', password: 'a wrong password' });
    await post(edge, '/signin', { name: 'a password as a name', password: '' });
    await post(edge, '/signin', { token: edge.token });
    const jar = await signIn(edge, 'ada', GOOD);
    secrets.push(...jar.Cookie.split('; ').map((pair) => pair.split('=')[1] ?? ''), jar.xsrf);
    const { json: token } = await ask(edge, jar, 'POST', '/api/account/tokens', { label: 'mine', days: 1 });
    secrets.push(token.token);
    const { json: worksheet } = await ask(edge, jar, 'POST', '/api/worksheets', { title: 'x' });
    const { json: link } = await ask(edge, jar, 'POST', `/api/worksheets/${worksheet.id}/links`, { role: 'viewer' });
    secrets.push(link.path.slice(2));
    await raw(edge, 'GET', `/${link.path}`, { ...HTML, Cookie: jar.Cookie });
    await raw(edge, 'GET', `/${link.path}`, HTML);
    await raw(edge, 'POST', '/api/people', { Authorization: `token ${token.token}` }, `{"name": "${token.token}"`);
    for (const path of ['/api/kernels', '/nothing', '/api/worksheets/x'])
      await raw(edge, 'GET', `${path}?token=${token.token}&_xsrf=${jar.xsrf}`);
    const at = `ws://${edge.host}/api/worksheets/socket?token=`;
    for (const text of [token.token, `${token.token}x`]) {
      const socket = new WebSocket(`${at}${text}`);
      await new Promise((done) => socket.once('open', done).once('error', done));
      socket.terminate();
    }
    await ask(edge, jar, 'POST', '/api/account/password', { present: GOOD, password: `${GOOD} two` });
    await ask(edge, jar, 'POST', '/api/signout');
    await edge.audit.settled();
    let audited = 0;
    for await (const line of edge.store.audit.all()) {
      audited += 1;
      for (const secret of secrets) expect(JSON.stringify(line)).not.toContain(secret);
    }
    expect(audited).toBeGreaterThan(5);
    const log = await readFile(join(folder, 'carrel.log'), 'utf8');
    expect(log.split('\n').length).toBeGreaterThan(20);
    expect(log).toContain('/api/account/tokens');
    for (const secret of secrets) {
      expect(secret.length).toBeGreaterThan(10);
      expect(log.includes(secret)).toBe(false);
      expect(log.includes(encodeURIComponent(secret))).toBe(false);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});

/** browser-cookies.ts, `sessionCookie` of authenticate.ts. */
test('GU18 over HTTPS the cookie is of this host alone, unreadable for scripts, and new with every sign-in', async () => {
  await using edge = await testEdge({ publicUrl: 'https://notebooks.example.org' });
  const headers = { Host: 'notebooks.example.org', Origin: 'https://notebooks.example.org' };
  const made = await call(edge, edge.token, 'POST', '/api/people', { name: 'ada', role: 'member' });
  const set = await post(edge, '/invite', { key: keyOf(made), password: GOOD }, headers);
  const cookie = (set.headers['set-cookie'] ?? []).find((each) => each.startsWith('__Host-carrel_session='));
  expect(cookie).toMatch(/; Path=\/;.*; HttpOnly; Secure; SameSite=Lax$/);
  expect(cookie).not.toMatch(/Domain/i);
  expect(set.headers['strict-transport-security']).toMatch(/max-age=\d{7,}/);
  const before = jarOf(set)?.Cookie ?? '';
  const again = await post(edge, '/signin', { name: 'ada', password: GOOD }, { ...headers, Cookie: before });
  const after = jarOf(again)?.Cookie ?? '';
  expect(after).not.toBe(before);
  const status = async (Cookie: string) => (await raw(edge, 'GET', '/api/me', { ...headers, Cookie })).status;
  expect([await status(before), await status(after)]).toEqual([401, 200]);
  /** A cookie that another program on this host has set, without the prefix, is none. */
  expect(await status(after.replaceAll('__Host-', ''))).toBe(401);
});

/** Far beyond the second in which it has to be. */
const PATIENCE = 10_000;

/** A socket as programs and browsers open it; `closed` answers the code that it was closed with, and fails where it stays open. */
async function socketOf(edge: TestEdge, headers: Record<string, string>) {
  const socket = new WebSocket(`ws://${edge.host}/api/worksheets/socket`, { headers });
  const code = new Promise<number>((done) => socket.once('close', done));
  await new Promise((done, fail) => socket.once('open', done).once('error', fail));
  return {
    closed: async () => {
      const { promise: late, reject } = Promise.withResolvers<never>();
      const timer = setTimeout(() => reject(new Error('the socket is still open')), PATIENCE);
      return await Promise.race([code, late]).finally(() => clearTimeout(timer));
    },
  };
}

/** `onEnded` of accounts.ts, which upgrades.ts listens to: the clock stands still, so nothing else looks again. */
test('GU19 what is withdrawn closes what is open: a sign-out, a token, a disabled person, a deleted one', async () => {
  await using edge = await testEdge({}, silentLogger, new ManualClock(Date.now()));
  const made = await call(edge, edge.token, 'POST', '/api/people', { name: 'ada', role: 'member' });
  await post(edge, '/invite', { key: keyOf(made), password: GOOD });
  const jar = await signIn(edge, 'ada', GOOD);
  const { json: token } = await ask(edge, jar, 'POST', '/api/account/tokens', { label: 'mine', days: 1 });
  const byNewToken = await socketOf(edge, { Authorization: `token ${token.token}` });
  await ask(edge, jar, 'DELETE', `/api/account/tokens/${token.id}`);
  expect(await byNewToken.closed()).toBe(1008);
  const byCookie = await socketOf(edge, { Cookie: jar.Cookie, Origin: `http://${edge.host}` });
  await ask(edge, jar, 'POST', '/api/signout');
  expect(await byCookie.closed()).toBe(1008);

  const bob = await edge.person('bob');
  const byToken = await socketOf(edge, { Authorization: `token ${bob.token}` });
  await call(edge, edge.token, 'PATCH', `/api/people/${bob.user.id}`, { disabled: true });
  expect(await byToken.closed()).toBe(1008);

  const carl = await edge.person('carl');
  const his = await socketOf(edge, { Authorization: `token ${carl.token}` });
  expect((await remove(edge, carl.user.id, { name: 'carl' })).status).toBe(204);
  expect(await his.closed()).toBe(1008);
});

/** The look of open-sockets.ts each second: nobody says anything to this process. */
test('GU19 what a command of another process withdraws closes what is open too', async () => {
  await using edge = await testEdge();
  const dora = await edge.person('dora');
  const hers = await socketOf(edge, { Authorization: `token ${dora.token}` });
  await edge.store.users.setDisabled(dora.user.id, true);
  expect(await hers.closed()).toBe(1008);
});
