/** Opens the gateway's store; a PostgreSQL that cannot be reached is waited for, since kernels go on meanwhile. */
import { setTimeout as sleep } from 'node:timers/promises';
import { CarrelError } from '../base/errors.ts';
import type { Settings } from '../config/settings.ts';
import { readDatabaseAddress } from '../store/database-address.ts';
import { lockDatabase } from '../store/database-lock.ts';
import { openStore, type Store } from '../store/store.ts';

/** Milliseconds. */
const AGAIN = 1000;

export interface DatabaseEvents {
  /** It cannot be reached, and is tried again and again. */
  onWaiting(why: string): void;
  /** Another gateway has taken the database while this one had lost its connection. */
  onLost(): void;
}

/** Undefined where `stopped` came first. Throws `invalid_settings` for what waiting does not mend. */
export async function openDatabase(
  settings: Pick<Settings, 'dataFolder' | 'database'>,
  events: DatabaseEvents,
  stopped: Promise<unknown>,
): Promise<Store | undefined> {
  let ended = false;
  void stopped.then(() => {
    ended = true;
  });
  for (let told = ''; ; ) {
    try {
      return await openOnce(settings, events);
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
  { dataFolder, database }: Pick<Settings, 'dataFolder' | 'database'>,
  events: DatabaseEvents,
): Promise<Store> {
  if (database === undefined) return openStore(dataFolder);
  const lock = await lockDatabase(readDatabaseAddress(database), events.onLost);
  try {
    const store = await openStore(dataFolder, database);
    return {
      ...store,
      [Symbol.asyncDispose]: async () => {
        await store[Symbol.asyncDispose]();
        await lock[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await lock[Symbol.asyncDispose]();
    throw error;
  }
}
