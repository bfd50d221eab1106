/** `carrel backup` and `carrel restore` as processes of their own; no engine is asked. docs/spec/backup.md */
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadSecrets } from '../../gateway/src/store/secrets.ts';
import { openStore } from '../../gateway/src/store/store.ts';

const main = resolve(import.meta.dirname, '../../gateway/src/cli/main.ts');
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'carrel-backups-'));
  await loadSecrets(join(folder, 'data'));
  await using store = await openStore(join(folder, 'data'));
  await store.users.add('ada', 'admin', 1);
});
afterEach(() => rm(folder, { recursive: true }));

interface Ended {
  readonly code: number | null;
  readonly out: Buffer;
  readonly told: string;
}

function carrel(args: readonly string[], input = Buffer.alloc(0)): Promise<Ended> {
  const env = { ...process.env, CARREL_DATA: join(folder, 'data'), CARREL_DATABASE: '' };
  const child = spawn(process.execPath, [main, ...args], { env, cwd: folder });
  const out: Buffer[] = [];
  let told = '';
  child.stdout.on('data', (chunk) => out.push(chunk));
  child.stderr.on('data', (chunk) => {
    told += chunk;
  });
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return new Promise((done) => child.once('close', (code) => done({ code, out: Buffer.concat(out), told })));
}

test('BK3 BK5 a backup goes through pipes, with its passphrase before it, into another data folder', async () => {
  const passphrase = Buffer.from('correct horse battery staple\n');
  const made = await carrel(['backup', '-', '--passphrase-stdin'], passphrase);
  expect([made.code, made.told]).toEqual([
    0,
    expect.stringMatching(
      /^the backup is written, [\d.]+ kB: \d+ rows?, .* the keys, encrypted\nsha256 [0-9a-f]{64}\n$/,
    ),
  ]);
  const both = Buffer.concat([passphrase, made.out]);
  const verified = await carrel(['backup', 'verify', '-', '--passphrase-stdin'], both);
  expect([verified.code, verified.out.toString()]).toEqual([
    0,
    expect.stringMatching(
      /^the backup is whole: .*\nmade .* by Carrel .* from SQLite, .*\nthe passphrase opens its keys\n$/,
    ),
  ]);
  const restored = await carrel(['restore', '-', '--into', 'other', '--passphrase-stdin'], both);
  expect([restored.code, restored.told]).toEqual([0, '']);
  expect(restored.out.toString()).toMatch(/^restored into .*other: \d+ rows?, 0 files/);
  expect((await readdir(join(folder, 'other'))).sort()).toEqual([
    'carrel.sqlite',
    'files',
    'lock.sqlite',
    'secrets.json',
  ]);
  expect(await loadSecrets(join(folder, 'other'))).toEqual(await loadSecrets(join(folder, 'data')));
  await using store = await openStore(join(folder, 'other'));
  expect((await store.users.list()).map((user) => user.name)).toEqual(['ada']);
});

test('BK4 BK5 BK6 each refusal is one line that tells what to do, with exit status 1', async () => {
  const refused = async (...args: string[]) => {
    const { code, told, out } = await carrel(args);
    expect([code, told.trim().split('\n').length, out.length]).toEqual([1, 1, 0]);
    return told;
  };
  expect(await refused('backup', 'a')).toMatch(
    /--passphrase-file FILE or --passphrase-stdin encrypts them, --without-keys/,
  );
  await writeFile(join(folder, 'short'), 'short\n');
  expect(await refused('backup', 'a', '--passphrase-file', 'short')).toMatch(/passphrase of at least 12 characters/);
  expect((await carrel(['backup', 'a', '--without-keys'])).code).toBe(0);
  expect(await refused('backup', 'a', '--without-keys')).toMatch(/there is a file .* already; name another one/);
  expect(await refused('restore', 'a')).toMatch(/into an empty installation only, .* 1 row in the table users/);
  expect(await refused('restore', 'b')).toMatch(/the backup cannot be opened: ENOENT/);
  const whole = await readFile(join(folder, 'a'));
  await writeFile(join(folder, 'cut'), whole.subarray(0, 5000));
  expect(await refused('backup', 'verify', 'cut')).toMatch(
    /cut off at byte 5000, in tables\/users|cut off at byte 5000/,
  );
});
