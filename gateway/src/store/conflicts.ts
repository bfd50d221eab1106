/** Two that write at once: what either database says then, and doing it again. */
import { setTimeout as sleep } from 'node:timers/promises';

/** SQLITE_CONSTRAINT_PRIMARYKEY and SQLITE_CONSTRAINT_UNIQUE (sqlite3.h). */
const SQLITE_UNIQUE = [1555, 2067];
const MOST_TRIES = 50;

interface DriverError {
  readonly code?: unknown;
  readonly errcode?: unknown;
}

/** A row with this key is there already. */
export function isDuplicate(error: unknown): boolean {
  const { code, errcode } = (error ?? {}) as DriverError;
  return code === '23505' || (code === 'ERR_SQLITE_ERROR' && SQLITE_UNIQUE.includes(Number(errcode)));
}

/** Two transactions of PostgreSQL stood in each other's way, and one was undone. */
const isUndone = (error: unknown): boolean => ['40001', '40P01'].includes(String((error as DriverError)?.code));

/** Repeats work that takes what it writes from what it reads, until nobody else was faster. */
export async function untilAlone<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1)
    try {
      return await work();
    } catch (error) {
      if (tries === MOST_TRIES || !(isDuplicate(error) || isUndone(error))) throw error;
      await sleep(Math.random() * Math.min(tries, 20));
    }
}
