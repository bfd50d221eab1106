/** docs/spec/store.md */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { expect, test } from 'vitest';
import { isPolicyName, newTokenId, newWorksheetId, type WorksheetId } from '../../gateway/src/base/ids.ts';
import { readDatabaseAddress } from '../../gateway/src/store/database-address.ts';
import { type DatabaseLock, lockDatabase, TERM } from '../../gateway/src/store/database-lock.ts';
import { openStore, type Store } from '../../gateway/src/store/store.ts';
import { storeContract } from '../contract/store-contract.ts';
import { addressOf, asSuperuser, freshDatabase } from '../support/postgres.ts';

const open = async (): Promise<Store> => openStore('', await freshDatabase());
storeContract('PostgreSQL', open);

async function worksheetIn(store: Store): Promise<WorksheetId> {
  const { id: owner } = await store.users.add('ada', 'member', 1);
  const policy = 'standard';
  if (!isPolicyName(policy)) throw new Error(policy);
  const id = newWorksheetId();
  const names = { title: 'Waves', policy, kernel: 'python3', kernelspec: 'python3' };
  await store.worksheets.create(
    { id, owner, ...names, createdAt: 1, changedAt: 1, trashedAt: null },
    new Uint8Array([0]),
  );
  return id;
}

test('ST3 two programs that open an empty database at once make its tables once', async () => {
  const address = await freshDatabase();
  const stores = await Promise.all(Array.from({ length: 4 }, () => openStore('', address)));
  await stores[0]?.users.add('ada', 'member', 1);
  for (const store of stores) expect((await store.users.list()).map(({ name }) => name)).toEqual(['ada']);
  for (const store of stores) await store[Symbol.asyncDispose]();
});

test('ST4 two that append to one document at once each get a number of their own, and nothing is lost', async () => {
  const address = await freshDatabase();
  await using one = await openStore('', address);
  await using two = await openStore('', address);
  const id = await worksheetIn(one);
  const appended = await Promise.all(
    Array.from({ length: 60 }, (_, index) => (index % 2 ? one : two).worksheets.append(id, new Uint8Array([index]), 1)),
  );
  expect([...appended].sort((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, index) => index + 2));
  const stored = new Map((await two.worksheets.updates(id)).map(({ seq, data }) => [seq, data[0]]));
  expect(appended.map((seq) => stored.get(seq))).toEqual(Array.from({ length: 60 }, (_, index) => index));
});

test('ST5 what is written without waiting keeps its order', async () => {
  await using store = await open();
  const { id: user } = await store.users.add('ada', 'member', 1);
  const id = newTokenId();
  await store.tokens.add({ id, user, label: 'x', createdAt: 1, expiresAt: 9 });
  for (let day = 10; day < 60; day += 1) void store.tokens.markUsed(id, `day ${day}`);
  expect((await store.tokens.byId(id))?.lastUsedDay).toBe('day 59');
});

test('ST5 what was asked before the store was closed is done', async () => {
  const address = await freshDatabase();
  const store = await openStore('', address);
  const { id } = await store.users.add('ada', 'member', 1);
  for (let at = 2; at < 60; at += 1) void store.users.markSignedIn(id, at);
  await store[Symbol.asyncDispose]();
  await using again = await openStore('', address);
  expect((await again.users.byId(id))?.signedInAt).toBe(59);
});

test('ST6 large numbers, bytes and texts come back as they were; U+0000, which PostgreSQL cannot hold, as U+FFFD', async () => {
  await using store = await open();
  const id = await worksheetIn(store);
  const large = new Uint8Array(3_000_000).map((_, index) => index * 31);
  await store.worksheets.append(id, large, Date.now());
  expect(Buffer.from((await store.worksheets.updates(id))[1]?.data ?? []).equals(large)).toBe(true);
  await store.worksheets.rename(id, 'a\0b ü 漢 😀 \\ \' "', 8_640_000_000_000_000);
  expect(await store.worksheets.get(id)).toMatchObject({
    title: 'a\ufffdb ü 漢 😀 \\ \' "',
    changedAt: 8_640_000_000_000_000,
  });
});

test('ST7 a connection that the server ends is made again', async () => {
  const address = await freshDatabase();
  await using store = await openStore('', address);
  await store.users.add('ada', 'member', 1);
  const others = `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${new URL(address).pathname.slice(1)}'`;
  await asSuperuser(others);
  const slow = asSuperuser(`select pg_sleep(0.2)`);
  for (;;) {
    const found = await store.users.list().catch((error) => error);
    if (Array.isArray(found)) break;
    expect(found).toMatchObject({ code: 'store_unavailable', message: 'the database cannot be reached at the moment' });
  }
  await slow;
  expect(await store.users.list()).toHaveLength(1);
});

test('ST8 one gateway has the database at a time; the next has it when the first has ended', async () => {
  const address = readDatabaseAddress(await freshDatabase());
  const onLost = () => {};
  const lock = await lockDatabase(address, { onLost });
  await expect(lockDatabase(address, { onLost, patience: 0 })).rejects.toThrow(
    /another Carrel is running on the database test_\w+ at .*CARREL_DATABASE/,
  );
  const next = lockDatabase(address, { onLost });
  await lock[Symbol.asyncDispose]();
  await (await next)[Symbol.asyncDispose]();
});

test('ST8 a lock whose connection was lost is taken again, or its holder is told that another has it', async () => {
  const address = readDatabaseAddress(await freshDatabase());
  let lost = 0;
  await using _lock = await lockDatabase(address, { onLost: () => (lost += 1) });
  const holders = `select pid from pg_locks join pg_database on oid = database where locktype = 'advisory' and granted and datname = '${address.database}'`;
  const before = (await asSuperuser(holders)).rows[0]?.pid;
  await asSuperuser(`select pg_terminate_backend(${before})`);
  await expect
    .poll(async () => (await asSuperuser(holders)).rows.map(({ pid }) => pid !== before), { timeout: 10_000 })
    .toEqual([true]);
  await expect(lockDatabase(address, { onLost: () => {}, patience: 0 })).rejects.toThrow('another Carrel');
  expect(lost).toBe(0);
});

test('ST16 a gateway whose lock is gone writes nothing beside its successor, over whatever connection', async () => {
  const setting = await freshDatabase();
  const address = readDatabaseAddress(setting);
  const termOf = (of: DatabaseLock) => ({ name: TERM, check: of.check.bind(of) });
  const lock = await lockDatabase(address, { onLost: () => {} });
  await using store = await openStore('', setting, undefined, termOf(lock));
  await store.users.add('ada', 'member', 0);
  let stoodBy = 0;
  const next = lockDatabase(address, { onLost: () => {}, onStandBy: () => (stoodBy += 1) });
  await expect.poll(() => stoodBy).toBe(1);
  /** Its other connections are as good as before. */
  await lock[Symbol.asyncDispose]();
  await using successor = await next;
  await using theirs = await openStore('', setting, undefined, termOf(successor));
  for (let i = 0; i < 3; i += 1)
    await expect(store.users.add('eve', 'member', 0)).rejects.toMatchObject({ code: 'store_unavailable' });
  expect((await theirs.users.list()).map(({ name }) => name)).toEqual(['ada']);
});

test('ST16 a gateway learns that another one has taken its place', async () => {
  const setting = await freshDatabase();
  const address = readDatabaseAddress(setting);
  const lost = Promise.withResolvers<void>();
  await using _lock = await lockDatabase(address, { onLost: () => lost.resolve() });
  const held = `select pid, ((classid::bigint << 32) | objid::bigint)::text as key from pg_locks where locktype = 'advisory' and granted`;
  const [holder] = (await asSuperuser(held, setting)).rows;
  const other = new pg.Client({ connectionString: setting });
  await other.connect();
  try {
    /** It waits in PostgreSQL's own queue, so that it comes before who asks again. */
    const taken = other.query('select pg_advisory_lock($1)', [holder.key]);
    await asSuperuser(`select pg_terminate_backend(${holder.pid})`);
    await taken;
    await lost.promise;
  } finally {
    await other.end();
  }
});

test.each([
  ['a wrong password', { password: 'wrong-secret' }, /refuses carrel: the password is wrong, or there is no such user/],
  ['a user that there is not', { username: 'nobody' }, /refuses nobody: the password is wrong/],
  ['no password', { password: '' }, /asks for a password of carrel, and none is given/],
  [
    'a database that there is not',
    { pathname: '/absent' },
    /no such database; make it with: createdb -O carrel -E UTF8 absent/,
  ],
] as const)('ST9 %s is told as what to do about it, and no password with it', async (_name, change, message) => {
  const failure = await openStore('', addressOf(change)).catch((error) => error);
  expect(failure).toMatchObject({ code: 'invalid_settings', message: expect.stringMatching(message) });
  expect(failure.message).toMatch(/^the database \w+ at \S+ \(CARREL_DATABASE\) cannot be used/);
  expect(failure.message).not.toMatch(/secret|pass%2Fword|pass\/word/);
});

test('ST9 a server that does not answer may answer later', async () => {
  await expect(openStore('', addressOf({ port: '1' }))).rejects.toMatchObject({
    code: 'store_unavailable',
    message: expect.stringMatching(
      /^the database carrel at \S+:1 \(CARREL_DATABASE\) cannot be reached: .*ECONNREFUSED/,
    ),
  });
});

test('ST9 another encoding than UTF8, and a user who may make no tables, are told with what to do', async () => {
  const latin = await freshDatabase("encoding 'LATIN1' locale 'C' template template0");
  await expect(openStore('', latin)).rejects.toThrow(
    'expected a database of encoding UTF8 (CARREL_DATABASE), found LATIN1',
  );
  const database = new URL(await freshDatabase()).pathname;
  await asSuperuser("create role guest login password 'guest'");
  await expect(openStore('', addressOf({ pathname: database, username: 'guest', password: 'guest' }))).rejects.toThrow(
    /guest may not make tables in it; allow it with: GRANT CREATE ON SCHEMA public TO "guest"/,
  );
});

test('ST2 the setting may name a file that holds the address, and a file that does not is told without its content', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'carrel-address-'));
  try {
    const file = join(folder, 'database');
    await writeFile(file, `${await freshDatabase()}\n`);
    await using store = await openStore('', file);
    expect(await store.users.list()).toEqual([]);
    await writeFile(file, 'mysql://ada:secret@host/x');
    const failure = await openStore('', file).catch((error: Error) => error.message);
    expect(failure).toContain(`expected ${file} (CARREL_DATABASE) to hold an address such as postgres://`);
    expect(failure).not.toContain('secret');
    await expect(openStore('', join(folder, 'absent'))).rejects.toThrow(
      /the file that CARREL_DATABASE names cannot be read: ENOENT/,
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});
