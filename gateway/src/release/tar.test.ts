import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { fromBuffer, fromFile, TarWriter, tarEntries, tarOf } from './tar.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'carrel-tar-'));
  path = join(folder, 'a.tar');
});
afterEach(() => rmSync(folder, { recursive: true }));

async function* chunks(...texts: string[]) {
  for (const text of texts) yield Buffer.from(text);
}

it('tar reads what is written, with names, sizes and modes', async () => {
  await using file = await open(path, 'w');
  const tar = new TarWriter(file, 1_700_000_000);
  const first = await tar.add('a/first', chunks('one', 'two'), 0o755);
  await tar.add('a/empty', chunks());
  await tar.add('a/block', chunks('x'.repeat(512)));
  await tar.end();
  expect(first).toEqual({ name: 'a/first', size: 6, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
  execFileSync('tar', ['-xf', path, '-C', folder]);
  expect(readFileSync(join(folder, 'a/first'), 'utf8')).toBe('onetwo');
  const listed = execFileSync('tar', ['-tvf', path], { encoding: 'utf8' });
  expect(listed).toMatch(/^-rwxr-xr-x .* 6 .* a\/first$/m);
  expect(listed).toMatch(/^-rw-r--r-- .* 512 .* a\/block$/m);
});

it('entries are found again where they stand', async () => {
  const archive = tarOf([{ name: 'x', mode: 0o644, content: Buffer.from('hello') }], 0);
  const [entry] = await tarEntries(fromBuffer(archive));
  expect(archive.subarray(entry?.start, (entry?.start ?? 0) + (entry?.size ?? 0)).toString()).toBe('hello');
});

it('an archive of tar itself is read, and one with a link is refused', async () => {
  execFileSync('sh', ['-c', 'echo hi > plain && tar --format=ustar -cf a.tar plain'], { cwd: folder });
  await using file = await open(path, 'r');
  expect(await tarEntries(fromFile(file))).toMatchObject([{ name: 'plain', size: 3 }]);
  execFileSync('sh', ['-c', 'ln -s /etc/passwd link && tar --format=ustar -cf b.tar link'], { cwd: folder });
  await using other = await open(join(folder, 'b.tar'), 'r');
  await expect(tarEntries(fromFile(other))).rejects.toThrow('link is not a plain file');
});

it('what is cut off or is no archive is told with the place', async () => {
  const archive = tarOf([{ name: 'x', mode: 0o644, content: Buffer.alloc(2000) }], 0);
  await expect(tarEntries(fromBuffer(archive.subarray(0, 1000)))).rejects.toThrow('cut off at byte 2560');
  await expect(tarEntries(fromBuffer(Buffer.alloc(1024, 'z')))).rejects.toThrow('at byte 0 there is no entry');
});
