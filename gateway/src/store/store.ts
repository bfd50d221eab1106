/** Opens the data folder's database and hands out the repositories; the only file that knows which database it is. */
import { chmod, mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { CarrelError } from '../base/errors.ts';
import { JupyterSessions } from './jupyter-sessions.ts';
import { KernelStore } from './kernel-store.ts';
import { migrations } from './migrations.ts';
import { openSqlite } from './node-sqlite.ts';
import type { Tables } from './tables.ts';
import { ApiTokens } from './tokens.ts';
import { Users } from './users.ts';
import { WebSessions } from './web-sessions.ts';
import { Worksheets } from './worksheets.ts';

/** Its 260 files take half the time to load in this form, a tenth of the gateway's start. */
const { Kysely, Migrator, SqliteDialect } = createRequire(import.meta.url)('kysely') as typeof import('kysely');

export interface Store extends AsyncDisposable {
  readonly users: Users;
  readonly tokens: ApiTokens;
  readonly webSessions: WebSessions;
  readonly jupyterSessions: JupyterSessions;
  readonly kernels: KernelStore;
  readonly worksheets: Worksheets;
}

/** Opens `carrel.sqlite` in the folder, which is made (mode 0700) where there is none, and brings its schema up to date. */
export async function openStore(folder: string): Promise<Store> {
  const file = join(folder, 'carrel.sqlite');
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const store = await connect(file);
    await chmod(file, 0o600);
    return store;
  } catch (cause) {
    if (cause instanceof CarrelError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CarrelError('invalid_settings', `the data folder ${folder} (CARREL_DATA) cannot be used: ${why}`, {
      cause,
    });
  }
}

/** A store that is gone when it is closed, for tests. */
export const openMemoryStore = (): Promise<Store> => connect(':memory:');

async function connect(file: string): Promise<Store> {
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: openSqlite(file) }) });
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) {
    await db.destroy();
    throw error;
  }
  return {
    users: new Users(db),
    tokens: new ApiTokens(db),
    webSessions: new WebSessions(db),
    jupyterSessions: new JupyterSessions(db),
    kernels: new KernelStore(db),
    worksheets: new Worksheets(db),
    [Symbol.asyncDispose]: () => db.destroy(),
  };
}
