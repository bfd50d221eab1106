import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { storeContract } from '../../../test/contract/store-contract.ts';
import { lockDataFolder } from './data-lock.ts';
import { loadSecrets } from './secrets.ts';
import { openMemoryStore, openStore } from './store.ts';

storeContract('SQLite in memory', openMemoryStore);
storeContract('SQLite in a file', () => openStore(folder));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'carrel-store-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('the data stays in the file, which only its owner can read', async () => {
  {
    await using store = await openStore(folder);
    await store.users.add('ada', 'admin', 1);
  }
  await using again = await openStore(folder);
  expect((await again.users.list()).map((user) => user.name)).toEqual(['ada']);
  for (const name of ['carrel.sqlite', 'carrel.sqlite-wal', 'carrel.sqlite-shm'])
    expect((await stat(join(folder, name))).mode & 0o777, name).toBe(0o600);
});

test('the gateway and a command of the administrator may have it open at once and write in turn', async () => {
  const one = await openStore(folder);
  const two = await openStore(folder);
  await Promise.all([one.users.add('ada', 'member', 1), two.users.add('bob', 'member', 1)]);
  expect((await one.users.list()).map((user) => user.name).sort()).toEqual(['ada', 'bob']);
  await one[Symbol.asyncDispose]();
  await two[Symbol.asyncDispose]();
});

test('a data folder that cannot be made is named with its setting', async () => {
  await writeFile(join(folder, 'file'), '');
  await expect(openStore(join(folder, 'file', 'data'))).rejects.toThrow(/data folder .*file\/data \(CARREL_DATA\)/);
});

test('the keys are made once, agree between processes and are readable by their owner only', async () => {
  const [one, two] = await Promise.all([loadSecrets(folder), loadSecrets(folder)]);
  expect(one).toEqual(two);
  expect(await loadSecrets(folder)).toEqual(one);
  expect(one.tokens).toMatch(/^[0-9a-f]{64}$/);
  expect(one.sandboxes).not.toBe(one.tokens);
  expect((await stat(join(folder, 'secrets.json'))).mode & 0o777).toBe(0o600);
  expect(await readFile(join(folder, 'secrets.json'), 'utf8')).toContain(one.tokens);
});

test('a file of keys that is damaged is refused by its name, not replaced', async () => {
  await writeFile(join(folder, 'secrets.json'), '{"tokens":"short"}');
  await expect(loadSecrets(folder)).rejects.toThrow(/secrets\.json does not hold Carrel's keys/);
});

test('a data folder belongs to one Carrel at a time', () => {
  {
    using _held = lockDataFolder(folder);
    expect(() => lockDataFolder(folder)).toThrow(/another Carrel is running on the data folder .*CARREL_DATA/);
  }
  using _again = lockDataFolder(folder);
});
