/** What bringing a database of an earlier version up to date does, on every database. docs/spec/store.md */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { knownSteps } from '../../gateway/src/store/schema.ts';
import { openSnapshot } from '../../gateway/src/store/snapshot.ts';
import { openStore } from '../../gateway/src/store/store.ts';
import { execute, type Place } from '../support/full-installation.ts';
import { load, type RecordedRow, recordings } from '../support/schema-recordings.ts';

export function schemaContract(name: string, database: () => Promise<string | undefined>): void {
  describe(`the schema on ${name}`, () => {
    let place: Place;
    beforeEach(async () => {
      place = { dataFolder: await mkdtemp(join(tmpdir(), 'carrel-schema-')), database: await database() };
    });
    afterEach(() => rm(place.dataFolder, { recursive: true }));

    test.each(recordings().map((recording) => [recording.step, recording] as const))(
      'ST10 a database of the step %s is brought up to date, and every row is kept',
      async (_, recording) => {
        await load(recording, place);
        {
          await using store = await openStore(place.dataFolder, place.database);
          expect((await store.users.list()).map((user) => user.name).sort()).toEqual(['Ada', 'ada']);
          expect((await store.users.byTypedName('Ada'))?.id).toBeDefined();
        }
        await using snapshot = await openSnapshot(place.dataFolder, place.database);
        expect(snapshot.steps).toEqual(knownSteps());
        for (const table of snapshot.tables) {
          const kept = recording.rows[table.name] ?? [];
          const names = table.columns.map((column) => column.name);
          const found: RecordedRow[] = [];
          for await (const row of snapshot.rows(table))
            found.push(Object.fromEntries(row.map((value, at) => [names[at] ?? '', shown(value)])));
          for (const row of kept) expect(found, table.name).toContainEqual(expect.objectContaining(row));
        }
      },
    );

    test('ST11 a database of a newer program is refused in words, and stays as it is', async () => {
      await (await openStore(place.dataFolder, place.database))[Symbol.asyncDispose]();
      await execute(place, "insert into kysely_migration values ('9999-later', '2030-01-01')");
      const failure = await openStore(place.dataFolder, place.database).catch((error) => error);
      expect(failure).toMatchObject({
        code: 'invalid_settings',
        message: expect.stringMatching(
          /^the database .* belongs to a newer Carrel: .* the steps 9999-later, .* start the newer version again, or restore the backup/,
        ),
      });
      await execute(place, "delete from kysely_migration where name = '9999-later'");
      await using store = await openStore(place.dataFolder, place.database);
      expect(await store.users.list()).toEqual([]);
    });
  });
}

const shown = (value: unknown) =>
  value instanceof Uint8Array ? { b64: Buffer.from(value).toString('base64') } : (value as string | number | null);
