/** Where the database is: `CARREL_DATABASE` holds the address of a PostgreSQL, or names a file that does. A password in it is told to nobody. */
import { readFileSync } from 'node:fs';
import { CarrelError } from '../base/errors.ts';

const EXAMPLE = 'postgres://USER:PASSWORD@HOST:5432/DATABASE';
/** `postgres://ada@/database?host=/run/postgresql` has no host, which a URL with a user must have. */
const NO_HOST = 'no-host';
const ADDRESS = /^postgres(?:ql)?:\/\//;

export interface DatabaseAddress {
  /** With the password. */
  readonly url: string;
  /** For people and logs. */
  readonly shown: string;
  readonly user: string;
  readonly database: string;
}

/** Throws `invalid_settings` for a file that cannot be read or holds something else. */
export function readDatabaseAddress(setting: string): DatabaseAddress {
  const text = ADDRESS.test(setting) ? setting : contentOf(setting);
  const url = ADDRESS.test(text) ? URL.parse(text.replace('@/', `@${NO_HOST}/`)) : null;
  if (url === null) {
    const where = text === setting ? 'CARREL_DATABASE' : `${setting} (CARREL_DATABASE)`;
    throw new CarrelError('invalid_settings', `expected ${where} to hold an address such as ${EXAMPLE}`);
  }
  const user = decoded(url.username) || process.env['PGUSER'] || 'the account that Carrel runs as';
  const database = decoded(url.pathname.slice(1)) || process.env['PGDATABASE'] || user;
  const named = url.host === NO_HOST ? '' : url.host;
  const host = named || url.searchParams.get('host') || process.env['PGHOST'] || 'localhost';
  return { url: text, shown: `the database ${database} at ${host}`, user, database };
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    const why = (cause as Error).message;
    throw new CarrelError('invalid_settings', `the file that CARREL_DATABASE names cannot be read: ${why}`, { cause });
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
