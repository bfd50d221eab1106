/**
 * The whole database as it is at one moment, read while others go on writing: a transaction that only reads, of SQLite in WAL mode or
 * of PostgreSQL with REPEATABLE READ. Rows come a few at a time; nothing grows with the database.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { PoolClient } from 'pg';
import { CarrelError } from '../base/errors.ts';
import { readDatabaseAddress } from './database-address.ts';
import { poolOf } from './postgres.ts';
import { openingFailure } from './postgres-failures.ts';
import { requireKnownSteps, type SchemaTable, tablesAfter } from './schema.ts';

export type Value = null | number | string | Uint8Array;
/** In the order of the table's columns. */
export type Row = readonly Value[];

/** The content of one kept file, which several files may share. */
export interface StoredContent {
  readonly blob: string;
  /** Bytes. */
  readonly size: number;
  readonly sha256: string;
}

export interface Snapshot extends AsyncDisposable {
  /** SQLite or PostgreSQL. */
  readonly kind: string;
  readonly steps: readonly string[];
  /** Those that others refer to first. */
  readonly tables: readonly SchemaTable[];
  rows(table: SchemaTable): AsyncIterable<Row>;
  contents(): AsyncIterable<StoredContent>;
}

interface Source extends AsyncDisposable {
  readonly kind: string;
  rows(select: string): AsyncIterable<Row>;
}

const STEPS = 'select name from kysely_migration order by name';
export const CONTENTS = 'select blob, min(size), min(sha256) from worksheet_files group by blob order by blob';
/** Rows that are asked of PostgreSQL at once; a document's may have some megabytes each. */
const FETCHED = 64;

/** Throws `not_found` where no installation is, `invalid_settings` and `store_unavailable` as opening the store does. */
export async function openSnapshot(folder: string, database?: string): Promise<Snapshot> {
  const { source, where } = database === undefined ? fromSqlite(folder) : await fromPostgres(database);
  let ended = false;
  try {
    const steps = await stepsOf(source, where);
    requireKnownSteps(steps, where);
    const tables = await tablesAfter(steps);
    const named = tables.some(({ name }) => name === 'worksheet_files');
    return {
      kind: source.kind,
      steps,
      tables,
      rows: ({ name, columns }) => source.rows(`select ${columns.map(quoted).join(', ')} from ${quoted({ name })}`),
      contents: () => (named ? contentsOf(source) : none()),
      [Symbol.asyncDispose]: async () => {
        if (!ended) await source[Symbol.asyncDispose]();
        ended = true;
      },
    };
  } catch (error) {
    await source[Symbol.asyncDispose]();
    throw error;
  }
}

export const quoted = ({ name }: { readonly name: string }): string => `"${name}"`;

async function stepsOf(source: Source, where: string): Promise<string[]> {
  const steps: string[] = [];
  try {
    for await (const [name] of source.rows(STEPS)) steps.push(String(name));
  } catch (cause) {
    if (!/no such table|does not exist/.test((cause as Error).message)) throw cause;
  }
  if (steps.length === 0) throw new CarrelError('not_found', `${where} holds no Carrel yet`);
  return steps;
}

async function* contentsOf(source: Source): AsyncIterable<StoredContent> {
  for await (const row of source.rows(CONTENTS)) yield contentOf(row);
}

export const contentOf = ([blob, size, sha256]: Row): StoredContent => ({
  blob: String(blob),
  size: Number(size),
  sha256: String(sha256),
});

async function* none(): AsyncIterable<StoredContent> {}

function fromSqlite(folder: string): { source: Source; where: string } {
  const file = join(folder, 'carrel.sqlite');
  if (!existsSync(file))
    throw new CarrelError('not_found', `there is no Carrel in the data folder ${folder} (CARREL_DATA)`);
  const db = new DatabaseSync(file, { readOnly: true });
  /** The moment is that of the first row that is read. */
  db.exec('PRAGMA busy_timeout = 5000; BEGIN');
  const source: Source = {
    kind: 'SQLite',
    async *rows(select) {
      const statement = db.prepare(select);
      statement.setReturnArrays(true);
      for (const row of statement.iterate()) yield row as unknown as Row;
    },
    [Symbol.asyncDispose]: async () => db.close(),
  };
  return { source, where: `the database ${file}` };
}

async function fromPostgres(setting: string): Promise<{ source: Source; where: string }> {
  const address = readDatabaseAddress(setting);
  const { default: pg } = await import('pg');
  const pool = poolOf(pg, address, 1);
  try {
    const client = await pool.connect();
    client.on('error', () => {});
    /** A backup may take longer than a site lets a transaction wait. */
    await client.query('begin isolation level repeatable read read only');
    await client.query('set local idle_in_transaction_session_timeout = 0');
    const end = async () => {
      client.release(true);
      await pool.end();
    };
    const source = { kind: 'PostgreSQL', rows: readByCursor(client), [Symbol.asyncDispose]: end };
    return { source, where: address.shown };
  } catch (error) {
    await pool.end();
    throw openingFailure(error, address);
  }
}

/** Inside a transaction, a few rows at a time. */
export const readByCursor = (client: PoolClient) =>
  async function* rows(select: string): AsyncIterable<Row> {
    await client.query('savepoint before_reading');
    try {
      await client.query(`declare reading no scroll cursor for ${select}`);
      for (;;) {
        const fetched = await client.query<Value[]>({ text: `fetch ${FETCHED} from reading`, rowMode: 'array' });
        yield* fetched.rows;
        if (fetched.rows.length < FETCHED) break;
      }
    } finally {
      await client.query('rollback to savepoint before_reading').catch(() => {});
    }
  };
