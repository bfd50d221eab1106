/** `carrel backup` and `carrel restore` as processes of their own; no engine is asked. docs/spec/backup.md */
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadSecrets } from '../../gateway/src/store/secrets.ts';
import { openStore } from '../../gateway/src/store/store.ts';
import { checkAudit } from '../../gateway/src/telemetry/audit-check.ts';

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

/** Of the installation in this folder, as event and details, with a chain that holds. */
async function audited(data: string): Promise<[string, Record<string, unknown>][]> {
  await using store = await openStore(join(folder, data));
  const lines: [string, Record<string, unknown>][] = [];
  for await (const { event, via, actor, details } of store.audit.all()) {
    expect([via, actor]).toEqual(['command', null]);
    lines.push([event, JSON.parse(details)]);
  }
  expect((await checkAudit(store.audit)).flaws).toEqual([]);
  return lines;
}

test('BK11 what was made, verified and restored is in the audit log of its installation: who, which file, its size, what came of it', async () => {
  const user = userInfo().username;
  expect((await carrel(['backup', 'a.backup', '--without-keys'])).code).toBe(0);
  const { size: bytes } = await stat(join(folder, 'a.backup'));
  expect((await carrel(['backup', 'a.backup', '--without-keys'])).code).toBe(1);
  expect((await carrel(['backup', 'verify', 'a.backup'])).code).toBe(0);
  await writeFile(join(folder, 'cut'), (await readFile(join(folder, 'a.backup'))).subarray(0, 5000));
  expect((await carrel(['backup', 'verify', 'cut'])).code).toBe(1);
  expect((await carrel(['restore', 'a.backup'])).code).toBe(1);
  expect((await carrel(['restore', 'a.backup', '--into', 'other'])).code).toBe(0);
  const who = { user, file: 'a.backup' };
  const made = [
    'backup.made',
    expect.objectContaining({
      ...who,
      bytes,
      keys: 'none',
      result: 'whole',
      sha256: expect.stringMatching(/^\w{64}$/),
    }),
  ];
  expect(await audited('data')).toEqual([
    made,
    ['backup.failed', expect.objectContaining({ ...who, did: 'backup', result: 'conflict' })],
    ['backup.verified', expect.objectContaining({ ...who, bytes, result: 'whole' })],
    ['backup.failed', expect.objectContaining({ user, file: 'cut', did: 'verify', result: 'bad_request' })],
    ['backup.failed', expect.objectContaining({ ...who, did: 'restore', result: 'conflict' })],
  ]);
  expect(await audited('other')).toEqual([
    ['backup.restored', expect.objectContaining({ ...who, bytes, result: 'whole', keys: false })],
  ]);
});

test('BK11 a backup brings no schema up to date, and verifying makes no installation where none is', async () => {
  const file = join(folder, 'data/carrel.sqlite');
  {
    using old = new DatabaseSync(file);
    old.exec("delete from kysely_migration where name >= '0010'; drop table audit_lines; drop table audit_head");
  }
  const made = await carrel(['backup', 'a', '--without-keys']);
  expect([made.code, made.told]).toEqual([0, '']);
  {
    using old = new DatabaseSync(file, { readOnly: true });
    const steps = old.prepare('select name from kysely_migration order by name').all();
    expect(String(steps.at(-1)?.['name']) < '0010').toBe(true);
  }
  await rm(join(folder, 'data'), { recursive: true });
  expect((await carrel(['backup', 'verify', 'a'])).code).toBe(0);
  expect(await readdir(folder)).toEqual(['a']);
});
