/**
 * Keeps a second gateway off the same PostgreSQL database: each thinks that the documents it has open change through it alone.
 * PostgreSQL lets go of the lock when the connection of its holder ends, however it ends. The embedded database needs none: its
 * data folder is locked.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import { CarrelError } from '../base/errors.ts';
import type { DatabaseAddress } from './database-address.ts';
import { openingFailure } from './postgres-failures.ts';

/** "carrel" in ASCII; locks of this kind belong to a database. */
const KEY = 0x63617272656c;
/** Milliseconds: what the server may take to notice that a gateway which was killed is gone; tried again meanwhile. */
const PATIENCE = 20_000;
const AGAIN = 500;
/** Lets the server notice within half a minute that the host of a connection is gone. */
const NOTICE = '-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=4';

/**
 * Takes the database for this process until it is disposed. Throws `invalid_settings` where another has it. `onLost` is called once,
 * when the connection was lost and another process has taken the database since.
 */
export async function lockDatabase(
  address: DatabaseAddress,
  onLost: () => void,
  patience = PATIENCE,
): Promise<AsyncDisposable> {
  const lock = new DatabaseLock(address, onLost);
  await lock.take(patience);
  return lock;
}

class DatabaseLock implements AsyncDisposable {
  readonly #address: DatabaseAddress;
  readonly #onLost: () => void;
  #client: Client | undefined;
  #ended = false;

  constructor(address: DatabaseAddress, onLost: () => void) {
    this.#address = address;
    this.#onLost = onLost;
  }

  async take(patience: number): Promise<void> {
    const until = Date.now() + patience;
    while (!(await this.#try())) {
      if (Date.now() >= until) throw this.#taken();
      await sleep(AGAIN);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true;
    await this.#client?.end().catch(() => {});
  }

  async #try(): Promise<boolean> {
    const { default: pg } = await import('pg');
    const client = new pg.Client({
      ...{ connectionString: this.#address.url, application_name: 'carrel lock' },
      options: NOTICE,
      keepAlive: true,
    });
    client.on('error', () => {});
    try {
      await client.connect();
      const { rows } = await client.query<{ held: boolean }>('select pg_try_advisory_lock($1) as held', [KEY]);
      if (rows[0]?.held === true) {
        this.#client = client;
        client.once('end', () => void this.#again());
        return true;
      }
    } catch (error) {
      throw openingFailure(error, this.#address);
    }
    await client.end();
    return false;
  }

  /** The connection has ended: as long as nobody else takes the lock it is ours when the server is back. */
  async #again(): Promise<void> {
    this.#client = undefined;
    let refused = 0;
    while (!this.#ended) {
      const held = await this.#try().catch(() => undefined);
      if (held === true) return;
      /** The server may not have noticed yet that our own connection is gone. */
      if (held === false && ++refused * AGAIN > PATIENCE) return this.#onLost();
      await sleep(AGAIN);
    }
  }

  #taken(): CarrelError {
    const message = `another Carrel is running on ${this.#address.shown}; stop it, or give this one a database of its own (CARREL_DATABASE)`;
    return new CarrelError('invalid_settings', message);
  }
}
