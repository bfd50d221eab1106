/**
 * A database that is filled from a backup and is there as a whole or not at all: a draft of the embedded database that gets its name
 * at the end, or one transaction of PostgreSQL. The schema is first made as it was when the backup was made, then brought up to date.
 */
import { open, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Kysely as Database, SqliteDatabase } from 'kysely';
import { CarrelError } from '../base/errors.ts';
import { readDatabaseAddress } from './database-address.ts';
import { type Ask, requireEmpty, requireEmptySqlite } from './empty-database.ts';
import { openSqlite } from './node-sqlite.ts';
import { poolOf, postgresDialects } from './postgres.ts';
import { openingFailure } from './postgres-failures.ts';
import { migrate, type SchemaTable, tablesAfter } from './schema.ts';
import { CONTENTS, contentOf, quoted, type Row, readByCursor, type StoredContent } from './snapshot.ts';

const { Kysely, PostgresDialect, SqliteDialect } = createRequire(import.meta.url)('kysely') as typeof import('kysely');

export interface RestoreTarget extends AsyncDisposable {
  /** All rows have the table's columns in their order. */
  insert(table: SchemaTable, rows: readonly Row[]): Promise<void>;
  /** Brings the schema up to date and proves that each row finds what it refers to. */
  complete(): Promise<void>;
  /** What kept files refer to, once it is complete. */
  contents(): AsyncIterable<StoredContent>;
  /** From here on it is the installation's database. Without it, nothing has changed when the target is disposed. */
  commit(): Promise<void>;
}

export interface TargetPlace {
  /** A folder for drafts, on the same file system as the data folder. */
  readonly drafts: string;
  readonly folder: string;
  readonly database?: string | undefined;
}

const DRAFT = 'carrel.sqlite';
/** The server takes 65,535 values in a statement. */
const VALUES = 20_000;

/** `steps` are those of the backup. Throws `conflict` for a database in which something is. */
export async function openRestoreTarget(place: TargetPlace, steps: readonly string[]): Promise<RestoreTarget> {
  return place.database === undefined ? intoSqlite(place, steps) : intoPostgres(place.database, steps);
}

/** Throws `conflict` where a table has a row, and what opening the database throws. */
export async function requireEmptyDatabase({ folder, database }: Omit<TargetPlace, 'drafts'>): Promise<void> {
  if (database === undefined) return requireEmptySqlite(join(folder, 'carrel.sqlite'));
  await using session = await connect(database);
  await requireEmpty(session.rows, session.where);
}

/** The backup has them as they became. */
const clearing = async (steps: readonly string[]): Promise<string[]> =>
  (await tablesAfter(steps))
    .filter(({ made }) => made > 0)
    .reverse()
    .map((table) => `delete from ${quoted(table)}`);

async function intoSqlite({ drafts, folder }: TargetPlace, steps: readonly string[]): Promise<RestoreTarget> {
  const draft = join(drafts, DRAFT);
  await (await open(draft, 'wx', 0o600)).close();
  const database = openSqlite(draft);
  const db = new Kysely<never>({ dialect: new SqliteDialect({ database }) });
  const run = (sql: string) => void database.prepare(sql).run([]);
  let closed = false;
  const close = async () => {
    if (!closed) await db.destroy();
    closed = true;
  };
  try {
    /** What a parent's rows refer to is proved at the end, for all at once. */
    run('PRAGMA foreign_keys = OFF');
    await migrate(db, { steps });
    for (const statement of await clearing(steps)) run(statement);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    insert: async (table, rows) => {
      const places = table.columns.map(() => '?').join(', ');
      const statement = database.prepare(`insert into ${quoted(table)} (${names(table)}) values (${places})`);
      run('begin');
      for (const row of rows) statement.run(row);
      run('commit');
    },
    complete: async () => {
      await migrate(db);
      requireReferences(database);
    },
    contents: () => contentsOf(database.prepare(CONTENTS).iterate([]) as Iterable<object>),
    commit: async () => {
      await close();
      await syncFile(draft);
      for (const beside of ['-wal', '-shm']) await rm(join(folder, `${DRAFT}${beside}`), { force: true });
      await rename(draft, join(folder, DRAFT));
      await syncFile(folder);
    },
    [Symbol.asyncDispose]: close,
  };
}

const names = (table: SchemaTable): string => table.columns.map(quoted).join(', ');

function requireReferences(database: SqliteDatabase): void {
  const [broken] = database.prepare('PRAGMA foreign_key_check').all([]) as { table: string; parent: string }[];
  if (broken !== undefined)
    throw unreferenced(`a row of ${broken.table} refers to a row of ${broken.parent} that is not in it`);
}

const unreferenced = (why: string): CarrelError =>
  new CarrelError('bad_request', `the backup cannot be restored, nothing was changed: ${why}`);

async function syncFile(path: string): Promise<void> {
  const handle = await open(path);
  await handle.sync().finally(() => handle.close());
}

async function* contentsOf(rows: AsyncIterable<Row> | Iterable<object>): AsyncIterable<StoredContent> {
  for await (const row of rows) yield contentOf(Object.values(row) as Row);
}

interface Session extends AsyncDisposable {
  readonly db: Database<never>;
  readonly where: string;
  readonly rows: Ask;
  each(select: string): AsyncIterable<Row>;
  run(sql: string, values?: readonly unknown[]): Promise<void>;
}

/** One connection, in a transaction that ends with it. */
async function connect(setting: string): Promise<Session> {
  const address = readDatabaseAddress(setting);
  /** Refuses a server that is too old, of another encoding or away, in the words of the gateway. */
  const checked = await postgresDialects(address);
  for (const dialect of Object.values(checked)) await new Kysely({ dialect }).destroy();
  const { default: pg } = await import('pg');
  const pool = poolOf(pg, address, 1);
  try {
    const client = await pool.connect();
    client.on('error', () => {});
    await client.query('begin');
    const one = { connect: async () => ({ query: client.query.bind(client), release: () => {} }), end: async () => {} };
    const db = new Kysely<never>({ dialect: new PostgresDialect({ pool: one as never }) });
    return {
      db,
      where: address.shown,
      rows: async (select) => {
        await client.query('savepoint asking');
        try {
          return (await client.query<never[]>({ text: select, rowMode: 'array' })).rows;
        } finally {
          await client.query('rollback to savepoint asking');
        }
      },
      each: readByCursor(client),
      run: async (sql, values = []) => void (await client.query(sql, values as unknown[])),
      [Symbol.asyncDispose]: async () => {
        client.release(true);
        await pool.end();
      },
    };
  } catch (error) {
    await pool.end();
    throw openingFailure(error, address);
  }
}

async function intoPostgres(setting: string, steps: readonly string[]): Promise<RestoreTarget> {
  const session = await connect(setting);
  try {
    /** Empty tables of another step would be in the way; nobody fills them before this transaction has ended. */
    const there = await requireEmpty(session.rows, session.where);
    for (const name of there) await session.run(`lock table ${quoted({ name })} in access exclusive mode`);
    await requireEmpty(session.rows, session.where);
    for (const name of [...there.toReversed(), 'kysely_migration', 'kysely_migration_lock'])
      await session.run(`drop table if exists ${quoted({ name })}`);
    await migrate(session.db, { steps, inside: true });
    for (const statement of await clearing(steps)) await session.run(statement);
  } catch (error) {
    await session[Symbol.asyncDispose]();
    throw error;
  }
  return {
    insert: async (table, rows) => {
      const most = Math.max(1, Math.floor(VALUES / table.columns.length));
      for (let at = 0; at < rows.length; at += most) await insertSome(session, table, rows.slice(at, at + most));
    },
    complete: () => migrate(session.db, { inside: true }),
    contents: () => contentsOf(session.each(CONTENTS)),
    commit: () => session.run('commit'),
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  };
}

/** PostgreSQL's text cannot hold U+0000, as the store knows too. */
const storable = (value: Row[number]) => (typeof value === 'string' ? value.replaceAll('\0', '\ufffd') : value);

async function insertSome(session: Session, table: SchemaTable, rows: readonly Row[]): Promise<void> {
  const width = table.columns.length;
  const places = rows.map(
    (_, row) => `(${table.columns.map((_, column) => `$${row * width + column + 1}`).join(', ')})`,
  );
  const values = rows.flatMap((row) => row.map(storable));
  try {
    await session.run(`insert into ${quoted(table)} (${names(table)}) values ${places.join(', ')}`, values);
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (!code?.startsWith('23')) throw error;
    throw unreferenced(`a row of ${table.name} is refused: ${message}`);
  }
}
