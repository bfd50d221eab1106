import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { policySources } from './policy-sources.ts';

const folder = resolve(import.meta.dirname, '../../../policies');

test('AD6 every value is told as it is written, with its file and line', () => {
  const { policies, site } = policySources(folder, ['standard']);
  const values = policies.get('standard') ?? [];
  const of = (key: string) => values.find((value) => value.key === key);
  expect(of('memory')).toEqual({ key: 'memory', value: '512 MiB', source: 'standard.yaml:9' });
  expect(of('tmp.size')).toMatchObject({ value: '64 MiB', source: 'standard.yaml:14' });
  expect(of('kernels')).toMatchObject({ value: 'python3, ipykernel' });
  expect(of('preload')?.value).toBe('–');
  expect(site.find(({ key }) => key === 'ceiling.memory')).toMatchObject({ value: '4 GiB', source: 'site.yaml:9' });
});
