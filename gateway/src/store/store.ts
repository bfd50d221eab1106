/** Opens the database, embedded or PostgreSQL, and hands out the repositories; the only file that knows which one it is. */
import { chmod, mkdir, open } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Kysely as Database, Dialect, LogEvent } from 'kysely';
import { CarrelError } from '../base/errors.ts';
import { AuditLines } from './audit.ts';
import { readDatabaseAddress } from './database-address.ts';
import { Invitations } from './invitations.ts';
import { JupyterSessions } from './jupyter-sessions.ts';
import { KernelStore } from './kernel-store.ts';
import { Liveness } from './liveness.ts';
import { openSqlite } from './node-sqlite.ts';
import { Passwords } from './passwords.ts';
import { postgresDialects, type Term } from './postgres.ts';
import { openingFailure } from './postgres-failures.ts';
import { migrate } from './schema.ts';
import { Shares } from './shares.ts';
import type { Tables } from './tables.ts';
import { ApiTokens } from './tokens.ts';
import { Users } from './users.ts';
import { Versions } from './versions.ts';
import { WebSessions } from './web-sessions.ts';
import { WorksheetFiles } from './worksheet-files.ts';
import { Worksheets } from './worksheets.ts';

/** Its 260 files take half the time to load in this form, a tenth of the gateway's start. */
const { Kysely, SqliteDialect } = createRequire(import.meta.url)('kysely') as typeof import('kysely');

export interface Store extends AsyncDisposable {
  readonly users: Users;
  readonly tokens: ApiTokens;
  readonly webSessions: WebSessions;
  readonly passwords: Passwords;
  readonly invitations: Invitations;
  readonly jupyterSessions: JupyterSessions;
  readonly kernels: KernelStore;
  readonly worksheets: Worksheets;
  readonly files: WorksheetFiles;
  readonly shares: Shares;
  readonly versions: Versions;
  readonly liveness: Liveness;
  readonly audit: AuditLines;
}

/** Told each statement when it has ended: `select`, `insert`, `update`, `delete` or `other`, and seconds. */
export type OnStatement = (kind: string, seconds: number, failed: boolean) => void;

/**
 * Brings the schema of the database up to date and opens it: `carrel.sqlite` in the folder, which is made (mode 0700) where there is
 * none, or the PostgreSQL that the setting names. Throws `invalid_settings` for what people have to mend, and `store_unavailable`
 * for a PostgreSQL that cannot be reached. `term`: of a gateway, whose connections end with it.
 */
export async function openStore(folder: string, database?: string, told?: OnStatement, term?: Term): Promise<Store> {
  if (database !== undefined) return openPostgres(database, told, term);
  const file = join(folder, 'carrel.sqlite');
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    /** SQLite gives the files beside it the mode that this one has when they are made. */
    await (await open(file, 'a', 0o600)).close();
    for (const beside of ['', '-wal', '-shm']) await chmod(`${file}${beside}`, 0o600).catch(unlessMissing);
    return await connect(`the database ${file}`, sqlite(file), undefined, told);
  } catch (cause) {
    if (cause instanceof CarrelError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CarrelError('invalid_settings', `the data folder ${folder} (CARREL_DATA) cannot be used: ${why}`, {
      cause,
    });
  }
}

/** A store that is gone when it is closed, for tests. */
export const openMemoryStore = (): Promise<Store> => connect('the database in memory', sqlite(':memory:'));

const unlessMissing = (error: NodeJS.ErrnoException): void => {
  if (error.code !== 'ENOENT') throw error;
};

const sqlite = (file: string): Dialect => new SqliteDialect({ database: openSqlite(file) });

async function openPostgres(setting: string, told?: OnStatement, term?: Term): Promise<Store> {
  const address = readDatabaseAddress(setting);
  const { narrow, wide } = await postgresDialects(address, term);
  return connect(address.shown, narrow, wide, told).catch((error) => {
    throw openingFailure(error, address);
  });
}

/** `wide` is for documents, where the database works at several things at once. */
async function connect(where: string, dialect: Dialect, wide?: Dialect, told?: OnStatement): Promise<Store> {
  const observed = told === undefined ? {} : { log: (event: LogEvent) => told(...factsOf(event)) };
  const db = new Kysely<Tables>({ dialect, ...observed });
  try {
    await migrate(db as unknown as Database<never>, { where });
  } catch (error) {
    await db.destroy();
    throw error;
  }
  const documents = wide === undefined ? db : new Kysely<Tables>({ dialect: wide, ...observed });
  return {
    users: new Users(db),
    tokens: new ApiTokens(db),
    webSessions: new WebSessions(db),
    passwords: new Passwords(db),
    invitations: new Invitations(db),
    jupyterSessions: new JupyterSessions(db),
    kernels: new KernelStore(db),
    worksheets: new Worksheets(db, documents),
    files: new WorksheetFiles(db),
    shares: new Shares(db),
    versions: new Versions(documents),
    liveness: new Liveness(db),
    audit: new AuditLines(db),
    [Symbol.asyncDispose]: () => close(db, documents),
  };
}

const KINDS: Readonly<Record<string, string>> = {
  SelectQueryNode: 'select',
  InsertQueryNode: 'insert',
  UpdateQueryNode: 'update',
  DeleteQueryNode: 'delete',
};

const factsOf = ({ level, query, queryDurationMillis }: LogEvent): Parameters<OnStatement> => [
  KINDS[query.query.kind] ?? 'other',
  queryDurationMillis / 1000,
  level === 'error',
];

/** What was asked before is done first. */
async function close(db: Database<Tables>, documents: Database<Tables>): Promise<void> {
  await db
    .selectFrom('users')
    .select('id')
    .limit(1)
    .execute()
    .catch(() => {});
  await db.destroy();
  if (documents !== db) await documents.destroy();
}
