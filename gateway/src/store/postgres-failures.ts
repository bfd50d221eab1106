/** What PostgreSQL and its driver say when something is wrong, as what people can do about it. No password is in any of it. */
import { CarrelError } from '../base/errors.ts';
import type { DatabaseAddress } from './database-address.ts';

/** Classes of SQLSTATE: connections (08), shutdown and start (57P), resources (53); and of the system's own errors. */
const UNREACHABLE = /^(?:08|57P0|53)/;
const SYSTEM = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'],
  ...['ENOTFOUND', 'EAI_AGAIN', 'ENOENT', 'EACCES'],
]);
const DRIVER =
  /^(?:Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered)/;

export const codeOf = (error: unknown): string => String((error as { code?: unknown } | undefined)?.code ?? '');
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Whether the same may go well later: the server is away, begins, ends or has no room. */
export function isUnreachable(error: unknown): boolean {
  if (error instanceof CarrelError) return error.code === 'store_unavailable';
  if (error instanceof AggregateError) return error.errors.some(isUnreachable);
  const code = codeOf(error);
  return SYSTEM.has(code) || UNREACHABLE.test(code) || (code === '' && DRIVER.test(messageOf(error)));
}

/** Of a query while the program runs: what the database says stays in the log, by `cause`. */
export const queryFailure = (error: unknown): unknown =>
  isUnreachable(error) && !(error instanceof CarrelError)
    ? new CarrelError('store_unavailable', 'the database cannot be reached at the moment', { cause: error })
    : error;

/** Of opening the database. */
export function openingFailure(error: unknown, { shown, user, database }: DatabaseAddress): CarrelError {
  if (error instanceof CarrelError && error.code !== 'store_unavailable') return error;
  const found = error instanceof CarrelError ? error.cause : error;
  const said = found instanceof AggregateError ? messageOf(found.errors.at(-1)) : messageOf(found);
  const cause = { cause: found };
  if (isUnreachable(found))
    return new CarrelError('store_unavailable', `${shown} (CARREL_DATABASE) cannot be reached: ${said}`, cause);
  const why = REASONS[codeOf(found)]?.(user, database) ?? (/client password/.test(said) ? NO_PASSWORD(user) : said);
  return new CarrelError('invalid_settings', `${shown} (CARREL_DATABASE) cannot be used: ${why}`, cause);
}

const NO_PASSWORD = (user: string): string =>
  `it asks for a password of ${user}, and none is given; expected postgres://${user}:PASSWORD@…, PGPASSWORD or ~/.pgpass`;
const REFUSED = (user: string): string => `it refuses ${user}: the password is wrong, or there is no such user`;

const REASONS: Readonly<Record<string, (user: string, database: string) => string>> = {
  '28P01': REFUSED,
  '28000': (user) => `${REFUSED(user)}, or pg_hba.conf lets nobody in from here`,
  '3D000': (user, database) => `there is no such database; make it with: createdb -O ${user} -E UTF8 ${database}`,
  '42501': (user, database) =>
    `${user} may not make tables in it; allow it with: GRANT CREATE ON SCHEMA public TO "${user}"; in ${database}`,
  '25006': () => 'it takes no changes: it is a standby, or was made read-only; expected the primary',
};
