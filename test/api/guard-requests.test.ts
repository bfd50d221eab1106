/** The web side holds: what others send in the name of somebody, too much of, too slowly, or in an odd shape. Each names what it guards. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { networkOf } from '../../gateway/src/auth/client-address.ts';
import { verifyPassword } from '../../gateway/src/auth/password-hash.ts';
import { RATE_LIMITS } from '../../gateway/src/auth/rates.ts';
import { call, HTML, invited, type Jar, post } from '../support/accounts.ts';
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
const SECRET = 'what lies beside the pages';

/** Far beyond the limits that are tried; what is still open then was not closed by one. */
const PATIENCE = 10_000;

let edge: TestEdge;
let ada: Jar;
let pages: string;
beforeAll(async () => {
  pages = await pagesFolder();
  edge = await testEdge({ slow: { head: 1000, body: 600, silent: 600, upload: 2500 }, webFolder: pages });
  ada = await invited(edge, 'ada', GOOD, 'admin');
});
afterAll(async () => {
  await edge[Symbol.asyncDispose]();
  await rm(join(pages, '..'), { recursive: true });
});

/** Pages of a build, with a file beside them that nobody is to see. */
async function pagesFolder(): Promise<string> {
  const above = await mkdtemp(join(tmpdir(), 'carrel-guard-'));
  const folder = join(above, 'web');
  for (const name of ['assets', 'worksheets']) await mkdir(join(folder, name), { recursive: true });
  const names = ['index', 'worksheets/index', 'account', 'people', 'admin', 'output-frame', 'widget-frame'];
  for (const name of names) await writeFile(join(folder, `${name}.html`), name);
  await writeFile(join(folder, 'assets/page.js'), 'of the pages');
  for (const place of [folder, above]) await writeFile(join(place, 'secret.js'), SECRET);
  return folder;
}

/** Bytes as they are, and all that comes back until the other side closes; fails where it does not. `drip`: further bytes, one by one. */
function bytes(text: string, drip = '', host = edge): Promise<string> {
  return new Promise((done, fail) => {
    let got = '';
    const socket = connect(host.edge.port, '127.0.0.1', () => socket.write(text));
    const dripping = setInterval(() => {
      if (drip !== '' && socket.writable) socket.write(drip);
    }, 200);
    const late = setTimeout(() => socket.destroy(new Error(`the connection is still open, after: ${got}`)), PATIENCE);
    socket.setEncoding('latin1');
    socket.on('data', (chunk) => {
      got += chunk;
    });
    socket.on('close', () => {
      clearTimeout(late);
      clearInterval(dripping);
      done(got);
    });
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

  test('GU5 a kernel’s socket ends at the head of a frame of more than 128 MiB, before anything of it has come', async () => {
    const { json } = await call(edge, edge.token, 'POST', '/api/kernels', { name: 'python3' });
    const claims = (length: number) =>
      new Promise<string>((done, fail) => {
        let got = '';
        const socket = connect(edge.edge.port, '127.0.0.1');
        const headers = Object.entries(handshake({ Host: edge.host, Authorization: `token ${edge.token}` }));
        const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
        socket.write(`GET /api/kernels/${json.id}/channels HTTP/1.1\r\n${lines}\r\n`);
        const frame = Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4]);
        frame.writeUIntBE(length, 4, 6);
        socket.setEncoding('latin1');
        socket.on('data', (chunk) => {
          if (got === '') socket.end(frame);
          got += chunk;
        });
        socket.on('error', fail).on('close', () => done(got));
      });
    /** The close frame of code 1009, "message too big". */
    const tooBig = '\x88\x02\x03\xf1';
    expect(await claims(128 * 1024 * 1024 + 1)).toContain(tooBig);
    expect(await claims(128 * 1024 * 1024)).not.toContain(tooBig);
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
  test('GU8 no path leads out of the lists of what the pages and the kernelspecs have', async () => {
    const up = [
      '..',
      '%2e%2e',
      '..%2f..%2fetc%2fpasswd',
      '%2e%2e%2f%2e%2e%2fetc%2fpasswd',
      '..\\..\\x',
      '%00',
      '....//x',
    ];
    for (const name of [...up, '..%2fsecret.js', '%2e%2e%2f%2e%2e%2fsecret.js', '..\\secret.js', 'secret.js'])
      for (const path of [
        `/assets/${name}`,
        `/page/${name}`,
        `/kernelspecs/python3/${name}`,
        `/kernelspecs/${name}/logo-64x64.png`,
      ]) {
        const { status, text } = await call(edge, edge.token, 'GET', path);
        const leaks = text.includes(SECRET) || /root:/.test(text);
        expect([path, status >= 300 && status < 500, leaks]).toEqual([path, true, false]);
      }
    expect((await call(edge, edge.token, 'GET', '/assets/page.js')).text).toBe('of the pages');
  });

  test('GU8 the name of a worksheet’s file that leads elsewhere is refused as a name, and nothing is kept', async () => {
    const { json } = await call(edge, edge.token, 'POST', '/api/worksheets', { title: 'paths' });
    const put = (name: string) =>
      raw(
        edge,
        'PUT',
        `/api/worksheets/${json.id}/files/${name}`,
        { Authorization: `token ${edge.token}`, 'Content-Length': 1 },
        'x',
      );
    for (const [name, why] of [
      ['../x', /without a name|begin with a dot/],
      ['%2e%2e/x', /without a name|begin with a dot/],
      ['a/%2e%2e/%2e%2e/x', /without a name|begin with a dot/],
      ['.ssh/x', /begin with a dot/],
      ['a//b', /without a name/],
      ['%2fetc%2fpasswd', /without a name/],
      ['a%00b', /cannot be shown/],
      ['a'.repeat(300), /too long/],
    ] as const) {
      const { status, json: refused } = await put(name);
      expect([name, status, refused.message]).toEqual([name, 400, expect.stringMatching(why)]);
    }
    expect((await put('a%2fb')).status).toBe(204);
    const { files } = (await call(edge, edge.token, 'GET', `/api/worksheets/${json.id}/files`)).json;
    expect(files.map(({ path }: { path: string }) => path)).toEqual(['a/b']);
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

  /** `LARGEST_NOTEBOOK` of worksheet-routes.ts. */
  test('GU9 a notebook has at most 64 MiB', async () => {
    await using calm = await testEdge();
    const answer = await fetch(`${calm.url}/api/worksheets/import`, {
      method: 'POST',
      headers: { Authorization: `token ${calm.token}` },
      body: new Uint8Array(64 * 1024 * 1024 + 1),
    });
    expect([answer.status, ((await answer.json()) as { message: string }).message]).toEqual([
      413,
      'the body is longer than 67108864 bytes',
    ]);
  });

  /** `reserve` of kept/uploads.ts: by what is announced, before it comes. */
  test('GU9 a file has what its policy keeps', async () => {
    const { json } = await call(edge, edge.token, 'POST', '/api/worksheets', { title: 'bounds' });
    const head = `PUT /api/worksheets/${json.id}/files/x HTTP/1.1\r\nHost: ${edge.host}\r\nAuthorization: token ${edge.token}\r\n`;
    expect(await bytes(`${head}Connection: close\r\nContent-Length: 1001\r\n\r\n`)).toMatch(/^HTTP\/1.1 413 /);
  });

  /** `maxHeaderSize` of request-limits.ts. */
  test('GU9 the head of a request is bounded', async () => {
    const head = `GET /api HTTP/1.1\r\nHost: ${edge.host}\r\nConnection: close\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`;
    expect(await bytes(head)).toMatch(/^HTTP\/1.1 431 /);
  });

  /** `headersTimeout` of serverOptions. */
  test('GU10 a head that does not end is not waited for', async () => {
    /** Where no other limit is as near. */
    await using calm = await testEdge({ slow: { head: 1000 } });
    const head = `GET /api HTTP/1.1\r\nHost: ${calm.host}\r\nX-Slow: `;
    expect(await bytes(head, '', calm)).toMatch(/^(HTTP\/1.1 408 |$)/);
  });

  /** `endSlowBody` of request-limits.ts. */
  test('GU10 a body that does not end is not waited for, and its connection is closed', async () => {
    const answer = await bytes(
      `POST /api/account/tokens HTTP/1.1\r\nHost: ${edge.host}\r\nAuthorization: token ${edge.token}\r\nContent-Length: 100\r\n\r\n{`,
    );
    expect(answer).toMatch(/^HTTP\/1.1 408 /);
    expect(answer).toMatch(/did not come within/);
  });

  /** `slow.silent` in file-routes.ts, `requestTimeout` of serverOptions. */
  test('GU10 an upload that stands still is given up, and so is one that never ends', async () => {
    const { json } = await call(edge, edge.token, 'POST', '/api/worksheets', { title: 'slow' });
    const head = `PUT /api/worksheets/${json.id}/files/slow HTTP/1.1\r\nHost: ${edge.host}\r\nAuthorization: token ${edge.token}\r\nContent-Length: 900\r\n\r\nx`;
    expect(await bytes(head)).toBe('');
    expect(await bytes(head, 'x')).toMatch(/^(HTTP\/1.1 408 |$)/);
    const { files } = (await call(edge, edge.token, 'GET', `/api/worksheets/${json.id}/files`)).json;
    expect(files).toEqual([]);
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

  /** Schemas of wire/ take what they know; nothing merges a body into another object; `Object.hasOwn` of readForm. */
  test('GU14 names that objects have by themselves are data, or refused', async () => {
    for (const body of [
      '{"__proto__": {"role": "admin"}, "name": "gina"}',
      '{"constructor": {"prototype": {"role": "admin"}}, "name": "hans"}',
      '{"name": "ida", "role": "member", "__proto__": {"isAdmin": true}}',
    ]) {
      const answer = await raw(edge, 'POST', '/api/people', { Authorization: `token ${edge.token}` }, body);
      expect([body, answer.status]).toEqual([body, 201]);
      expect(({} as Record<string, unknown>)['role']).toBeUndefined();
      expect(({} as Record<string, unknown>)['isAdmin']).toBeUndefined();
    }
    for (const name of ['gina', 'hans', 'ida']) expect((await edge.store.users.byName(name))?.role).toBe('member');
    const names = ['__proto__', 'constructor', 'toString'].map((name) => [name, 'x'] as const);
    const typed = Object.fromEntries([...names, ['name', 'nobody'], ['password', 'x']]);
    const form = await post(edge, '/signin', typed);
    expect(form.status).toBe(401);
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    expect((await raw(edge, 'POST', '/api/people', { Authorization: `token ${edge.token}` }, deep)).status).toBe(400);
  });

  /** `downloadPolicy`, and the type of file-routes.ts. */
  test('GU15 what was uploaded comes back as a download, whatever it calls itself', async () => {
    const auth = { Authorization: `token ${edge.token}` };
    const { json } = await call(edge, edge.token, 'POST', '/api/worksheets', { title: 'types' });
    const html = '<script>alert(1)</script>';
    for (const name of ['page.html', 'image.svg', 'a%22%0d%0aX-Evil%3a%201.txt', 'a%22.txt', 'job.js']) {
      const path = `/api/worksheets/${json.id}/files/${name}`;
      const put = await raw(
        edge,
        'PUT',
        path,
        { ...auth, 'Content-Type': 'text/html', 'Content-Length': html.length },
        html,
      );
      const refused = name.includes('%0d');
      expect([name, put.status]).toEqual([name, refused ? 400 : 204]);
      const { headers } = await raw(edge, 'GET', path, auth);
      expect(headers['x-evil']).toBeUndefined();
      if (refused) continue;
      expect(headers['content-type']).toBe('application/octet-stream');
      expect(headers['content-disposition']).toMatch(/^attachment;/);
      expect(headers['content-security-policy']).toMatch(/sandbox/);
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
