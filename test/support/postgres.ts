/** Databases on the PostgreSQL that the project `store` starts; elsewhere tests have the embedded one. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { openMemoryStore, openStore, type Store } from '../../gateway/src/store/store.ts';

/** The address of a new, empty database. */
export async function freshDatabase(options = ''): Promise<string> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await asSuperuser(`create database ${name} ${options}`);
  return addressOf({ pathname: `/${name}` });
}

/** The server's address with another database, user or password. */
export function addressOf(change: Partial<Pick<URL, 'pathname' | 'username' | 'password' | 'port'>>): string {
  const server = process.env['TEST_POSTGRES'];
  if (server === undefined) throw new Error('there is no PostgreSQL in this project');
  return Object.assign(new URL(server), change).href;
}

export async function asSuperuser(statement: string, address = addressOf({})): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: address });
  await client.connect();
  try {
    return await client.query(statement);
  } finally {
    await client.end();
  }
}

/** Empty, and gone afterwards. */
export const testStore = async (): Promise<Store> =>
  process.env['TEST_POSTGRES'] === undefined ? openMemoryStore() : openStore('', await freshDatabase());
