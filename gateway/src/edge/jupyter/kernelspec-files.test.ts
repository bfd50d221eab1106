import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadKernelspecFiles } from './kernelspec-files.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'carrel-specs-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('the kernelspecs of the kernel image are readable and have a logo', async () => {
  const files = await loadKernelspecFiles(resolve(import.meta.dirname, '../../../../kernel-image/kernelspecs'));
  const python = files.get('python3');
  expect(python?.spec).toMatchObject({ language: 'python', argv: ['carrel_kernel'] });
  expect(python?.resources.get('logo-64x64.png')?.content.subarray(1, 4).toString()).toBe('PNG');
  expect(python?.resources.has('kernel.json')).toBe(false);
});

test('what is no kernelspec is named', async () => {
  await mkdir(join(folder, 'r'));
  await writeFile(join(folder, 'r', 'kernel.json'), '{"argv":"R","language":"R"}');
  await expect(loadKernelspecFiles(folder)).rejects.toThrow(/r\/kernel\.json is no kernelspec: .*argv/s);
  await writeFile(join(folder, 'r', 'kernel.json'), '{');
  await expect(loadKernelspecFiles(folder)).rejects.toThrow(/cannot read .*r\/kernel\.json/);
  await expect(loadKernelspecFiles(join(folder, 'nowhere'))).rejects.toThrow(
    /cannot read the kernelspecs in .*nowhere/,
  );
});
