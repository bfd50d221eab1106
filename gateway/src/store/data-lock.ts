/** Keeps a second Carrel off the same data folder. The operating system lets go of the lock when its holder dies, however it dies. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { CarrelError } from '../base/errors.ts';

/** Takes the folder for this process, until it is disposed. Throws `invalid_settings` where another Carrel has it. */
export function lockDataFolder(folder: string): Disposable {
  let database: DatabaseSync | undefined;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    database = new DatabaseSync(join(folder, 'lock.sqlite'));
    database.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE');
  } catch (cause) {
    database?.close();
    throw new CarrelError('invalid_settings', why(folder, cause), { cause });
  }
  const held = database;
  return { [Symbol.dispose]: () => held.close() };
}

function why(folder: string, cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return /locked|busy/i.test(text)
    ? `another Carrel is running on the data folder ${folder}; stop it, or choose another folder with CARREL_DATA`
    : `the data folder ${folder} (CARREL_DATA) cannot be used: ${text}`;
}
