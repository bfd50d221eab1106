/** Lets Kysely's SQLite dialect run on `node:sqlite`: the few calls that it makes of a driver, and nothing more. */
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { SqliteDatabase, SqliteStatement } from 'kysely';

/** The program's own statements are fewer; each is compiled once. */
const MOST_PREPARED = 200;

/**
 * Opens the file, or `:memory:`. WAL lets commands of the administrator read and write while the gateway runs;
 * `busy_timeout` (milliseconds) makes the later of two writers wait instead of failing.
 */
export function openSqlite(file: string): SqliteDatabase {
  const database = new DatabaseSync(file);
  database.exec(
    'PRAGMA journal_mode = WAL; PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON; PRAGMA synchronous = NORMAL;',
  );
  const prepared = new Map<string, SqliteStatement>();
  return {
    close: () => database.close(),
    prepare: (sql) => {
      const known = prepared.get(sql) ?? statement(database.prepare(asWriter(sql)));
      if (prepared.size < MOST_PREPARED) prepared.set(sql, known);
      return known;
    },
  };
}

/** A transaction that begins as a reader fails at once when another process has written meanwhile; one that begins as a writer waits. */
const asWriter = (sql: string): string => (sql === 'begin' ? 'begin immediate' : sql);

function statement(prepared: StatementSync): SqliteStatement {
  const values = (parameters: readonly unknown[]) => parameters as readonly SQLInputValue[];
  return {
    reader: prepared.columns().length > 0,
    all: (parameters) => prepared.all(...values(parameters)),
    run: (parameters) => prepared.run(...values(parameters)),
    iterate: (parameters) => prepared.iterate(...values(parameters)),
  };
}
