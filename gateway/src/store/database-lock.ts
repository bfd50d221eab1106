/**
 * Keeps a second gateway off the same PostgreSQL database: each thinks that the documents it has open change through it alone.
 * PostgreSQL lets go of the lock when the connection of its holder ends, however it ends. The embedded database needs none: its
 * data folder is locked.
 *
 * The session that holds the lock is the gateway's term: every other connection of the gateway is used for as long as that session
 * holds it, and whoever takes the lock first ends all connections of the terms before (ST16). So a gateway that was cut off, or that
 * slept, cannot write beside its successor.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, PoolClient } from 'pg';
import { CarrelError } from '../base/errors.ts';
import type { DatabaseAddress } from './database-address.ts';
import { openingFailure } from './postgres-failures.ts';

/** "carrel" in ASCII; locks of this kind belong to a database. */
const KEY = 0x63617272656c;
/** Milliseconds: what the server may take to notice that a gateway which was killed is gone; tried again meanwhile. */
const PATIENCE = 20_000;
const AGAIN = 250;
/** Connections of a gateway's term, by the name that they give themselves. */
export const TERM = 'carrel gateway';
/** Until all of the terms before are gone, milliseconds. */
const LEAVE_WITHIN = 10_000;
const LEAVE_AGAIN = 20;
/** A gateway that took the lock is heard within this. */
const HEARD = '4 seconds';
/** Lets the server notice within half a minute that the host of a connection is gone. */
const NOTICE = '-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=4';

export interface LockOptions {
  /** Called once, when the connection was lost and another process has taken the database since. */
  readonly onLost: () => void;
  /** Milliseconds; without it twenty seconds. */
  readonly patience?: number;
  /** Where it is given, another process that has the database is waited for, however long; called once then. */
  readonly onStandBy?: (() => void) | undefined;
  /** Of one of several gateways: whether the holder of the lock has been silent for longer than its lease lasts. It is put out then. */
  readonly silent?: (() => boolean) | undefined;
  /** It is wanted no longer. */
  readonly signal?: AbortSignal;
}

/** A session of the server: its process id alone comes again after a restart. */
interface Session {
  readonly pid: number;
  readonly since: string;
}

/** Takes the database for this process until it is disposed. Throws `invalid_settings` where another has it. */
export async function lockDatabase(address: DatabaseAddress, options: LockOptions): Promise<DatabaseLock> {
  const lock = new DatabaseLock(address, options.onLost);
  await lock.take(options);
  return lock;
}

export class DatabaseLock implements AsyncDisposable {
  readonly #address: DatabaseAddress;
  readonly #onLost: () => void;
  #client: Client | undefined;
  /** That holds the lock; undefined while none does. */
  #session: Session | undefined;
  /** That held it last. */
  #last: Session | undefined;
  #ended = false;
  #silent: (() => boolean) | undefined;
  #number: number | undefined;

  constructor(address: DatabaseAddress, onLost: () => void) {
    this.#address = address;
    this.#onLost = onLost;
  }

  /** The fencing number of the term that this process had last, higher than those of all terms before; undefined for a gateway alone. */
  get number(): number | undefined {
    return this.#number;
  }

  async take({ patience = PATIENCE, onStandBy, signal, silent }: LockOptions): Promise<void> {
    this.#silent = silent;
    const until = Date.now() + patience;
    for (let told = false; (await this.#try()) !== true; ) {
      if (onStandBy === undefined && Date.now() >= until) throw this.#taken();
      if (!told) onStandBy?.();
      told = true;
      await sleep(AGAIN);
      if (signal?.aborted) throw new CarrelError('store_unavailable', 'this gateway was stopped while it stood by');
    }
  }

  /** Throws `store_unavailable` where the term is over, or nobody knows: nothing may be written then. */
  async check(client: Pick<PoolClient, 'query'>): Promise<void> {
    const session = this.#session;
    if (session !== undefined) {
      const { rowCount } = await client.query(`select from (${HOLDER}) as holder where pid = $2 and since = $3`, [
        KEY,
        session.pid,
        session.since,
      ]);
      if (rowCount === 1) return;
    }
    throw new CarrelError('store_unavailable', 'the database cannot be reached at the moment: the lock on it was lost');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true;
    await this.#client?.end().catch(() => {});
  }

  /** `here`: by the session that this process has lost, which the server has not noticed yet. */
  async #try(): Promise<true | 'here' | 'by another'> {
    const { default: pg } = await import('pg');
    const client = new pg.Client({
      ...{ connectionString: this.#address.url, application_name: 'carrel lock' },
      options: NOTICE,
      keepAlive: true,
    });
    client.on('error', () => {});
    try {
      await client.connect();
      if ((await tryLock(client)) || (this.#silent?.() === true && (await putOut(client)))) {
        client.once('end', () => {
          this.#session = undefined;
          if (this.#client === client) void this.#again();
        });
        await endOthers(client);
        if (this.#silent !== undefined) this.#number = await nextNumber(client);
        this.#session = await sessionOf(client);
        this.#last = this.#session;
        this.#client = client;
        return true;
      }
      const holders = await client.query<Session>(HOLDER, [KEY]);
      await client.end();
      const [holder] = holders.rows;
      const mine = holder === undefined || (holder.pid === this.#last?.pid && holder.since === this.#last.since);
      return mine ? 'here' : 'by another';
    } catch (error) {
      await client.end().catch(() => {});
      throw openingFailure(error, this.#address);
    }
  }

  /** The connection has ended: as long as nobody else takes the lock it is ours when the server is back. */
  async #again(): Promise<void> {
    this.#client = undefined;
    while (!this.#ended) {
      const held = await this.#try().catch(() => undefined);
      if (held === true) return;
      if (held === 'by another') return this.#onLost();
      await sleep(AGAIN);
    }
  }

  #taken(): CarrelError {
    const message = `another Carrel is running on ${this.#address.shown}; stop it, or give this one a database of its own (CARREL_DATABASE)`;
    return new CarrelError('invalid_settings', message);
  }
}

async function tryLock(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ held: boolean }>('select pg_try_advisory_lock($1) as held', [KEY]);
  return rows[0]?.held === true;
}

/** Ends the session of a holder that stands still, and takes the lock. One that has it since a moment has had no time to be heard. */
async function putOut(client: Client): Promise<boolean> {
  const { rowCount } = await client.query(
    `select pg_terminate_backend(pid) from (${HOLDER}) as holder where since::timestamptz < now() - interval '${HEARD}'`,
    [KEY],
  );
  for (let left = rowCount === 0 ? 0 : 100; left > 0; left -= 1) {
    if (await tryLock(client)) return true;
    await sleep(LEAVE_AGAIN / 2);
  }
  return false;
}

/** Never lower than the time, so that a database that was put back has no number of before either. */
async function nextNumber(client: Client): Promise<number> {
  await client.query('create sequence if not exists carrel_terms');
  const { rows } = await client.query<{ number: string }>(
    `select setval('carrel_terms', greatest(nextval('carrel_terms'), (extract(epoch from clock_timestamp()) * 1000)::bigint)) as number`,
  );
  return Number(rows[0]?.number);
}

/** The session that has the lock $1 on the database. */
const HOLDER = `select pid, backend_start::text as since from pg_locks join pg_stat_activity using (pid)
  where locktype = 'advisory' and granted and (classid::bigint << 32 | objid::bigint) = $1
    and pg_locks.database = (select oid from pg_database where datname = current_database())`;

async function sessionOf(client: Client): Promise<Session> {
  const { rows } = await client.query<Session>(
    'select pid, backend_start::text as since from pg_stat_activity where pid = pg_backend_pid()',
  );
  const [session] = rows;
  if (session === undefined) throw new CarrelError('internal', 'PostgreSQL does not know this connection');
  return session;
}

/** Ends what is left of earlier terms, and waits until nothing of it can be written any more. */
async function endOthers(client: Client): Promise<void> {
  const until = Date.now() + LEAVE_WITHIN;
  for (;;) {
    const { rows } = await client.query<{ left: number }>(
      `select count(pg_terminate_backend(pid))::int as left from pg_stat_activity
        where datname = current_database() and application_name = $1 and pid <> pg_backend_pid()`,
      [TERM],
    );
    if (rows[0]?.left === 0) return;
    if (Date.now() > until)
      throw new CarrelError('store_unavailable', 'connections of another gateway to the database do not end');
    await sleep(LEAVE_AGAIN);
  }
}
