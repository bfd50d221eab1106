/** An installation in which there is something of everything: every table of the schema has rows, and kept files have contents. */
import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import {
  isPolicyName,
  newKernelId,
  newSandboxId,
  newSessionId,
  newTokenId,
  newVersionId,
  newWorksheetId,
  type UserId,
  type WorksheetId,
} from '../../gateway/src/base/ids.ts';
import type { SchemaTable } from '../../gateway/src/store/schema.ts';
import { loadSecrets } from '../../gateway/src/store/secrets.ts';
import { openSnapshot, type Row } from '../../gateway/src/store/snapshot.ts';
import { openStore, type Store } from '../../gateway/src/store/store.ts';
import { Blobs } from '../../gateway/src/worksheet/kept/blobs.ts';

export interface Place {
  readonly dataFolder: string;
  /** Undefined for the embedded database. */
  readonly database: string | undefined;
}

const bytes = (size: number, seed: number) => new Uint8Array(size).map((_, index) => (index * seed) % 251);

export async function fillInstallation(place: Place): Promise<{ worksheets: readonly WorksheetId[] }> {
  await loadSecrets(place.dataFolder);
  await using store = await openStore(place.dataFolder, place.database);
  const ada = await store.users.add('Ada.Müller', 'admin', 1);
  const bob = await store.users.add('bob', 'member', 2);
  await addPerson(store, ada.id, 'one');
  await addPerson(store, bob.id, 'two');
  const worksheets = [await addWorksheet(store, ada.id, bob.id), await addWorksheet(store, bob.id, ada.id)];
  for (const [index, id] of worksheets.entries()) {
    await putFile(place, store, id, 'data/übung 1.csv', bytes(index === 0 ? 4_500_000 : 50_000, 7));
    await putFile(place, store, id, 'empty', new Uint8Array());
    await putFile(place, store, id, 'small.txt', bytes(1000, 3));
  }
  const [first, second] = worksheets as [WorksheetId, WorksheetId];
  await store.files.copy(first, await addWorksheet(store, ada.id, bob.id));
  await fillRest(place, { worksheet_id: [first, second], user_id: [ada.id, bob.id] });
  return { worksheets };
}

async function addPerson(store: Store, user: UserId, key: string): Promise<void> {
  await store.passwords.set(user, `$argon2id$${key}`, 3);
  await store.invitations.put({ user, purpose: 'reset', createdAt: 1, endsAt: 2 ** 41 }, `hash ${key}`);
  const id = newTokenId();
  await store.tokens.add({ id, user, label: 'laptop "x"\n', createdAt: 1, expiresAt: 2 ** 41 });
  await store.tokens.markUsed(id, '2026-01-02');
  const ends = { csrf: 'c', createdAt: 1, seenAt: 2, endsAt: 2 ** 41 };
  await store.webSessions.add({ idHash: `session ${key}`, user, ...ends, userAgent: 'Mozilla/5.0', address: '::1' });
  const kernel = newKernelId();
  const session = {
    id: newSessionId(),
    owner: user,
    path: 'a.ipynb',
    name: 'ü',
    type: 'notebook',
    kernel,
    createdAt: 1,
  };
  await store.jupyterSessions.put(session);
  const env = { KERNEL_A: 'a=b\nc "ü"' };
  const about = { id: kernel, owner: user, policy: standard(), kernel: 'python3', name: 'python3', env };
  await store.kernels.put({ ...about, sandbox: newSandboxId(), generation: 1, createdAt: 1, lastActivity: 2 });
}

async function addWorksheet(store: Store, owner: UserId, other: UserId): Promise<WorksheetId> {
  const id = newWorksheetId();
  const about = {
    title: 'Wellen 漢 😀 \\ \' "',
    policy: standard(),
    kernel: 'python3',
    kernelspec: 'python3-standard',
  };
  await store.worksheets.create(
    { id, owner, ...about, createdAt: 1, changedAt: 8_640_000_000_000_000, trashedAt: null },
    bytes(3, 5),
  );
  for (const size of [0, 1, 1_500_000, 77]) await store.worksheets.append(id, bytes(size, 11), 5);
  await store.shares.set(id, other, 'editor', 6);
  await store.shares.addLink({ id: `link ${id}`, worksheet: id, role: 'viewer', createdAt: 7 }, `key ${id}`);
  await store.shares.join(`link ${id}`, other, 8);
  for (const name of ['first', null])
    await store.versions.add(
      {
        id: newVersionId(),
        worksheet: id,
        at: 9,
        kind: 'named',
        name,
        who: ['ada', 'bob'],
        sources: 's',
        whole: 'w',
        bytes: 40,
      },
      bytes(40, 13),
      [{ hash: `h ${name}`, data: bytes(200_000, 17) }],
      new Set([`h ${name}`]),
    );
  return id;
}

function standard() {
  const name = 'standard';
  if (!isPolicyName(name)) throw new Error(name);
  return name;
}

/** As the gateway does it: the content first, then the row, then the content of before goes. */
export async function putFile(
  place: Place,
  store: Store,
  worksheet: WorksheetId,
  path: string,
  content: Uint8Array,
): Promise<void> {
  const blobs = new Blobs(join(place.dataFolder, 'files'), store.files);
  const before = (await store.files.list(worksheet)).find((file) => file.path === path);
  const writer = await blobs.create();
  await writer.add(Buffer.from(content));
  const { id, size, sha256 } = await writer.finish(true);
  await store.files.put(worksheet, {
    path,
    size,
    mtime: 1_700_000_000_000_000,
    sha256,
    blob: id,
    seenIn: undefined,
    changedAt: 5,
  });
  await blobs.settle(id);
  if (before !== undefined) await blobs.drop(before.blob);
}

/** Tables to which nothing above writes get two rows of made-up values, so that no table of a later step is forgotten. */
export async function fillRest(
  place: Place,
  known: Readonly<Record<string, readonly [string | number, string | number]>>,
): Promise<void> {
  const value = ({ name, kind }: SchemaTable['columns'][number], index: number) =>
    known[name]?.[index - 1] ??
    { text: `${name} ${index}`, number: 1000 + index, bytes: Buffer.from([index, 0, 255]) }[kind];
  const tables = await tablesIn(place);
  for (const table of tables) {
    if ((await rowsOf(place, table.name)).length > 0) continue;
    const names = table.columns.map(({ name }) => `"${name}"`).join(', ');
    for (const index of [1, 2]) {
      const values = table.columns.map((column) => value(column, index));
      const places = values.map((_, at) => (place.database === undefined ? '?' : `$${at + 1}`)).join(', ');
      await execute(place, `insert into "${table.name}" (${names}) values (${places})`, values);
    }
  }
}

async function tablesIn(place: Place): Promise<readonly SchemaTable[]> {
  await using snapshot = await openSnapshot(place.dataFolder, place.database);
  return snapshot.tables;
}

export async function execute(
  place: Place,
  sql: string,
  values: readonly (string | number | Uint8Array | null)[] = [],
): Promise<void> {
  if (place.database === undefined) {
    const db = new DatabaseSync(join(place.dataFolder, 'carrel.sqlite'));
    db.prepare(sql).run(...values);
    db.close();
    return;
  }
  const client = new pg.Client({ connectionString: place.database });
  await client.connect();
  await client.query(sql, [...values]).finally(() => client.end());
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

async function rowsOf(place: Place, table: string): Promise<Row[]> {
  await using snapshot = await openSnapshot(place.dataFolder, place.database);
  const found = snapshot.tables.find(({ name }) => name === table);
  return found === undefined ? [] : await all(snapshot.rows(found));
}

const shown = (bytes: Uint8Array): string =>
  bytes.length < 100 ? Buffer.from(bytes).toString('base64') : createHash('sha256').update(bytes).digest('hex');

/** All rows of all tables in an order of their own, and the contents of all files; bytes as text, long ones as their sum. */
export async function everythingIn(place: Place): Promise<Record<string, readonly string[]>> {
  const found: Record<string, string[]> = {};
  await using snapshot = await openSnapshot(place.dataFolder, place.database);
  for (const table of snapshot.tables) {
    const rows = await all(snapshot.rows(table));
    const texts = rows.map((row) => row.map((value) => (value instanceof Uint8Array ? shown(value) : value)));
    found[table.name] = texts.map((row) => JSON.stringify(row)).sort();
  }
  const folder = join(place.dataFolder, 'files');
  const names = (await readdir(folder)).sort();
  found['contents of files'] = await Promise.all(
    names.map(async (name) => `${name} ${shown(await readFile(join(folder, name)))}`),
  );
  found['keys'] = [await readFile(join(place.dataFolder, 'secrets.json'), 'utf8')];
  return found;
}

/** People who go on working: each turn appends to both documents, the first before the second, and replaces a file. */
export function keepWorking(place: Place, [first, second]: readonly WorksheetId[]): { stop(): Promise<number> } {
  let ended = false;
  const work = async () => {
    await using store = await openStore(place.dataFolder, place.database);
    let turn = 0;
    for (; !ended && first !== undefined && second !== undefined; turn += 1) {
      await store.worksheets.append(first, bytes(100, 3), turn);
      await store.worksheets.append(second, bytes(100, 3), turn);
      await putFile(place, store, first, `file ${turn % 3}`, bytes(20_000 + turn, 5));
    }
    return turn;
  };
  const working = work();
  return {
    stop: () => {
      ended = true;
      return working;
    },
  };
}

export const writePoliciesTo = (folder: string): Promise<void> =>
  writeFile(join(folder, 'site.yaml'), 'a: policy of the site\n');
