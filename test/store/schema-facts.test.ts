/** docs/spec/doctor.md: looking at a PostgreSQL without changing it. */
import { expect, test } from 'vitest';
import { schemaState } from '../../gateway/src/store/schema-facts.ts';
import { openStore } from '../../gateway/src/store/store.ts';
import { freshDatabase } from '../support/postgres.ts';

test('DR6 an empty database stays empty, and one with a schema tells its steps', async () => {
  const address = await freshDatabase();
  const empty = await schemaState('', address);
  expect(empty).toMatchObject({ version: expect.stringMatching(/^PostgreSQL \d/) });
  expect(empty).not.toHaveProperty('applied');
  expect(Math.abs(empty?.ahead ?? Number.NaN)).toBeLessThan(600_000);
  expect(await schemaState('', address)).not.toHaveProperty('applied');
  await using store = await openStore('', address);
  const made = await schemaState('', address);
  expect(made?.applied).toEqual(made?.known);
  expect(made).not.toHaveProperty('backup');
  await store.audit.append([5, 7].map((at) => ({ event: 'backup.made', via: 'command', at })));
  expect(await schemaState('', address)).toMatchObject({ backup: 7 });
});

test('DR6 one that cannot be reached, or refuses, is told in words, without the password', async () => {
  const address = new URL(await freshDatabase());
  address.password = 'wrong-secret';
  const refused = await schemaState('', address.href).catch((error: Error) => error.message);
  expect(refused).toMatch(/cannot be used: it refuses/);
  expect(refused).not.toMatch(/wrong-secret/);
  await expect(schemaState('', 'postgres://carrel@127.0.0.1:1/carrel')).rejects.toThrow(
    /cannot be reached.*ECONNREFUSED/,
  );
});
