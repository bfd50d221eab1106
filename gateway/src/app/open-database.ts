/** Opens the gateway's store; a PostgreSQL that cannot be reached is waited for, since kernels go on meanwhile. */
import { setTimeout as sleep } from 'node:timers/promises';
import { CarrelError } from '../base/errors.ts';
import type { Settings } from '../config/settings.ts';
import { readDatabaseAddress } from '../store/database-address.ts';
import { lockDatabase, TERM } from '../store/database-lock.ts';
import { type OnStatement, openStore, type Store } from '../store/store.ts';

/** Milliseconds. */
const AGAIN = 1000;

export interface DatabaseEvents {
  /** It cannot be reached, and is tried again and again. */
  onWaiting(why: string): void;
  /** A statement has ended. */
  readonly onStatement?: OnStatement | undefined;
  /** Another gateway has it, and is waited for. */
  onStandBy(): void;
  /** Another gateway has taken the database while this one had lost its connection. */
  onLost(): void;
  /** Of one of several gateways. */
  readonly cluster?: DatabaseLease | undefined;
}

export interface DatabaseLease {
  /** The owner has been silent for longer than its lease lasts: it is put out. */
  readonly silent: () => boolean;
  /** The lock was taken, and is taken again where its connection was lost; the number is undefined where it was given up. */
  readonly held: (number: () => number | undefined) => void;
}

/** Undefined where `stopped` came first. Throws `invalid_settings` for what waiting does not mend. */
export async function openDatabase(
  settings: Pick<Settings, 'dataFolder' | 'database' | 'standBy'>,
  events: DatabaseEvents,
  stopped: Promise<unknown>,
): Promise<Store | undefined> {
  let ended = false;
  const wanted = new AbortController();
  void stopped.then(() => {
    ended = true;
    wanted.abort();
  });
  for (let told = ''; ; ) {
    try {
      return await openOnce(settings, events, wanted.signal);
    } catch (error) {
      if (!(error instanceof CarrelError) || error.code !== 'store_unavailable') throw error;
      if (ended) return undefined;
      if (told !== error.message) events.onWaiting(error.message);
      told = error.message;
    }
    await Promise.race([sleep(AGAIN), stopped]);
    if (ended) return undefined;
  }
}

async function openOnce(
  { dataFolder, database, standBy }: Pick<Settings, 'dataFolder' | 'database' | 'standBy'>,
  events: DatabaseEvents,
  signal: AbortSignal,
): Promise<Store> {
  if (database === undefined) return openStore(dataFolder, undefined, events.onStatement);
  const { cluster } = events;
  const onStandBy = standBy === 'on' || cluster !== undefined ? () => events.onStandBy() : undefined;
  const about = { onLost: events.onLost, onStandBy, silent: cluster?.silent, signal };
  const lock = await lockDatabase(readDatabaseAddress(database), about);
  cluster?.held(() => lock.number);
  try {
    const term = { name: TERM, check: lock.check.bind(lock) };
    const store = await openStore(dataFolder, database, events.onStatement, term);
    return {
      ...store,
      [Symbol.asyncDispose]: async () => {
        await store[Symbol.asyncDispose]();
        await lock[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    cluster?.held(() => undefined);
    await lock[Symbol.asyncDispose]();
    throw error;
  }
}
