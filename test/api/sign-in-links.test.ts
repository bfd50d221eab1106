/** Addresses with a token that somebody else leads a browser to. Rules: docs/spec/access.md. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { User } from '../../gateway/src/store/users.ts';
import { HTML, type Jar, jarOf, post } from '../support/accounts.ts';
import { type RawAnswer, raw, type TestEdge, testEdge } from '../support/edge.ts';

let edge: TestEdge;
let ada: User;
let bob: User;
beforeAll(async () => {
  edge = await testEdge();
  ada = (await edge.person('ada')).user;
  bob = (await edge.person('bob')).user;
});
afterAll(() => edge[Symbol.asyncDispose]());

const tokenOf = (user: User): Promise<string> => edge.edge.tokens.issue(user, 'link', 60_000);
const open = (token: string, headers = {}): Promise<RawAnswer> =>
  raw(edge, 'GET', `/?token=${token}&next=worksheets/abc`, { ...HTML, ...headers });
const name = async (jar: Jar | undefined) =>
  (await raw(edge, 'GET', '/api/me', { Cookie: jar?.Cookie ?? '' })).json.identity?.name;
const NEXT = /<input type="hidden" name="next" value="worksheets\/abc"/;

test('AC29 an address signs nobody in over the session of another person, wherever it is opened', async () => {
  const bobs = jarOf(await open(await tokenOf(bob)));
  expect(await name(bobs)).toBe('bob');
  const token = await tokenOf(ada);
  for (const site of ['none', 'same-origin', 'cross-site', undefined]) {
    const from = site === undefined ? {} : { 'Sec-Fetch-Site': site };
    const answer = await open(token, { Cookie: bobs?.Cookie, ...from });
    expect([site, answer.status, answer.headers['set-cookie']]).toEqual([site, 403, undefined]);
    expect(answer.text).toMatch(/Somebody else is signed in here/);
    expect(answer.text).toMatch(NEXT);
    expect(answer.text).not.toContain(token);
  }
  expect(await name(bobs)).toBe('bob');
  const pasted = await post(edge, '/signin', { token, next: 'worksheets/abc' }, { Cookie: bobs?.Cookie });
  expect([pasted.status, pasted.headers.location]).toEqual([303, '/worksheets/abc']);
  expect(await name(jarOf(pasted))).toBe('ada');
});

test('AC29 a page of another origin leads nobody in, and does not use the address up; opened by itself it signs in', async () => {
  const token = await tokenOf(ada);
  for (const site of ['cross-site', 'same-site', 'of a later browser']) {
    const answer = await open(token, { 'Sec-Fetch-Site': site });
    expect([site, answer.status, answer.headers['set-cookie']]).toEqual([site, 403, undefined]);
    expect(answer.text).toMatch(/Another page led here/);
    expect(answer.text).toMatch(NEXT);
    expect(answer.text).toMatch(/<h1>This address was not used/);
  }
  const german = await open(token, { 'Sec-Fetch-Site': 'cross-site', 'Accept-Language': 'de' });
  expect(german.text).toMatch(/Eine andere Seite hat hierher geführt/);
  const byItself = await open(token, { 'Sec-Fetch-Site': 'none' });
  expect([byItself.status, byItself.headers.location]).toEqual([302, '/worksheets/abc']);
  expect(await name(jarOf(byItself))).toBe('ada');
});

test('AC29 who is that person already goes on, from everywhere', async () => {
  const token = await tokenOf(ada);
  const jar = jarOf(await open(token));
  const answer = await open(token, { Cookie: jar?.Cookie, 'Sec-Fetch-Site': 'cross-site' });
  expect([answer.status, answer.headers.location]).toEqual([302, '/worksheets/abc']);
});

test('AC29 programs that send the token with requests of the API are not asked where they come from', async () => {
  const headers = { 'Sec-Fetch-Site': 'cross-site' };
  expect((await raw(edge, 'GET', `/api/me?token=${await tokenOf(ada)}`, headers)).status).toBe(200);
});
