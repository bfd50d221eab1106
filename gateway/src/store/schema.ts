/** The schema as it is after any of its steps: bringing a database there, and which tables and columns it then has. */
import { createRequire } from 'node:module';
import type { Kysely as Database, SqliteDatabase } from 'kysely';
import { CarrelError } from '../base/errors.ts';
import { migrations } from './migrations/migrations.ts';
import { openSqlite } from './node-sqlite.ts';

const { Kysely, Migrator, SqliteDialect, sql } = createRequire(import.meta.url)('kysely') as typeof import('kysely');

/** Steps that this program knows, in their order. */
export const knownSteps = (): string[] => Object.keys(migrations).sort();

export type ColumnKind = 'text' | 'number' | 'bytes';

export interface SchemaColumn {
  readonly name: string;
  readonly kind: ColumnKind;
}

export interface SchemaTable {
  readonly name: string;
  readonly columns: readonly SchemaColumn[];
  /** The tables that its rows refer to. */
  readonly parents: readonly string[];
  /** Rows that the steps themselves write. */
  readonly made: number;
}

/** What a column's type means for whoever carries rows from one database to the other. */
const KINDS: Readonly<Record<string, ColumnKind>> = {
  text: 'text',
  integer: 'number',
  bigint: 'number',
  bytea: 'bytes',
};

/** Refuses a database that a newer program has brought further. `where` names it in the message. */
export function requireKnownSteps(applied: readonly string[], where: string): void {
  const unknown = applied.filter((step) => !Object.hasOwn(migrations, step));
  if (unknown.length === 0) return;
  const message = `${where} belongs to a newer Carrel: its schema has had the steps ${unknown.join(', ')}, which this version does not know, and there is no way back; start the newer version again, or restore the backup that was made before the upgrade into an empty installation`;
  throw new CarrelError('invalid_settings', message);
}

interface MigrateOptions {
  /** Those to be had in the end; all without it. */
  readonly steps?: readonly string[];
  /** Somebody else began a transaction and ends it. */
  readonly inside?: boolean;
  /** What messages call the database. */
  readonly where?: string;
}

/** Throws `invalid_settings` for a database of a newer program, which stays as it is. */
export async function migrate(db: Database<never>, options: MigrateOptions = {}): Promise<void> {
  const { steps, inside = false, where = 'the database' } = options;
  const wanted = Object.entries(migrations).filter(([name]) => steps?.includes(name) ?? true);
  const provider = { getMigrations: async () => Object.fromEntries(wanted) };
  const migrator = new Migrator({ db, provider, disableTransactions: inside });
  const { error } = await migrator.migrateToLatest();
  if (error === undefined) return;
  if (!inside) requireKnownSteps(await appliedSteps(db), where);
  throw error;
}

async function appliedSteps(db: Database<never>): Promise<string[]> {
  const applied = sql<{ name: string }>`select name from kysely_migration order by name`;
  const rows = await applied.execute(db).then(
    (answer) => answer.rows,
    () => [],
  );
  return rows.map(({ name }) => name);
}

const described = new Map<string, Promise<readonly SchemaTable[]>>();

/** All tables after these steps, those that others refer to first. */
export function tablesAfter(steps: readonly string[]): Promise<readonly SchemaTable[]> {
  const key = steps.join(' ');
  const known = described.get(key) ?? describe(steps);
  described.set(key, known);
  return known;
}

async function describe(steps: readonly string[]): Promise<readonly SchemaTable[]> {
  const database = openSqlite(':memory:');
  const db = new Kysely<never>({ dialect: new SqliteDialect({ database }) });
  try {
    await migrate(db, { steps });
    return inOrder(tablesOf(database));
  } finally {
    await db.destroy();
  }
}

function tablesOf(database: SqliteDatabase): SchemaTable[] {
  const names = database
    .prepare("select name from sqlite_master where type = 'table' and name not like 'sqlite~_%' escape '~'")
    .all([]) as { name: string }[];
  return names
    .map(({ name }) => name)
    .filter((name) => !name.startsWith('kysely_'))
    .sort()
    .map((name) => tableOf(database, name));
}

function tableOf(database: SqliteDatabase, table: string): SchemaTable {
  const columns = database.prepare(`pragma table_info("${table}")`).all([]) as { name: string; type: string }[];
  const parents = database.prepare(`pragma foreign_key_list("${table}")`).all([]) as { table: string }[];
  const [made] = database.prepare(`select count(*) as count from "${table}"`).all([]) as { count: number }[];
  return {
    name: table,
    columns: columns.map(({ name, type }) => ({ name, kind: kindOf(type, `${table}.${name}`) })),
    parents: [...new Set(parents.map((parent) => parent.table))],
    made: made?.count ?? 0,
  };
}

function kindOf(type: string, where: string): ColumnKind {
  const kind = KINDS[type.toLowerCase()];
  if (kind === undefined)
    throw new Error(`expected ${where} to have one of the types ${Object.keys(KINDS).join(', ')}, got ${type}`);
  return kind;
}

function inOrder(tables: readonly SchemaTable[]): SchemaTable[] {
  const placed = new Map<string, SchemaTable>();
  const place = (table: SchemaTable): void => {
    if (placed.has(table.name)) return;
    for (const parent of tables) if (parent !== table && table.parents.includes(parent.name)) place(parent);
    placed.set(table.name, table);
  };
  for (const table of tables) place(table);
  return [...placed.values()];
}
