import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { instanceId } from './instance.ts';

const folder = mkdtempSync(join(tmpdir(), 'carrel-instance-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('is made once and stays', () => {
  const id = instanceId(join(folder, 'instance'));
  expect(id).toMatch(/^[0-9a-f]{16}$/);
  expect(instanceId(join(folder, 'instance'))).toBe(id);
  expect(instanceId(join(folder, 'other'))).not.toBe(id);
});

it('is never replaced: the containers of the old id would belong to nobody', () => {
  writeFileSync(join(folder, 'damaged'), 'x');
  expect(() => instanceId(join(folder, 'damaged'))).toThrow(/expected .* to hold 16 hexadecimal digits/);
});
