import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { readSettings } from '../config/settings.ts';
import { endPrintedToken, firstLink, issueToken, openPeople, type People, printedToken } from './people.ts';
import { signInAddress } from './places.ts';

const GOOD = 'correct horse battery';
let folder: string;
let people: People;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'carrel-people-'));
  people = await openPeople(readSettings({ CARREL_DATA: folder }));
});
afterEach(async () => {
  await people[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const valid = async (token: string | undefined) => (await people.tokens.verify(token ?? ''))?.name;

test('AC6 the first start makes admin; each start’s token ends the one before, and no token that a person made', async () => {
  const first = await printedToken(people);
  const made = await issueToken(people, 'admin', 1, 'laptop');
  expect([await valid(first), (await people.store.users.list()).map((user) => [user.name, user.role])]).toEqual([
    'admin',
    [['admin', 'admin']],
  ]);
  const second = await printedToken(people);
  expect([await valid(first), await valid(second), await valid(made)]).toEqual([undefined, 'admin', 'admin']);
  await endPrintedToken(people);
  expect([await valid(second), await valid(made)]).toEqual([undefined, 'admin']);
});

test('where admin is disabled no token is printed for it', async () => {
  await printedToken(people);
  const admin = await people.store.users.byName('admin');
  if (admin !== undefined) await people.store.users.setDisabled(admin.id, true);
  expect(await printedToken(people)).toBeUndefined();
});

test('DP1 the first link makes an administrator with a password, and is made again at each start until it is used', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  try {
    const first = await firstLink(people);
    expect(first).toMatchObject({ name: 'admin', key: expect.stringMatching(/^[\w-]{43}$/) });
    vi.advanceTimersByTime(60_000);
    const second = await firstLink(people);
    expect(await people.accounts.redeemLink(first?.key ?? '', GOOD)).toBeUndefined();
    expect(await people.accounts.redeemLink(second?.key ?? '', GOOD)).toMatchObject({ name: 'admin', role: 'admin' });
    vi.advanceTimersByTime(60_000);
    expect(await firstLink(people)).toBeUndefined();
  } finally {
    vi.useRealTimers();
  }
});

test('DP1 of two gateways that start together one prints the link', async () => {
  const both = await Promise.all([firstLink(people), firstLink(people)]);
  const links = [...both, await firstLink(people)].filter((link) => link !== undefined);
  expect(links).toHaveLength(1);
  expect(await people.accounts.behindLink(links[0]?.key ?? '')).toMatchObject({ person: { name: 'admin' } });
});

test('DP1 no link is made where somebody administers already, nor for an administrator who is disabled', async () => {
  const ada = await people.store.users.add('ada', 'admin', Date.now());
  const { key } = await people.accounts.makeLink(ada);
  await people.accounts.redeemLink(key, GOOD);
  expect(await firstLink(people)).toBeUndefined();
  await people.store.users.setDisabled(ada.id, true);
  expect(await firstLink(people)).toBeUndefined();
});

test.each([
  [{}, 'http://127.0.0.1:8888/?token=T'],
  [{ CARREL_BIND: '0.0.0.0', CARREL_PORT: '80', CARREL_BASE_URL: '/desk/' }, 'http://127.0.0.1:80/desk/?token=T'],
  [{ CARREL_BIND: '::1' }, 'http://[::1]:8888/?token=T'],
  [{ CARREL_PUBLIC_URL: 'https://notebooks.example' }, 'https://notebooks.example/?token=T'],
])('with %j people open %s', (settings, address) => {
  expect(signInAddress(readSettings(settings), 'T')).toBe(address);
});
