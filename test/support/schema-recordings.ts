/**
 * Databases as released steps of the schema left them: `test/golden/schemas/STEP.json` holds their statements and rows. A file is made
 * once, when its step is released, and never again; from it a database of that time is made on SQLite and on PostgreSQL.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openSqlite } from '../../gateway/src/store/node-sqlite.ts';
import { knownSteps, migrate, tablesAfter } from '../../gateway/src/store/schema.ts';
import { execute, fillRest, type Place } from './full-installation.ts';

const { Kysely, SqliteDialect } = createRequire(import.meta.url)('kysely') as typeof import('kysely');

const FOLDER = resolve(import.meta.dirname, '../golden/schemas');

/** Bytes are `{"b64": "…"}`. */
type Recorded = string | number | null | { readonly b64: string };
export type RecordedRow = Readonly<Record<string, Recorded>>;

export interface Recording {
  readonly step: string;
  readonly statements: readonly string[];
  readonly rows: Readonly<Record<string, readonly RecordedRow[]>>;
}

export const recordings = (): Recording[] =>
  readdirSync(FOLDER)
    .sort()
    .map((name) => JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as Recording);

const stepsTo = (step: string) => knownSteps().filter((each) => each <= step);

/** An empty database becomes the recorded one. */
export async function load({ statements, rows }: Recording, place: Place): Promise<void> {
  for (const statement of statements) await execute(place, statement);
  for (const [table, all] of Object.entries(rows))
    for (const row of all) {
      const names = Object.keys(row);
      const places = names.map((_, at) => (place.database === undefined ? '?' : `$${at + 1}`));
      const columns = names.map((name) => `"${name}"`).join(', ');
      await execute(
        place,
        `insert into "${table}" (${columns}) values (${places.join(', ')})`,
        Object.values(row).map(plain),
      );
    }
}

const plain = (value: Recorded) =>
  typeof value === 'object' && value !== null ? Buffer.from(value.b64, 'base64') : value;

const recorded = (value: unknown): Recorded =>
  value instanceof Uint8Array ? { b64: Buffer.from(value).toString('base64') } : (value as Recorded);

/** The statements that made the tables and indexes which are there. */
export async function statementsAfter(step: string): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'carrel-schema-'));
  try {
    await migrateTo(step, folder);
    return statementsIn(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function migrateTo(step: string, folder: string): Promise<void> {
  const db = new Kysely<never>({ dialect: new SqliteDialect({ database: openSqlite(join(folder, 'carrel.sqlite')) }) });
  await migrate(db, { steps: stepsTo(step) });
  await db.destroy();
}

function statementsIn(folder: string): string[] {
  const db = new DatabaseSync(join(folder, 'carrel.sqlite'));
  const found = db.prepare("select sql from sqlite_master where sql is not null order by type = 'index', rowid").all();
  db.close();
  return found.map(({ sql }) => String(sql));
}

/** Writes the file of a step that has been released now: the rows of the one before, brought to it, and two in each new table. */
export async function record(step: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'carrel-schema-'));
  const place = { dataFolder: folder, database: undefined };
  const before = recordings().at(-1);
  if (before !== undefined) await load(before, place);
  await migrateTo(step, folder);
  if (before === undefined) for (const statement of FIRST_PEOPLE) await execute(place, statement);
  const ids = ['id 1', 'id 2'] as const;
  const people = ['user-ada', 'user-other'] as const;
  await fillRest(place, { user_id: people, worksheet_id: ids, link_id: ids, version_id: ids, disabled: [0, 1] });
  const db = new DatabaseSync(join(folder, 'carrel.sqlite'));
  const tables = [
    'kysely_migration',
    'kysely_migration_lock',
    ...(await tablesAfter(stepsTo(step))).map(({ name }) => name),
  ];
  const rows = tables.map((table) => {
    const all = db.prepare(`select * from "${table}"`).all();
    return [
      table,
      all.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, recorded(value)]))),
    ];
  });
  db.close();
  const recording = { step, statements: statementsIn(folder), rows: Object.fromEntries(rows) };
  writeFileSync(join(FOLDER, `${step}.json`), `${JSON.stringify(recording, undefined, 2)}\n`);
  rmSync(folder, { recursive: true });
}

/** Two whose names differ in case alone could be made at first. */
const FIRST_PEOPLE = [
  "insert into users values ('user-ada', 'Ada', 'admin', 0, 1700000000000)",
  "insert into users values ('user-other', 'ada', 'member', 1, 1700000000001)",
];
