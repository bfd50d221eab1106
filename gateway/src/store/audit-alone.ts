/**
 * Adds to the audit log of an installation that is there, and changes nothing else: the database is neither made nor brought up to date,
 * since who makes a backup before an upgrade wants the database as it is.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { AuditLines, type DatedEntry } from './audit.ts';
import { readDatabaseAddress } from './database-address.ts';
import { openSqlite } from './node-sqlite.ts';
import { postgresDialects } from './postgres.ts';
import { openingFailure } from './postgres-failures.ts';
import { schemaState } from './schema-facts.ts';
import type { Tables } from './tables.ts';

const { Kysely, SqliteDialect } = createRequire(import.meta.url)('kysely') as typeof import('kysely');

/** The step of the schema that brings the log. */
const STEP = '0010-audit';

/** False where there is no installation, or one whose schema has no audit log yet. Throws `CarrelError` where it cannot be reached. */
export async function appendAlone(
  folder: string,
  database: string | undefined,
  entries: readonly DatedEntry[],
): Promise<boolean> {
  const state = await schemaState(folder, database);
  if (state?.applied?.includes(STEP) !== true) return false;
  const db = new Kysely<Tables>({ dialect: await dialectOf(folder, database) });
  try {
    await new AuditLines(db).append(entries);
    return true;
  } catch (error) {
    throw database === undefined ? error : openingFailure(error, readDatabaseAddress(database));
  } finally {
    await db.destroy();
  }
}

async function dialectOf(folder: string, database: string | undefined) {
  if (database === undefined) return new SqliteDialect({ database: openSqlite(join(folder, 'carrel.sqlite')) });
  return (await postgresDialects(readDatabaseAddress(database))).narrow;
}
