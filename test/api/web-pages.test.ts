/** The pages that the build makes, as they are served; what is in them does not matter here. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { raw, type TestEdge, testEdge } from '../support/edge.ts';

const SCRIPT = `console.log(${JSON.stringify('x'.repeat(5000))})`;
let folder: string;
let edge: TestEdge;
let cookie: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'carrel-web-'));
  for (const name of ['assets', 'worksheets']) await mkdir(join(folder, name));
  const files = {
    'index.html': 'the home page',
    'worksheets/index.html': 'the page of a worksheet',
    'account.html': 'the page of an account',
    'people.html': 'the page of people',
    'admin.html': 'the page of administrators',
    'output-frame.html': 'the frame',
    'widget-frame.html': 'the frame of widgets',
    'assets/page-1a2b.js': SCRIPT,
    'assets/page-1a2b.css': 'a{}',
    'assets/font.woff2': 'font',
    'assets/secret.txt': 'no type of ours',
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  edge = await testEdge({ base: '/carrel', webFolder: folder });
  const signed = await raw(edge, 'GET', `/carrel/?token=${edge.token}`, { Accept: 'text/html' });
  cookie = (signed.headers['set-cookie'] ?? []).map((each) => each.split(';')[0]).join('; ');
});
afterAll(async () => {
  await edge[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const get = (path: string, headers: Record<string, string> = {}) =>
  raw(edge, 'GET', `/carrel${path}`, { Accept: 'text/html', ...headers });
const policyOf = async (path: string, headers = {}) =>
  String((await get(path, headers)).headers['content-security-policy']);

test('who is signed in gets the home page and all others, with a fresh XSRF cookie', async () => {
  for (const [path, text] of [
    ['/', 'the home page'],
    ['/worksheets/00000000-0000-4000-8000-000000000000', 'the page of a worksheet'],
    ['/account', 'the page of an account'],
    ['/people', 'the page of people'],
    ['/admin', 'the page of administrators'],
  ]) {
    const answer = await get(String(path), { Cookie: cookie });
    expect([answer.status, answer.text]).toEqual([200, text]);
    expect(String(answer.headers['set-cookie'])).toContain('_xsrf=');
    expect(answer.headers['cache-control']).toBe('no-store');
  }
});

test('AC1 AC22 who is not is asked to sign in, and comes back', async () => {
  expect((await get('/')).text).toContain('Sign in');
  for (const [path, next] of [
    ['/worksheets/x', 'worksheets%2Fx'],
    ['/account', 'account'],
    ['/people', 'people'],
    ['/admin', 'admin'],
  ]) {
    const answer = await get(String(path));
    expect([answer.status, answer.headers['location']]).toEqual([302, `/carrel/signin?next=${next}`]);
  }
});

test('AC22 an address that is no page of ours is not where people are sent', async () => {
  for (const path of ['/worksheets/%2f%2fevil.example', '/worksheets/%0d%0aSet-Cookie:a=b', '/worksheets/..%2f..']) {
    const { headers } = await get(path);
    expect([path, headers['location'], headers['set-cookie']]).toEqual([path, '/carrel/signin', undefined]);
  }
  for (const path of ['/worksheets/x/', '/account/'])
    expect((await get(path, { Cookie: cookie })).headers['location']).toBe(`/carrel${path.slice(0, -1)}`);
});

test('files of the build are for everybody and for ever, compressed for who can read that', async () => {
  const plain = await get('/assets/page-1a2b.js');
  expect([plain.status, plain.text, plain.headers['content-encoding']]).toEqual([200, SCRIPT, undefined]);
  expect(plain.headers['cache-control']).toContain('immutable');
  expect(plain.headers['content-type']).toBe('text/javascript; charset=utf-8');
  for (const encoding of ['br', 'gzip']) {
    const answer = await fetch(`${edge.url}/assets/page-1a2b.js`, { headers: { 'Accept-Encoding': encoding } });
    expect([answer.headers.get('content-encoding'), await answer.text()]).toEqual([encoding, SCRIPT]);
    const { headers } = await get('/assets/page-1a2b.js', { 'Accept-Encoding': encoding });
    expect(Number(headers['content-length'])).toBeLessThan(200);
  }
  expect((await get('/assets/font.woff2', { 'Accept-Encoding': 'br' })).headers['content-encoding']).toBeUndefined();
});

test.each(['secret.txt', 'nosuch.js', '..%2findex.html', '%2e%2e', 'constructor', '__proto__'])(
  '%s is no file of the build',
  async (name) => {
    expect((await get(`/assets/${name}`)).status).toBe(404);
  },
);

describe('policies', () => {
  test('a page runs only scripts of ours, and frames only of ours', async () => {
    const policy = await policyOf('/', { Cookie: cookie });
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
    expect(policy).toContain("require-trusted-types-for 'script'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/script-src[^;]*(unsafe|blob|data)/);
    expect(await policyOf('/worksheets/x', { Cookie: cookie })).toBe(policy);
  });

  test('the frame of outputs has no origin and no network, also when it is opened by itself', async () => {
    const answer = await get('/output-frame.html');
    const policy = String(answer.headers['content-security-policy']);
    expect(policy).toMatch(/^sandbox allow-scripts; default-src 'none';/);
    expect(policy).not.toMatch(/connect-src|allow-same-origin|frame-src|'self'(?!$)/);
    expect(policy).toContain("frame-ancestors 'self'");
    expect(answer.headers['x-frame-options']).toBe('SAMEORIGIN');
  });
});

test('without a build it is said how to make one', async () => {
  await using plain = await testEdge();
  const signed = await raw(plain, 'GET', `/?token=${plain.token}`, { Accept: 'text/html' });
  const own = (signed.headers['set-cookie'] ?? []).map((each) => each.split(';')[0]).join('; ');
  const { status, text } = await raw(plain, 'GET', '/', { Accept: 'text/html', Cookie: own });
  expect([status, text]).toEqual([500, expect.stringContaining('npm start')]);
  expect((await raw(plain, 'GET', '/worksheets/x', { Accept: 'text/html', Cookie: own })).status).toBe(404);
});
