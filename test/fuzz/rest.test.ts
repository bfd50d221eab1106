/** Malformed REST requests: every one is answered with a reason or refused, and nobody else notices. */
import { connect, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../fault/support/until.ts';
import { cases, FACTOR, SEED, TwoTenants } from './two-tenants.ts';

let scene: TwoTenants;

beforeAll(async () => {
  scene = await TwoTenants.start();
});

afterAll(() => scene?.[Symbol.asyncDispose]());

interface Request {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array<ArrayBuffer>;
}

const bytes = (text: string) => new TextEncoder().encode(text);
const strange = fc.constantFrom(
  '__proto__',
  '../../etc/passwd',
  '%00',
  '%',
  '%ff',
  'a'.repeat(9000),
  '',
  '.',
  "'--",
  '🦉',
  '\u202e',
  '-1',
  'null',
);
const word = fc.oneof(strange, fc.string({ unit: 'binary', maxLength: 40 }));
const leaf = fc.oneof(word, fc.double(), fc.boolean(), fc.constant(null), fc.maxSafeInteger());
const key = fc.oneof(
  fc.constantFrom(
    'name',
    'path',
    'type',
    'env',
    'kernel',
    'kernel_id',
    'id',
    'notebook',
    '__proto__',
    'constructor',
    'KERNEL_USERNAME',
    'image',
    'policy',
  ),
  word,
);
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.array(tie('value'), { maxLength: 5 }),
    fc.array(fc.tuple(key, tie('value')), { maxLength: 5 }).map(Object.fromEntries),
  ),
}));

const body = fc.oneof(
  value.map((any) => bytes(JSON.stringify(any) ?? '')),
  fc.uint8Array({ maxLength: 400 }).map((any) => new Uint8Array(any)),
  fc.tuple(value, fc.nat(40)).map(([any, cut]) => bytes((JSON.stringify(any) ?? '').slice(0, cut))),
  fc
    .constantFrom('[', '{', '"')
    .chain((open) => fc.integer({ min: 1, max: 300_000 }).map((times) => bytes(open.repeat(times)))),
  fc.constantFrom(
    bytes(' '.repeat(1_500_000)),
    bytes('{"name": 1e999999}'),
    bytes('{"a":1,"a":2}'),
    bytes('\u0000'),
    bytes(''),
  ),
);

/** `A` is Alice's kernel; the paths of a client, and some that are no client's. */
const path = fc.oneof(
  fc.constantFrom(
    '/api',
    '/api/status',
    '/api/me',
    '/api/kernels',
    '/api/sessions',
    '/api/kernelspecs',
    '/',
    '/signin',
    '/api/signout',
  ),
  fc.constantFrom(
    '/api/kernels/A',
    '/api/kernels/A/interrupt',
    '/api/kernels/A/restart',
    '/api/kernels/A/usage',
    '/api/kernels/A/channels',
  ),
  fc
    .tuple(
      fc.constantFrom('/api/kernels/', '/api/sessions/', '/api/kernelspecs/', '/kernelspecs/python3/', '/page/'),
      word,
    )
    .map(([a, b]) => a + encodeURI(b.toWellFormed())),
  fc
    .tuple(fc.constantFrom('/api/kernels?', '/api/sessions?', '/?token=', '/api/kernels/A?token='), word)
    .map(([a, b]) => a + encodeURIComponent(b.toWellFormed())),
  fc.constantFrom(
    '//',
    '/api//kernels',
    '/api/kernels/..%2f..',
    '/api/kernels/%e0%a4%a',
    '/api/kernels/A/../A',
    '/%2e%2e/%2e%2e',
    '/api/kernels/A%00',
  ),
);

const headers = fc.record({
  auth: fc.constantFrom('token', 'token', 'token', 'bearer', 'none', 'wrong', 'empty', 'long', 'basic'),
  type: fc.constantFrom(
    'application/json',
    'text/plain',
    'application/json; charset=utf-7',
    'multipart/form-data',
    'x'.repeat(2000),
    '',
  ),
  encoding: fc.constantFrom(undefined, undefined, undefined, 'gzip', 'deflate', 'br', 'identity', 'nonsense'),
  cookie: fc.constantFrom(undefined, undefined, '_xsrf=a', 'a=b; '.repeat(500), '=;=;', '__Host-carrel=x'),
  origin: fc.constantFrom(undefined, undefined, 'http://elsewhere.example', 'null', 'http://[', 'http://127.0.0.1'),
  accept: fc.constantFrom('*/*', 'text/html', ''),
});

const request: fc.Arbitrary<Request> = fc
  .record({
    method: fc.constantFrom('GET', 'POST', 'POST', 'POST', 'PATCH', 'DELETE', 'PUT', 'OPTIONS', 'HEAD'),
    path,
    headers,
    body,
  })
  .map(({ method, path, headers: chosen, body }) => {
    const { auth, type, encoding, cookie, origin, accept } = chosen;
    const list = { auth, 'content-type': type, 'content-encoding': encoding, cookie, origin, accept };
    const given = Object.entries(list).filter((entry): entry is [string, string] => entry[1] !== undefined);
    return { method, path, headers: Object.fromEntries(given), body };
  });

function authorization(kind: string): Record<string, string> {
  const { token } = scene.mallory;
  const wrong = token.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));
  const values: Record<string, string> = {
    token: `token ${token}`,
    bearer: `Bearer ${token}`,
    empty: 'token ',
    wrong: `token ${wrong}x`,
    long: `token ${'x'.repeat(8000)}`,
    basic: 'Basic YTpi',
  };
  return values[kind] === undefined ? {} : { authorization: values[kind] };
}

test(`requests of every kind are answered in words, never by an inner failure (seed ${SEED})`, async () => {
  const before = { fds: await scene.descriptors(), memory: await scene.memory() };
  for (const [index, { method, path, headers, body }] of cases(request, 3000).entries()) {
    const { auth, ...others } = headers;
    const url = scene.mallory.url + path.replace('/A', `/${scene.alicesKernel}`);
    const what = `case ${index}: ${method} ${url} ${JSON.stringify(headers)} ${new TextDecoder().decode(body.slice(0, 200))}`;
    const send = method === 'GET' || method === 'HEAD' ? {} : { body };
    const options = {
      method,
      headers: { ...others, ...authorization(auth ?? '') },
      redirect: 'manual' as const,
      ...send,
    };
    const answer = await fetch(url, options).catch((error: Error) => error);
    if (answer instanceof Error) {
      expect(String(answer.cause), what).toMatch(/ECONNRESET|EPIPE|other side closed|invalid|header/i);
      continue;
    }
    const text = await answer.text();
    expect([500, 502, 504], `${what}\n${text}`).not.toContain(answer.status);
    /** What does not fit into the parser is answered by the parser, without a body. */
    const spoken = method !== 'HEAD' && answer.status !== 431;
    if (answer.status >= 400 && path.startsWith('/api/') && spoken)
      expect(JSON.parse(text), what).toMatchObject({ message: expect.any(String), reason: expect.any(String) });
    scene.hear(text + JSON.stringify([...answer.headers]));
    if (answer.status === 201) await scene.tidy();
  }
  await scene.tidy();
  await scene.unharmed();
  await until('descriptors are given back', async () => (await scene.descriptors()) <= before.fds + 12);
  expect(await scene.memory()).toBeLessThan(before.memory + 200 * 2 ** 20);
});

/** What is no HTTP, or HTTP of the kind that tries to be read in two ways. */
const rubbish = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 2000 }).map((any) => Buffer.from(any)),
  fc
    .constantFrom(
      'GET / HTTP/1.1\r\n\r\n',
      'GET / HTTP/9.9\r\nHost: localhost\r\n\r\n',
      'GET http://elsewhere.example/ HTTP/1.1\r\nHost: elsewhere.example\r\n\r\n',
      'GET /api HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
      'POST /api/kernels HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /api HTTP/1.1\r\n\r\n',
      'POST /api/kernels HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nx',
      'POST /api/kernels HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999\r\n\r\nx',
      'POST /api/kernels HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n',
      'POST /api/kernels HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n{}',
      'CONNECT localhost:22 HTTP/1.1\r\nHost: localhost\r\n\r\n',
      'TRACE / HTTP/1.1\r\nHost: localhost\r\n\r\n',
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
      `GET / HTTP/1.1\r\nHost: localhost\r\n${'X: y\r\n'.repeat(5000)}\r\n`,
      `GET /${'a'.repeat(100_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
      'GET /api HTTP/1.1\r\nHost: localhost\r\nX: a\u0000b\r\n\r\n',
      'GET /api HTTP/1.1\nHost: localhost\n\n',
      'OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n',
    )
    .chain((text) =>
      fc.tuple(fc.boolean(), fc.nat(text.length)).map(([cut, at]) => Buffer.from(cut ? text.slice(0, at) : text)),
    ),
);

test(`bytes that are no HTTP end their own connection and nothing else (seed ${SEED})`, async () => {
  const before = await scene.descriptors();
  const { hostname, port } = new URL(scene.carrel.url);
  const send = async (data: Buffer) => {
    const socket = connect(Number(port), hostname);
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk));
    socket.on('error', () => {});
    socket.end(data);
    setTimeout(() => socket.destroy(), 300).unref();
    await closed(socket);
    scene.hear(answer);
    expect(answer).not.toMatch(/^HTTP\/1\.1 5(?!03)/);
  };
  const all = cases(rubbish, 800);
  for (let at = 0; at < all.length; at += 40) await Promise.all(all.slice(at, at + 40).map(send));
  expect(all.length).toBe(800 * FACTOR);
  await scene.unharmed();
  await until('descriptors are given back', async () => (await scene.descriptors()) <= before + 12);
});

const closed = (socket: Socket) => new Promise((done) => socket.once('close', done));
