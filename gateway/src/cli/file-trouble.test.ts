import { mkdtemp, open, readFile, rmdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fileTrouble } from './file-trouble.ts';

const troubleOf = async (work: () => Promise<unknown>) => fileTrouble(await work().catch((error: unknown) => error));

test('what the system says of a file is told in words, with the file; other errors are left', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'carrel-trouble-'));
  const file = join(folder, 'a');
  await writeFile(file, '');
  const [missing, below] = [join(folder, 'none/b'), join(file, 'b')];
  expect(await troubleOf(() => readFile(missing))).toBe(`cannot open ${missing}: there is no such file or folder`);
  expect(await troubleOf(() => open(below, 'w'))).toBe(
    `cannot open ${below}: what should be a folder on the way is a file`,
  );
  expect(await troubleOf(() => writeFile(folder, ''))).toBe(`cannot open ${folder}: it is a folder`);
  expect(await troubleOf(() => rmdir(file))).toBe(
    `cannot remove ${file}: what should be a folder on the way is a file`,
  );
  expect(fileTrouble(Object.assign(new Error('?'), { code: 'EROFS', path: '/a.part', syscall: 'open' }))).toBe(
    'cannot open /a.part: it lies on a file system that is read-only',
  );
  expect(
    [new Error('other'), undefined, Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })].map(fileTrouble),
  ).toEqual([undefined, undefined, undefined]);
});
