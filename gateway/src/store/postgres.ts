/**
 * PostgreSQL in the place of the embedded database: the same repositories and the same steps of the schema, by Kysely's dialect for
 * `pg`. Statements go one after the other over one connection, so that what is written without waiting keeps its order, as in
 * SQLite; documents, which are large and each kept in order by its journal, have connections of their own.
 */
import { createRequire } from 'node:module';
import type { Dialect, PostgresPool, PostgresPoolClient } from 'kysely';
import type { PoolClient, Pool as PoolType } from 'pg';
import { CarrelError } from '../base/errors.ts';
import type { DatabaseAddress } from './database-address.ts';
import { openingFailure, queryFailure } from './postgres-failures.ts';

type Pg = typeof import('pg').default;

/** The same copy as the store's. */
const { PostgresDialect } = createRequire(import.meta.url)('kysely') as typeof import('kysely');

/** `server_version_num` of 14.0, the oldest that its authors keep at the time of writing. */
const OLDEST = 140_000;
/** Connections for documents. */
const WIDE = 8;
/** Milliseconds. A server that says nothing for so long is taken for gone. */
const CONNECT = 10_000;
const QUERY = 120_000;

/** Oids of `bigint` and `numeric`: times, sizes and sums, all far below 2^53. */
const NUMBERS = [20, 1700];

export interface PostgresDialects {
  readonly narrow: Dialect;
  readonly wide: Dialect;
}

/** What every new connection has to pass; `name` is what they give themselves. */
export interface Term {
  readonly name: string;
  check(client: Pick<PoolClient, 'query'>): Promise<void>;
}

/** Throws what `openingFailure` makes of it where the database cannot be used. Without a term, whoever has it is not asked. */
export async function postgresDialects(address: DatabaseAddress, term?: Term): Promise<PostgresDialects> {
  const { default: pg } = await import('pg');
  const dialect = (max: number) =>
    new PostgresDialect({ pool: async () => new CheckedPool(poolOf(pg, address, max, term?.name), term) });
  const probe = poolOf(pg, address, 1);
  try {
    await check(probe);
  } catch (error) {
    throw openingFailure(error, address);
  } finally {
    await probe.end();
  }
  return { narrow: dialect(1), wide: dialect(WIDE) };
}

export function poolOf(pg: Pg, { url }: DatabaseAddress, max: number, name = 'carrel'): PoolType {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    application_name: name,
    connectionTimeoutMillis: CONNECT,
    query_timeout: QUERY,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    types: {
      getTypeParser: (oid: number, format?: 'text' | 'binary') =>
        NUMBERS.includes(oid) && format !== 'binary' ? Number : pg.types.getTypeParser(oid, format as 'text'),
    } as typeof pg.types,
  });
  /** One that is lost while nobody uses it is replaced by the next that is needed. */
  pool.on('error', () => {});
  return pool;
}

interface ServerFacts {
  /** 170000 and up for version 17. */
  readonly version: number;
  readonly shown: string;
  readonly encoding: string;
}

async function check(pool: PoolType): Promise<void> {
  const { rows } = await pool.query<ServerFacts>(
    `select current_setting('server_version_num')::int as version, current_setting('server_version') as shown,
            current_setting('server_encoding') as encoding`,
  );
  const problem = rows[0] && serverProblem(rows[0]);
  if (problem !== undefined) throw new CarrelError('invalid_settings', problem);
}

/** What has to be mended before this server can be used; undefined for one that can. */
export function serverProblem({ version, shown, encoding }: ServerFacts): string | undefined {
  if (version < OLDEST) return `expected PostgreSQL ${OLDEST / 10_000} or newer (CARREL_DATABASE), found ${shown}`;
  if (encoding === 'UTF8') return undefined;
  const how = 'make one with: createdb -E UTF8 -T template0 NAME';
  return `expected a database of encoding UTF8 (CARREL_DATABASE), found ${encoding}; ${how}`;
}

/** A connection that has failed is not used again, and what it failed with is of the program's catalogue. */
class CheckedPool implements PostgresPool {
  readonly #pool: PoolType;
  readonly #term: Term | undefined;
  readonly #known = new WeakMap<PoolClient, PostgresPoolClient>();

  constructor(pool: PoolType, term: Term | undefined) {
    this.#pool = pool;
    this.#term = term;
  }

  async connect(): Promise<PostgresPoolClient> {
    const client = await this.#pool.connect().catch((error) => {
      throw queryFailure(error);
    });
    const known = this.#known.get(client) ?? (await this.#admit(client));
    this.#known.set(client, known);
    return known;
  }

  async #admit(client: PoolClient): Promise<PostgresPoolClient> {
    const admitted = checked(client);
    try {
      await this.#term?.check(client);
    } catch (error) {
      client.release(true);
      throw queryFailure(error);
    }
    return admitted;
  }

  end(): Promise<void> {
    return this.#pool.end();
  }
}

function checked(client: PoolClient): PostgresPoolClient {
  let broken = false;
  /** Without a listener, the loss of a connection that is in use would end the process. */
  client.on('error', () => {
    broken = true;
  });
  const query = async (text: string, parameters: readonly unknown[]) => {
    try {
      return await client.query(text, parameters.map(storable));
    } catch (error) {
      const failure = queryFailure(error);
      broken ||= failure !== error;
      throw failure;
    }
  };
  return { query: query as unknown as PostgresPoolClient['query'], release: () => client.release(broken) };
}

/** Text of PostgreSQL cannot hold U+0000; SQLite can. */
const storable = (value: unknown): unknown =>
  typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', '\ufffd') : value;
