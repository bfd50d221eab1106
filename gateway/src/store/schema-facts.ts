/** Looks at a database without changing it: whether it can be reached, and which steps of the schema it has had. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type DatabaseAddress, readDatabaseAddress } from './database-address.ts';
import { migrations } from './migrations/migrations.ts';
import { poolOf } from './postgres.ts';
import { codeOf, openingFailure } from './postgres-failures.ts';

export interface SchemaState {
  /** For messages; without a password. */
  readonly where: string;
  readonly version: string;
  /** Steps that it has had, in their order; undefined where there is no schema yet. */
  readonly applied?: readonly string[];
  /** Steps that this program knows. */
  readonly known: readonly string[];
  /** When the last backup was made, in milliseconds since the epoch; undefined where none was. */
  readonly backup?: number;
  /** Milliseconds by which the database's clock is ahead of ours; undefined for the embedded one. */
  readonly ahead?: number;
}

const APPLIED = 'select name from kysely_migration order by name';
const BACKUP = "select max(at) as at from audit_lines where event = 'backup.made'";
/** The step of the schema that brings the audit log. */
const AUDIT = '0010-audit';
/** Milliseconds. */
const PATIENCE = 10_000;
const UNDEFINED_TABLE = '42P01';

/** Undefined where the embedded database was not made yet. Throws `CarrelError` where it cannot be read or reached. */
export async function schemaState(folder: string, database?: string): Promise<SchemaState | undefined> {
  const known = Object.keys(migrations).sort();
  return database === undefined ? ofSqlite(join(folder, 'carrel.sqlite'), known) : await ofPostgres(database, known);
}

function ofSqlite(file: string, known: readonly string[]): SchemaState | undefined {
  if (!existsSync(file)) return undefined;
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    db.exec('PRAGMA busy_timeout = 5000');
    const version = String((db.prepare('select sqlite_version() as version').get() as { version: string }).version);
    const made = db.prepare("select 1 from sqlite_master where name = 'kysely_migration'").get() !== undefined;
    const state = { where: file, version: `SQLite ${version}`, known };
    if (!made) return state;
    const applied = db
      .prepare(APPLIED)
      .all()
      .map((row) => String(row['name']));
    return { ...state, applied, ...(applied.includes(AUDIT) ? backupOf(db.prepare(BACKUP).get()?.['at']) : {}) };
  } finally {
    db.close();
  }
}

const backupOf = (at: unknown): { backup?: number } => (at === null || at === undefined ? {} : { backup: Number(at) });

/** Whoever only looks does not wait as long as whoever stores. The driver knows the word; its types do not. */
const bounded = (text: string): { text: string } => ({ text, query_timeout: PATIENCE }) as { text: string };

async function ofPostgres(setting: string, known: readonly string[]): Promise<SchemaState> {
  const address: DatabaseAddress = readDatabaseAddress(setting);
  const { default: pg } = await import('pg');
  const pool = poolOf(pg, address, 1);
  try {
    const asked = Date.now();
    const { rows } = await pool.query<{ version: string; now: Date }>(
      bounded("select current_setting('server_version') as version, clock_timestamp() as now"),
    );
    const ours = (asked + Date.now()) / 2;
    const [first] = rows;
    const applied = await pool.query<{ name: string }>(bounded(APPLIED)).then(
      (answer) => answer.rows.map(({ name }) => name),
      (error) => {
        if (codeOf(error) !== UNDEFINED_TABLE) throw error;
        return undefined;
      },
    );
    const backup = applied?.includes(AUDIT)
      ? (await pool.query<{ at: unknown }>(bounded(BACKUP))).rows[0]?.at
      : undefined;
    return {
      where: address.shown,
      version: `PostgreSQL ${first?.version}`,
      known,
      ...(applied === undefined ? {} : { applied }),
      ...backupOf(backup),
      ...(first === undefined ? {} : { ahead: first.now.getTime() - ours }),
    };
  } catch (error) {
    throw openingFailure(error, address);
  } finally {
    await pool.end();
  }
}
