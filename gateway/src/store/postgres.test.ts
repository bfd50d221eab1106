/** What is known of a PostgreSQL before it is used. docs/spec/store.md; the rest is in test/store. */
import { expect, test } from 'vitest';
import { readDatabaseAddress } from './database-address.ts';
import { serverProblem } from './postgres.ts';
import { openingFailure } from './postgres-failures.ts';

test.each([
  [
    { version: 130_014, shown: '13.14 (Debian 13.14-1)', encoding: 'UTF8' },
    'expected PostgreSQL 14 or newer (CARREL_DATABASE), found 13.14 (Debian 13.14-1)',
  ],
  [
    { version: 170_002, shown: '17.2', encoding: 'SQL_ASCII' },
    'expected a database of encoding UTF8 (CARREL_DATABASE), found SQL_ASCII; make one with: createdb -E UTF8 -T template0 NAME',
  ],
  [{ version: 140_000, shown: '14.0', encoding: 'UTF8' }, undefined],
])('ST9 of the server %j is said: %s', (facts, problem) => expect(serverProblem(facts)).toBe(problem));

test.each([
  ['postgres://ada:p%40ss@db.example.org:5433/carrel', 'the database carrel at db.example.org:5433', 'ada'],
  ['postgresql://ada:secret@[::1]/carrel', 'the database carrel at [::1]', 'ada'],
  ['postgres://ada@/carrel?host=/run/postgresql', 'the database carrel at /run/postgresql', 'ada'],
  ['postgres://%zz:secret@db/x', 'the database x at db', '%zz'],
])('ST2 %s is shown as %s', (url, shown, user) => {
  expect(readDatabaseAddress(url)).toEqual({ url, shown, user, database: url.includes('/x') ? 'x' : 'carrel' });
});

test('ST9 what cannot be named is told in the words of the database', () => {
  const failure = openingFailure(new Error('the disk is on fire'), readDatabaseAddress('postgres://ada:secret@db/x'));
  expect(failure).toMatchObject({
    code: 'invalid_settings',
    message: 'the database x at db (CARREL_DATABASE) cannot be used: the disk is on fire',
  });
});
