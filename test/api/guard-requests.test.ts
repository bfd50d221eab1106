/** The web side holds: what others send in the name of somebody, too much of, too slowly, or in an odd shape. Each names what it guards. */
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { networkOf } from '../../gateway/src/auth/client-address.ts';
import { verifyPassword } from '../../gateway/src/auth/password-hash.ts';
import { RATE_LIMITS } from '../../gateway/src/auth/rates.ts';
import { ask, call, HTML, invited, type Jar, post } from '../support/accounts.ts';
import { handshake, raw, type TestEdge, testEdge } from '../support/edge.ts';
import { concrete, routesOf } from '../support/routes.ts';

/** As it is, and counted. */
vi.mock(import('../../gateway/src/auth/password-hash.ts'), async (original) => {
  const module = await original();
  return { ...module, verifyPassword: vi.fn(module.verifyPassword) };
});

const GOOD = 'correct horse battery';
/** What `bzip2` makes of 100 MiB of zeros. */
const ZEROS =
  'QlpoOTFBWSZTWQ4J4t8BX45AAMAAAAggADCATUZCoCWpCoCXMUFZJlNZDgni3wFfjkAAwAAACCAAMIBNRkKgJakKgJcxQVkmU1mKltepAGQGRADAABAAAAggADDMBSmmKARbEoBF4u5IpwoSFdRTLWA=';
const EVIL = 'https://evil.example';

let edge: TestEdge;
let ada: Jar;
beforeAll(async () => {
  edge = await testEdge({ slow: { head: 1000, body: 600 } });
  ada = await invited(edge, 'ada', GOOD, 'admin');
});
afterAll(() => edge[Symbol.asyncDispose]());

/** Bytes as they are, and all that comes back until the other side closes. */
function bytes(text: string, host = edge): Promise<string> {
  return new Promise((done, fail) => {
    let got = '';
    const socket = connect(host.edge.port, '127.0.0.1', () => socket.write(text));
    socket.setEncoding('latin1');
    socket.on('data', (chunk) => {
      got += chunk;
    });
    socket.on('close', () => done(got));
    socket.on('error', (error: NodeJS.ErrnoException) => (error.code === 'ECONNRESET' ? done(got) : fail(error)));
  });
}

describe('every route', () => {
  /** security-headers.ts, and `Cache-Control` of app.ts. */
  test('GU1 every answer carries the headers, whoever asks and whatever comes of it', async () => {
    for (const route of [...routesOf(edge), 'GET /nothing-here', 'PURGE /api']) {
      const [method = '', path = ''] = route.split(' ');
      for (const headers of [{ ...HTML }, { ...HTML, Authorization: `token ${edge.token}` }]) {
        if (route === 'POST /api/signout' || route === 'DELETE /api/account/sessions') continue;
        const answer = await raw(edge, method, concrete(path), headers);
        const policy = String(answer.headers['content-security-policy']);
        const framed = /frame-ancestors '(none|self)'|sandbox/.test(policy);
        const seen = [
          route,
          answer.headers['x-content-type-options'],
          framed && /default-src 'none'/.test(policy),
          ['DENY', 'SAMEORIGIN'].includes(String(answer.headers['x-frame-options'])),
          answer.headers['referrer-policy'],
          answer.headers['cross-origin-opener-policy'],
          answer.headers['cross-origin-resource-policy'],
          answer.headers['x-powered-by'],
          answer.headers['cache-control'] !== undefined || answer.status === 404 || method === 'PURGE',
        ];
        expect(seen).toEqual([
          route,
          'nosniff',
          true,
          true,
          'same-origin',
          'same-origin',
          'same-origin',
          undefined,
          true,
        ]);
      }
    }
  });

  /** `#requireXsrf` of authenticate.ts. */
  test('GU2 every changing route refuses a cookie without its proof, with a wrong one, and with the right one from elsewhere', async () => {
    const changing = routesOf(edge).filter(
      (route) => !/^(GET|HEAD) /.test(route) && !/ \/(signin|signup|invite)$/.test(route),
    );
    expect(changing.length).toBeGreaterThan(30);
    for (const route of changing) {
      const [method = '', path = ''] = route.split(' ');
      const { Cookie, xsrf } = ada;
      for (const proof of [
        {},
        { 'X-XSRFToken': 'x'.repeat(43) },
        { 'X-XSRFToken': xsrf, Origin: EVIL },
        { 'X-XSRFToken': xsrf, Origin: 'null' },
      ])
        expect([route, (await raw(edge, method, concrete(path), { Cookie, ...proof })).status]).toEqual([route, 403]);
    }
  });

  /** `readForm` of sign-in-routes.ts: nobody is signed in as somebody else by another site. */
  test('GU3 the forms refuse another origin, and none', async () => {
    for (const path of ['/signin', '/invite'])
      for (const Origin of [EVIL, 'null', `http://${edge.host}.evil.example`])
        expect((await post(edge, path, { name: 'ada', password: GOOD }, { Origin })).status).toBe(403);
  });
});

describe('WebSockets', () => {
  /** `#requireOwnOrigin` of authenticate.ts. */
  test('GU4 a cookie opens a WebSocket from our own origin alone', async () => {
    const path = '/api/worksheets/socket';
    for (const more of [{ Origin: EVIL }, { Origin: 'null' }, {}, { Origin: `https://${edge.host}` }])
      expect((await raw(edge, 'GET', path, handshake({ Cookie: ada.Cookie, ...more }))).status).toBe(403);
    const own = await raw(edge, 'GET', path, handshake({ Cookie: ada.Cookie, Origin: `http://${edge.host}` }));
    expect(own.status).toBe(101);
  });

  /** `maxPayload` of upgrades.ts: a frame's length is a claim that memory is kept for. */
  test('GU5 a message that claims to be larger than allowed ends its socket', async () => {
    const socket = new WebSocket(`ws://${edge.host}/api/worksheets/socket`, {
      headers: { Authorization: `token ${edge.token}` },
    });
    await new Promise((done, fail) => socket.once('open', done).once('error', fail));
    const code = new Promise((done) => socket.once('close', done));
    socket.send(Buffer.alloc(9 * 1024 * 1024));
    expect([1006, 1009]).toContain(await code);
  });
});

describe('who is asked for', () => {
  /** `checkHost` of site-address.ts, `requirePlain` of request-limits.ts. */
  test('GU6 a host that is not ours, two of them, none, and a whole address in the place of a path are refused', async () => {
    const of = (head: string) => bytes(`GET /api HTTP/1.1\r\n${head}Connection: close\r\n\r\n`);
    expect(await of('Host: evil.example\r\n')).toMatch(/^HTTP\/1.1 403 /);
    expect(await of(`Host: ${edge.host}\r\nHost: evil.example\r\n`)).toMatch(/^HTTP\/1.1 400 /);
    expect(await of('')).toMatch(/^HTTP\/1.1 400 /);
    const whole = `GET http://evil.example/api HTTP/1.1\r\nHost: ${edge.host}\r\nConnection: close\r\n\r\n`;
    expect(await bytes(whole)).toMatch(/^HTTP\/1.1 400 /);
    expect(await of(`Host: ${edge.host}\r\n`)).toMatch(/^HTTP\/1.1 200 /);
  });

  /** own-path.ts. */
  test('GU7 no redirect leads to another site', async () => {
    for (const next of [
      '//evil.example',
      'https://evil.example',
      '/\\evil.example',
      '..//evil.example',
      'javascript:alert(1)',
      '%2f%2fevil.example',
      'worksheets\\\\evil',
    ])
      for (const path of [`/?next=${encodeURIComponent(next)}`, `/signin?next=${encodeURIComponent(next)}`]) {
        const { headers } = await raw(edge, 'GET', path, { ...HTML, Cookie: ada.Cookie });
        expect(headers.location ?? '/').toBe('/');
      }
    for (const path of [
      '//evil.example/',
      '//evil.example/..',
      '/%2fevil.example',
      '/\\evil.example',
      '/worksheets//evil.example/',
    ]) {
      const { headers } = await raw(edge, 'GET', path, { ...HTML, Cookie: ada.Cookie });
      expect(headers.location ?? '/').toMatch(/^\/($|signin|worksheets)/);
    }
  });

  /** Files are looked up in a list (`web.assets`, `files.signIn`), never in a folder; file-paths.ts for those of worksheets. */
  test('GU8 no path leads out of where it belongs', async () => {
    const { json } = await ask(edge, ada, 'POST', '/api/worksheets', { title: 'paths' });
    const up = [
      '..',
      '%2e%2e',
      '..%2f..%2fetc%2fpasswd',
      '%2e%2e%2f%2e%2e%2fetc%2fpasswd',
      '..\\..\\x',
      '%00',
      '....//x',
    ];
    for (const name of up)
      for (const path of [
        `/assets/${name}`,
        `/page/${name}`,
        `/kernelspecs/python3/${name}`,
        `/kernelspecs/${name}/logo-64x64.png`,
      ]) {
        const { status, text } = await call(edge, edge.token, 'GET', path);
        expect([path, status >= 300 && status < 500, /root:/.test(text)]).toEqual([path, true, false]);
      }
    for (const name of [
      '../x',
      '%2e%2e/x',
      'a/%2e%2e/%2e%2e/x',
      '.ssh/x',
      'a//b',
      '%2fetc%2fpasswd',
      'a%00b',
      `${'a'.repeat(300)}`,
    ]) {
      const { status } = await raw(
        edge,
        'PUT',
        `/api/worksheets/${json.id}/files/${name}`,
        { Authorization: `token ${edge.token}`, 'Content-Length': 1 },
        'x',
      );
      expect([name, status >= 400 && status < 500]).toEqual([name, true]);
    }
  });
});

describe('too much', () => {
  /** `limit` of body.ts, which counts what was unpacked. */
  test('GU9 a body is bounded, also one that is small until it is unpacked', async () => {
    const auth = { Authorization: `token ${edge.token}` };
    const large = JSON.stringify({ label: 'x'.repeat(1024 * 1024), days: 1 });
    expect((await raw(edge, 'POST', '/api/account/tokens', auth, large)).status).toBe(413);
    const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024, ' '));
    expect(bomb.length).toBeLessThan(300_000);
    const answer = await fetch(`${edge.url}/api/account/tokens`, {
      method: 'POST',
      headers: { ...auth, 'Content-Encoding': 'gzip' },
      body: bomb,
    });
    expect(answer.status).toBe(413);
    const twice = await fetch(`${edge.url}/api/account/tokens`, {
      method: 'POST',
      headers: { ...auth, 'Content-Encoding': 'gzip, gzip' },
      body: gzipSync(bomb),
    });
    expect(twice.status).toBe(400);
  });

  /** `maxHeaderSize` of request-limits.ts. */
  test('GU9 the head of a request is bounded', async () => {
    const head = `GET /api HTTP/1.1\r\nHost: ${edge.host}\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`;
    expect(await bytes(head)).toMatch(/^HTTP\/1.1 431 /);
  });

  /** `headersTimeout` of serverOptions. */
  test('GU10 a head that does not end is not waited for', async () => {
    expect(await bytes(`GET /api HTTP/1.1\r\nHost: ${edge.host}\r\nX-Slow: `)).toMatch(/^(HTTP\/1.1 408 |$)/);
  });

  /** `endSlowBody` of request-limits.ts. */
  test('GU10 a body that does not end is not waited for, and its connection is closed', async () => {
    const answer = await bytes(
      `POST /api/account/tokens HTTP/1.1\r\nHost: ${edge.host}\r\nAuthorization: token ${edge.token}\r\nContent-Length: 100\r\n\r\n{`,
    );
    expect(answer).toMatch(/^HTTP\/1.1 408 /);
    expect(answer).toMatch(/did not come within/);
  });

  /** rates.ts. */
  test('GU11 each rate says which limit it is and when it is over; others are not touched by it', async () => {
    const few = { points: 5, seconds: 60 };
    await using small = await testEdge({
      proxies: ['127.0.0.1'],
      limits: {
        person: { ...RATE_LIMITS.person, ...few },
        address: { ...RATE_LIMITS.address, points: 30, seconds: 60 },
        refused: { ...RATE_LIMITS.refused, ...few },
        heavy: { ...RATE_LIMITS.heavy, points: 2, seconds: 60 },
      },
    });
    const bob = await small.person('bob');
    const carl = await small.person('carl');
    const statuses = async (times: number, one: () => Promise<{ status: number }>) => {
      const found: number[] = [];
      for (let n = 0; n < times; n += 1) found.push((await one()).status);
      return found;
    };
    expect(await statuses(5, () => call(small, bob.token, 'GET', '/api/me'))).toEqual([200, 200, 200, 200, 200]);
    const over = await call(small, bob.token, 'GET', '/api/me');
    expect([over.status, Number(over.headers['retry-after']) > 0]).toEqual([429, true]);
    expect(over.json.message).toMatch(/5 requests of one person are allowed in 60 seconds; try again in \d+ seconds/);
    expect((await call(small, carl.token, 'GET', '/api/me')).status).toBe(200);

    const from = (address: string) => () => raw(small, 'GET', '/api/me', { 'X-Forwarded-For': address });
    expect(await statuses(6, from('203.0.113.1'))).toEqual([401, 401, 401, 401, 401, 429]);
    expect(await statuses(1, from('203.0.113.2'))).toEqual([401]);

    const open = () => raw(small, 'GET', '/api', { 'X-Forwarded-For': '203.0.113.3' });
    expect((await statuses(31, open)).filter((status) => status === 429)).toHaveLength(1);
    const upgrade = () => raw(small, 'GET', '/api/worksheets/socket', handshake({ 'X-Forwarded-For': '203.0.113.3' }));
    const refused = await upgrade();
    expect([refused.status, Number(refused.headers['retry-after']) > 0]).toEqual([429, true]);
    expect(refused.json.message).toMatch(/30 requests from one address/);

    const path = '/api/worksheets/00000000-0000-4000-8000-000000000000/html';
    const dora = await small.person('dora');
    expect(await statuses(3, () => call(small, dora.token, 'GET', path))).toEqual([404, 404, 429]);
  });

  /** `networkOf` of client-address.ts: who has one IPv6 address has 2^64. */
  test('GU11 addresses of one IPv6 network count as one', () => {
    expect(networkOf('2001:db8:1:2:3:4:5:6')).toBe(networkOf('2001:db8:1:2::9'));
    expect(networkOf('2001:db8:1:2::')).not.toBe(networkOf('2001:db8:1:3::'));
    expect([networkOf('::1'), networkOf('192.0.2.1')]).toEqual(['0:0:0:0::/64', '192.0.2.1']);
  });

  /** `MOST` of import-sws.ts. */
  test('GU12 a Sage worksheet that unpacks to more than it may is refused', async () => {
    const answer = await fetch(`${edge.url}/api/worksheets/import`, {
      method: 'POST',
      headers: { Authorization: `token ${edge.token}` },
      body: Buffer.from(ZEROS, 'base64'),
    });
    expect([answer.status, await answer.json()]).toMatchObject([413, { message: expect.stringMatching(/64/) }]);
  });
});

describe('odd shapes', () => {
  const head = (more: string, body: string) =>
    `POST /api/account/tokens HTTP/1.1\r\nHost: ${edge.host}\r\nAuthorization: token ${edge.token}\r\n${more}\r\n${body}`;
  const smuggled = () => `GET /api HTTP/1.1\r\nHost: ${edge.host}\r\n\r\n`;

  /** `insecureHTTPParser: false` of serverOptions. */
  test.each([
    ['a length and chunks', 'Content-Length: 6\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'],
    ['two lengths', 'Content-Length: 2\r\nContent-Length: 40\r\n', '{}'],
    ['chunks by another name', 'Transfer-Encoding: xchunked\r\n', '0\r\n\r\n'],
    ['chunks that are not last', 'Transfer-Encoding: chunked, identity\r\n', '0\r\n\r\n'],
    ['a space before the colon', 'Content-Length : 2\r\n', '{}'],
    ['a length with a sign', 'Content-Length: +2\r\n', '{}'],
    ['a line that goes on', 'X-One: a\r\n b\r\nContent-Length : 2\r\n', '{}'],
    ['a bare newline as the end of chunk sizes', 'Transfer-Encoding: chunked\r\n', '2\n{}\n0\n\n'],
  ])('GU13 %s is refused and what stands behind it is no request', async (_, more, body) => {
    const answer = await bytes(head(more, body + smuggled()));
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1);
  });

  /** `strictObject` of wire/, `Object.hasOwn` of readForm. */
  test('GU14 names that objects have by themselves are data, or refused', async () => {
    for (const body of [
      '{"__proto__": {"role": "admin"}, "name": "gina"}',
      '{"constructor": {"prototype": {"role": "admin"}}, "name": "gina"}',
      '{"name": "gina", "role": "member", "__proto__": {"isAdmin": true}}',
    ]) {
      await raw(edge, 'POST', '/api/people', { Authorization: `token ${edge.token}` }, body);
      expect(({} as Record<string, unknown>)['role']).toBeUndefined();
      expect(({} as Record<string, unknown>)['isAdmin']).toBeUndefined();
    }
    const gina = await edge.store.users.byName('gina');
    expect(gina?.role ?? 'member').toBe('member');
    const form = await post(edge, '/signin', {
      __proto__: 'x',
      constructor: 'y',
      name: 'nobody',
      password: 'x',
    } as Record<string, string>);
    expect(form.status).toBe(401);
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    expect((await raw(edge, 'POST', '/api/people', { Authorization: `token ${edge.token}` }, deep)).status).toBe(400);
  });

  /** `downloadPolicy`, and the type of file-routes.ts. */
  test('GU15 what was uploaded comes back as a download, whatever it calls itself', async () => {
    const auth = { Authorization: `token ${edge.token}` };
    const { json } = await call(edge, edge.token, 'POST', '/api/worksheets', { title: 'types' });
    const html = '<script>alert(1)</script>';
    for (const name of ['page.html', 'image.svg', 'a%22%0d%0aX-Evil%3a%201.txt', 'job.js']) {
      const path = `/api/worksheets/${json.id}/files/${name}`;
      const put = await raw(
        edge,
        'PUT',
        path,
        { ...auth, 'Content-Type': 'text/html', 'Content-Length': html.length },
        html,
      );
      if (put.status >= 400) continue;
      const { headers } = await raw(edge, 'GET', path, auth);
      expect(headers['content-type']).toBe('application/octet-stream');
      expect(headers['content-disposition']).toMatch(/^attachment;/);
      expect(headers['content-security-policy']).toMatch(/sandbox/);
      expect(headers['x-evil']).toBeUndefined();
      await raw(edge, 'DELETE', path, auth);
    }
  });

  /** `#hashOfNobody` of accounts.ts: the same work is done for a name that nobody has. */
  test('GU16 a name that nobody has costs the same work as one that somebody has', async () => {
    const works = async (name: string) => {
      vi.mocked(verifyPassword).mockClear();
      await edge.edge.accounts.enter(name, 'wrong wrong wrong', '198.51.100.1');
      return vi.mocked(verifyPassword).mock.calls.map(([hash]) => hash.split('$').slice(0, 4).join('$'));
    };
    const known = await works('ada');
    expect(known).toHaveLength(1);
    expect(await works('nobody')).toEqual(known);
  });
});
