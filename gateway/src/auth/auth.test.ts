import { randomBytes } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ManualClock } from '../base/clock.ts';
import { newKernelId, newTokenId, newUserId } from '../base/ids.ts';
import { openMemoryStore, type Store } from '../store/store.ts';
import type { User } from '../store/users.ts';
import { BrowserSessions } from './browser-sessions.ts';
import { LaunchGrants } from './launch-grants.ts';
import { mayUsePolicy } from './permissions.ts';
import type { Principal } from './principal.ts';
import type { RequestFacts } from './request-facts.ts';
import { SiteAddress } from './site-address.ts';
import { Tokens } from './tokens.ts';

const NOON = Date.UTC(2026, 0, 2, 12);
const HOUR = 3_600_000;
const KEY = randomBytes(32).toString('hex');

let store: Store;
let clock: ManualClock;
let ada: User;
beforeEach(async () => {
  store = await openMemoryStore();
  clock = new ManualClock(NOON);
  ada = await store.users.add('ada', 'member', NOON);
});
afterEach(() => store[Symbol.asyncDispose]());

describe('permissions', () => {
  const person = { user: newUserId(), name: 'ada', role: 'member' as const };
  test.each([
    [{}, false],
    [{ everyone: false, users: [], roles: [] }, false],
    [{ everyone: true }, true],
    [{ users: ['bob', 'ada'] }, true],
    [{ users: ['Ada'] }, false],
    [{ roles: ['instructor' as const] }, false],
    [{ roles: ['member' as const] }, true],
  ])('%j', (allow, expected) => expect(mayUsePolicy(person, allow)).toBe(expected));
});

describe('tokens', () => {
  const tokens = () => new Tokens({ key: KEY, users: store.users, tokens: store.tokens, clock });
  const claims = { aud: 'carrel-api', iss: 'carrel', iat: NOON / 1000, exp: (NOON + HOUR) / 1000 };
  const known = async () => {
    const id = newTokenId();
    await store.tokens.add({ id, user: ada.id, label: '', createdAt: NOON, expiresAt: NOON + HOUR });
    return id;
  };

  test('a token names its person until it ends', async () => {
    const text = await tokens().issue(ada, 'laptop', HOUR);
    expect(await tokens().verify(text)).toMatchObject({ user: ada.id, name: 'ada', role: 'member' });
    clock.advance(HOUR);
    expect(await tokens().verify(text)).toBeUndefined();
  });

  test('the day of the last use is noted', async () => {
    await tokens().verify(await tokens().issue(ada, '', 100 * HOUR));
    expect((await store.tokens.ofUser(ada.id))[0]?.lastUsedDay).toBe('2026-01-02');
  });

  test.each([
    ['another key', 'x'.repeat(64), {}, { algorithm: 'HS256' }],
    ['another algorithm of the same key', KEY, {}, { algorithm: 'HS512' }],
    ['no signature', '', {}, { algorithm: 'none' }],
    ['another audience', KEY, { aud: 'else' }, { algorithm: 'HS256' }],
    ['another issuer', KEY, { iss: 'else' }, { algorithm: 'HS256' }],
    ['another person than its row', KEY, { sub: newUserId() }, { algorithm: 'HS256' }],
    ['an id without a row', KEY, { jti: newTokenId() }, { algorithm: 'HS256' }],
  ] as const)('AC4 a token with %s is refused', async (_, key, change, options) => {
    const good = { ...claims, sub: ada.id, jti: await known() };
    expect(await tokens().verify(jwt.sign(good, KEY, { algorithm: 'HS256' }))).toBeDefined();
    expect(await tokens().verify(jwt.sign({ ...good, ...change }, key, options))).toBeUndefined();
  });

  test('one without an end is refused', async () => {
    const { exp: _, ...endless } = claims;
    const text = jwt.sign({ ...endless, sub: ada.id, jti: await known() }, KEY, { algorithm: 'HS256' });
    expect(await tokens().verify(text)).toBeUndefined();
  });

  test('what is no token at all is refused', async () => {
    for (const text of ['', 'a.b.c', 'x'.repeat(1_000_000)]) expect(await tokens().verify(text)).toBeUndefined();
  });
});

describe('browser sessions', () => {
  const sessions = () => new BrowserSessions({ users: store.users, webSessions: store.webSessions, clock });
  const person = () => ({ user: ada.id, name: ada.name, role: ada.role });
  const chromium = { userAgent: 'Mozilla/5.0 (X11; Linux x86_64) Chrome/150.0.0.0', address: '127.0.0.1' };

  test('AC9 use keeps a session for a week at most; the cookie itself is not in the store', async () => {
    const { cookie } = await sessions().create(person(), chromium);
    for (let hours = 0; hours < 160; hours += 10) {
      expect(await sessions().verify(cookie)).toMatchObject({ user: ada.id });
      clock.advance(10 * HOUR);
    }
    clock.advance(8 * HOUR);
    expect(await sessions().verify(cookie)).toBeUndefined();
    expect(await store.webSessions.byHash(cookie)).toBeUndefined();
  });

  test('AC9 twelve idle hours end it, also where a forgotten tab keeps its socket open', async () => {
    const { cookie } = await sessions().create(person(), chromium);
    const principal = (await sessions().verify(cookie)) as Principal;
    for (let hours = 0; hours < 12; hours += 1) {
      expect(await sessions().stillValid(principal)).toBe(true);
      clock.advance(HOUR);
    }
    clock.advance(1);
    expect(await sessions().stillValid(principal)).toBe(false);
    expect(await sessions().verify(cookie)).toBeUndefined();
  });

  test('an invented cookie is nobody’s', async () => {
    await sessions().create(person(), chromium);
    expect(await sessions().verify('')).toBeUndefined();
    expect(await sessions().verify('AAAA')).toBeUndefined();
  });
});

const facts = (more: Partial<RequestFacts> = {}): RequestFacts => ({
  method: 'GET',
  path: '/',
  query: new URLSearchParams(),
  headerToken: undefined,
  queryToken: undefined,
  cookies: {},
  host: '127.0.0.1:8888',
  origin: undefined,
  xsrf: undefined,
  address: '127.0.0.1',
  userAgent: 'Tornado/6.2',
  forwarded: false,
  forwardedFor: undefined,
  subprotocols: undefined,
  ...more,
});

describe('launch grants', () => {
  const principal = (): Principal => ({
    user: ada.id,
    name: 'ada',
    role: 'member',
    via: { kind: 'token', id: newTokenId() },
  });

  test('AC15 a grant is good for one minute after the last request with the token', () => {
    const grants = new LaunchGrants('loopback', clock);
    const kernel = newKernelId();
    const person = principal();
    grants.remember(facts(), kernel, person);
    clock.advance(59_000);
    expect(grants.find(facts(), kernel, false)).toBe(person);
    grants.remember(facts(), kernel, person);
    clock.advance(59_000);
    expect(grants.find(facts(), kernel, false)).toBe(person);
    clock.advance(1000);
    expect(grants.find(facts(), kernel, false)).toBeUndefined();
  });

  test.each([
    ['off', '127.0.0.1', false],
    ['loopback', '127.0.0.1', true],
    ['loopback', '::1', true],
    ['loopback', '10.0.0.7', false],
    ['loopback', '127.0.0.1.evil.example', false],
    ['network', '10.0.0.7', true],
  ] as const)('%s for a client at %s: %s', (mode, address, expected) => {
    const grants = new LaunchGrants(mode, clock);
    const kernel = newKernelId();
    grants.remember(facts({ address }), kernel, principal());
    expect(grants.find(facts({ address }), kernel, false) !== undefined).toBe(expected);
  });

  test('another address does not share it, and a browser’s session gives none', () => {
    const grants = new LaunchGrants('network', clock);
    const [mine, other] = [newKernelId(), newKernelId()];
    grants.remember(facts({ address: '10.0.0.7' }), mine, principal());
    expect(grants.find(facts({ address: '10.0.0.8' }), mine, false)).toBeUndefined();
    const browser: Principal = { ...principal(), via: { kind: 'session', idHash: '', csrf: '' } };
    grants.remember(facts(), other, browser);
    expect(grants.find(facts(), other, false)).toBeUndefined();
  });
});

describe('site address', () => {
  const accepts = (site: SiteAddress, host: string) => {
    try {
      site.checkHost(facts({ host }));
      return true;
    } catch {
      return false;
    }
  };

  test('AC13 at the loopback only loopback names; at the network any name, unless names are set', () => {
    const loopback = new SiteAddress({ bind: '127.0.0.1', hosts: [] });
    const network = new SiteAddress({ bind: '0.0.0.0', hosts: [] });
    const named = new SiteAddress({ bind: '0.0.0.0', hosts: ['desk.example'] });
    const answers = ['localhost:8888', 'LOCALHOST', '[::1]:8888', 'desk.example', 'evil.example', ''].map((host) =>
      [loopback, network, named].map((site) => accepts(site, host)),
    );
    expect(answers).toEqual([
      [true, true, true],
      [true, true, true],
      [true, true, true],
      [false, true, true],
      [false, true, false],
      [false, true, false],
    ]);
  });
});
