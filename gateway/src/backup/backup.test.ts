import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { backUp, backupContract, PASSPHRASE, restore } from '../../../test/contract/backup-contract.ts';
import { execute, type Place, writePoliciesTo } from '../../../test/support/full-installation.ts';
import { loadSecrets } from '../store/secrets.ts';
import { openStore } from '../store/store.ts';
import { LinkedFiles } from './linked-files.ts';
import { silentProgress } from './progress.ts';
import { readBackup } from './read-backup.ts';
import { fileSink, streamSink } from './sink.ts';
import { writeBackup } from './write-backup.ts';

const embedded = async () => undefined;
backupContract('from SQLite into SQLite', embedded, embedded);

let folder: string;
let from: Place;
let to: Place;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'carrel-backup-'));
  from = { dataFolder: join(folder, 'from'), database: undefined };
  to = { dataFolder: join(folder, 'to'), database: undefined };
  file = join(folder, 'carrel.backup');
  await mkdir(join(folder, 'policies'));
  await writePoliciesTo(join(folder, 'policies'));
});
afterEach(() => rm(folder, { recursive: true }));

async function small(): Promise<void> {
  await loadSecrets(from.dataFolder);
  await using store = await openStore(from.dataFolder);
  await store.users.add('ada', 'admin', 1);
}

async function* inChunks(content: Buffer): AsyncIterable<Uint8Array> {
  for (let at = 0; at < content.length; at += 10_000) yield content.subarray(at, at + 10_000);
}
const read = (content: Buffer) => readBackup(inChunks(content));

describe('BK4 nothing is taken from a backup', () => {
  test('of which any byte is another one; the place is told', async () => {
    await small();
    await backUp(from, file);
    const whole = await readFile(file);
    await read(whole);
    for (let at = 0; at < whole.length; at += 61) {
      const changed = Buffer.from(whole);
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
      const failure = await read(changed).then(
        () => undefined,
        (error: Error) => error,
      );
      expect(failure, `byte ${at}`).toMatchObject({ code: expect.stringMatching(/bad_request|invalid_settings/) });
      expect(failure?.message, `byte ${at}`).toMatch(/byte \d+|no backup of Carrel|newer Carrel|manifest\.json/);
    }
  });

  test('that is cut off, wherever', async () => {
    await small();
    await backUp(from, file);
    const whole = await readFile(file);
    for (let length = 0; length < whole.length; length += 113)
      await expect(read(whole.subarray(0, length)), `${length} bytes`).rejects.toThrow(
        length === 0 ? 'it is empty' : new RegExp(`cut off at byte ${length}, `),
      );
    await truncate(file, whole.length - 600);
    await expect(restore(to, file)).rejects.toThrow(/cut off at byte \d+, between two entries; nothing was changed/);
    expect(await readdir(to.dataFolder)).toEqual(['lock.sqlite']);
  });

  test('that has something behind its end, or is something else', async () => {
    await small();
    await backUp(from, file);
    await expect(read(Buffer.concat([await readFile(file), Buffer.from('x')]))).rejects.toThrow(
      'expected its end, found more',
    );
    await expect(read(Buffer.alloc(5000, 'x'))).rejects.toThrow('this is no backup of Carrel');
  });

  test('of a newer program', async () => {
    await small();
    await execute(from, "insert into kysely_migration values ('9999-later', 'now')");
    await expect(backUp(from, file)).rejects.toThrow(/belongs to a newer Carrel: .* 9999-later/);
    expect(await readdir(folder)).not.toContain('carrel.backup');
    expect(await readdir(folder)).not.toContain('carrel.backup.part');
  });
});

describe('BK5 the keys', () => {
  test('are encrypted, or left out where that is asked for', async () => {
    await small();
    const { tokens } = await loadSecrets(from.dataFolder);
    await backUp(from, file, PASSPHRASE);
    expect((await readFile(file)).includes(tokens)).toBe(false);
    await expect(restore(to, file, 'another passphrase')).rejects.toThrow('the passphrase is not the one');
    await expect(restore(to, file)).rejects.toThrow(/give their passphrase with .* or leave them out/);
    expect(await restore(to, file, PASSPHRASE)).toMatchObject({ keys: true });
    expect(await loadSecrets(to.dataFolder)).toEqual(await loadSecrets(from.dataFolder));
    const other = { ...to, dataFolder: join(folder, 'other') };
    expect(await restore(other, file, 'leave-out')).toMatchObject({ keys: false });
    expect(await readdir(other.dataFolder)).not.toContain('secrets.json');
  });
});

describe('BK6 an installation is not empty', () => {
  test.each([
    [
      'with people',
      async () => void (await (await openStore(to.dataFolder)).users.add('bob', 'member', 1)),
      /1 row in the table users/,
    ],
    [
      'with files',
      async () => {
        await mkdir(join(to.dataFolder, 'files'), { recursive: true });
        await writeFile(join(to.dataFolder, 'files', 'x'), '');
      },
      /files has 1 file/,
    ],
    ['with keys', async () => void (await loadSecrets(to.dataFolder)), /keys of its own \(secrets\.json\)/],
  ])('%s', async (_, fill, message) => {
    await small();
    await backUp(from, file);
    await fill();
    const before = await readdir(to.dataFolder);
    await expect(restore(to, file)).rejects.toThrow(message);
    expect((await readdir(to.dataFolder)).filter((name) => !name.startsWith('lock'))).toEqual(before);
  });
});

test('BK7 what a restore that was killed had moved goes with the next one', async () => {
  await small();
  await backUp(from, file, PASSPHRASE);
  await mkdir(join(to.dataFolder, 'restoring'), { recursive: true });
  await writeFile(join(to.dataFolder, 'restoring', 'begun'), '');
  await mkdir(join(to.dataFolder, 'files'));
  await writeFile(join(to.dataFolder, 'files', 'half'), '');
  await loadSecrets(to.dataFolder);
  await restore(to, file, PASSPHRASE);
  expect(await readdir(join(to.dataFolder, 'files'))).toEqual([]);
  expect(await loadSecrets(to.dataFolder)).toEqual(await loadSecrets(from.dataFolder));
});

test('BK8 policies that the site has otherwise are laid beside, never over them', async () => {
  await small();
  await backUp(from, file);
  expect(await restore(to, file)).not.toHaveProperty('policies');
  const site = join(folder, 'policies', 'site.yaml');
  await writeFile(site, 'another: one\n');
  const other = { ...to, dataFolder: join(folder, 'other') };
  const { policies } = await restore(other, file);
  expect(policies?.differing).toEqual(['site.yaml']);
  expect(await readFile(join(policies?.folder ?? '', 'site.yaml'), 'utf8')).toBe('a: policy of the site\n');
  expect(await readFile(site, 'utf8')).toBe('another: one\n');
});

test('BK3 a file is there under its name when it is whole, for its owner alone, and none is replaced', async () => {
  await small();
  const { bytes } = await backUp(from, file);
  expect(await stat(file)).toMatchObject({ size: bytes });
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  await expect(backUp(from, file)).rejects.toThrow(/there is a file .* already; name another one/);
});

test('BK2 one backup at a time is made of a data folder', async () => {
  await small();
  await using _one = await LinkedFiles.in(from.dataFolder);
  await expect(backUp(from, file)).rejects.toThrow(/another backup of .* is being made/);
});

test('BK9 a content that is not what its checksum says is kept as it is, and told', async () => {
  await small();
  await using store = await openStore(from.dataFolder);
  expect(await store.users.byName('ada')).toBeDefined();
  const blob = 'a'.repeat(32);
  await mkdir(join(from.dataFolder, 'files'));
  await writeFile(join(from.dataFolder, 'files', blob), 'rotten');
  await execute(
    from,
    "insert into worksheets (id, user_id, title, policy, kernel, kernelspec, created_at, changed_at) select 'w', id, 't', 'p', 'k', 's', 1, 1 from users",
  );
  await execute(from, "insert into worksheet_files values ('w', 'x', 6, 1, ?, ?, null, 1)", ['b'.repeat(64), blob]);
  const { manifest } = await backUp(from, file);
  expect(manifest.files.damaged).toEqual({ count: 1, first: [blob] });
  await restore(to, file);
  expect(await readFile(join(to.dataFolder, 'files', blob), 'utf8')).toBe('rotten');
});

test('BK3 a pipe or a disk that takes no more is told, and leaves no file', async () => {
  await small();
  const full = streamSink(createWriteStream('/dev/full'));
  const parts = { ...from, policyFolder: folder, program: '1', now: new Date(0), progress: silentProgress };
  await expect(writeBackup(full, parts)).rejects.toThrow(/the backup cannot be written: ENOSPC/);
  expect(await readdir(join(from.dataFolder, 'backup'))).not.toContain('links');
  const unfinished = async () => {
    await using sink = await fileSink(file);
    await sink.write(Buffer.from('x'));
  };
  await unfinished();
  expect((await readdir(folder)).sort()).toEqual(['from', 'policies']);
});
