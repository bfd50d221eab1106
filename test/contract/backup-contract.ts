/** What a backup does, whatever database it comes from and goes to. docs/spec/backup.md */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { silentProgress } from '../../gateway/src/backup/progress.ts';
import { restoreBackup } from '../../gateway/src/backup/restore-backup.ts';
import { fileSink } from '../../gateway/src/backup/sink.ts';
import { writeBackup } from '../../gateway/src/backup/write-backup.ts';
import { knownSteps } from '../../gateway/src/store/schema.ts';
import { openSnapshot } from '../../gateway/src/store/snapshot.ts';
import { openStore } from '../../gateway/src/store/store.ts';
import {
  everythingIn,
  execute,
  fillInstallation,
  keepWorking,
  type Place,
  writePoliciesTo,
} from '../support/full-installation.ts';
import { load, recordings } from '../support/schema-recordings.ts';

export type NewDatabase = () => Promise<string | undefined>;
export const PASSPHRASE = 'correct horse battery staple';

export const backUp = async (place: Place, file: string, passphrase: string | null = null) => {
  await using sink = await fileSink(file);
  const policyFolder = join(place.dataFolder, '..', 'policies');
  const parts = { program: '1.2.3', now: new Date('2026-01-02T03:04:05Z'), progress: silentProgress };
  return await writeBackup(sink, { ...place, policyFolder, ...parts, passphrase: passphrase ?? undefined });
};

export const restore = (place: Place, file: string, passphrase: string | null = null) =>
  restoreBackup(() => createReadStream(file), {
    ...place,
    policyFolder: join(place.dataFolder, '..', 'policies'),
    passphrase: passphrase ?? undefined,
    progress: silentProgress,
  });

export function backupContract(name: string, source: NewDatabase, target: NewDatabase): void {
  describe(`a backup ${name}`, () => {
    let folder: string;
    let from: Place;
    let to: Place;
    let file: string;
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'carrel-backup-'));
      from = { dataFolder: join(folder, 'from'), database: await source() };
      to = { dataFolder: join(folder, 'to'), database: await target() };
      file = join(folder, 'carrel.backup');
      await mkdir(join(folder, 'policies'));
      await writePoliciesTo(join(folder, 'policies'));
    });
    afterEach(() => rm(folder, { recursive: true }));

    test('BK1 BK6 brings back every row of every table, every file and the keys', async () => {
      await fillInstallation(from);
      const { manifest } = await backUp(from, file, PASSPHRASE);
      expect(Object.entries(manifest.rows).filter(([, rows]) => rows === 0)).toEqual([]);
      await restore(to, file, PASSPHRASE);
      const [before, after] = [await everythingIn(from), await everythingIn(to)];
      expect(Object.keys(after)).toEqual(Object.keys(before));
      for (const [table, rows] of Object.entries(before)) expect(after[table], table).toEqual(rows);
      expect(manifest.files).toMatchObject({ count: 6, missing: { count: 0 }, damaged: { count: 0 } });
      expect(await readdir(to.dataFolder)).not.toContain('restoring');
      await using store = await openStore(to.dataFolder, to.database);
      expect((await store.users.list()).map((user) => user.name).sort()).toEqual(['Ada.Müller', 'bob']);
      await expect(restore(to, file)).rejects.toThrow(
        /into an empty installation only, and .* has 2 rows in the table users/,
      );
    });

    test('BK2 is of one moment, though people go on working: no later change without an earlier one, no row without its file', async () => {
      const { worksheets } = await fillInstallation(from);
      const people = keepWorking(from, worksheets);
      for (const round of [1, 2, 3]) await backUp(from, `${file}.${round}`);
      expect(await people.stop()).toBeGreaterThan(2);
      expect(await readdir(join(from.dataFolder, 'backup'))).not.toContain('links');
      await restore(to, `${file}.3`);
      await using store = await openStore(to.dataFolder, to.database);
      const [first = 0, second = 0] = await Promise.all(
        worksheets.map(async (id) => (await store.worksheets.updates(id)).map(({ seq }) => seq).at(-1)),
      );
      expect([0, 1]).toContain(first - second);
      for (const id of worksheets)
        for (const { blob, sha256 } of await store.files.list(id)) {
          const content = await readFile(join(to.dataFolder, 'files', blob));
          expect(createHash('sha256').update(content).digest('hex')).toBe(sha256);
        }
    });

    test('BK6 is not restored over tables of another program, though they are empty', async () => {
      await fillInstallation(from);
      await backUp(from, file);
      await mkdir(to.dataFolder);
      await execute(to, 'create table passwords (id text)');
      await expect(restore(to, file)).rejects.toThrow(
        /has a table passwords that Carrel has not made; nothing was changed/,
      );
      await execute(to, 'drop table passwords');
      await restore(to, file);
    });

    test('BK10 of an earlier version is restored, and brought up to date', async () => {
      const recording = recordings().find(({ step }) => step === '0004-sharing');
      if (recording === undefined) throw new Error('the step is not recorded');
      await mkdir(from.dataFolder);
      await load(recording, from);
      const { contents } = await backUp(from, file);
      expect(contents.steps.at(-1)).toBe('0004-sharing');
      await restore(to, file);
      await using snapshot = await openSnapshot(to.dataFolder, to.database);
      expect(snapshot.steps).toEqual(knownSteps());
      await using store = await openStore(to.dataFolder, to.database);
      expect((await store.users.list()).map((user) => user.name).sort()).toEqual(['Ada', 'ada']);
    });

    test('BK7 leaves nothing where a row cannot be restored, and what is mended is restored afterwards', async () => {
      await fillInstallation(from);
      if (from.database === undefined) {
        await execute(from, 'PRAGMA foreign_keys = OFF');
        await withoutReferences(from);
        await backUp(from, file);
        await expect(restore(to, file)).rejects.toThrow(/cannot be restored, nothing was changed: a row/);
        await rm(file);
        await execute(from, "delete from passwords where user_id = 'nobody'");
      }
      await rm(join(from.dataFolder, 'files', (await readdir(join(from.dataFolder, 'files')))[0] ?? ''));
      const { manifest } = await backUp(from, file);
      expect(manifest.files.missing.count).toBe(1);
      await restore(to, file);
      expect(await readdir(join(to.dataFolder, 'files'))).toHaveLength(5);
    });
  });
}

async function withoutReferences(place: Place): Promise<void> {
  const { DatabaseSync } = await import('node:sqlite');
  const db = new DatabaseSync(join(place.dataFolder, 'carrel.sqlite'), { enableForeignKeyConstraints: false });
  db.exec("insert into passwords values ('nobody', 'x', 1)");
  db.close();
}
