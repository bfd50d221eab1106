import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { policyCommand } from './policy.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'carrel-policies-'));
  cpSync('policies', folder, { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

async function run(...args: string[]) {
  const lines: string[] = [];
  let failed = false;
  const output = {
    print: (line: string) => void lines.push(line),
    fail: () => {
      failed = true;
    },
  };
  await policyCommand(output).parseAsync(args, { from: 'user' });
  return { lines, failed };
}

it('check lists the policies when all is well', async () => {
  const { lines, failed } = await run('check', folder);
  expect(failed).toBe(false);
  expect(lines.at(-1)).toContain('5 policies');
  expect(lines.find((line) => line.startsWith('standard'))).toContain('512 MiB');
});

it('check prints every problem and fails', async () => {
  writeFileSync(join(folder, 'small.yaml'), 'title: 3\n');
  writeFileSync(join(folder, 'exam.yaml'), 'a: [\n');
  const { lines, failed } = await run('check', folder);
  expect(failed).toBe(true);
  expect(lines.some((line) => line.includes('small.yaml:1: title: expected a text, got 3'))).toBe(true);
  expect(lines.some((line) => line.includes('exam.yaml:2: expected valid YAML'))).toBe(true);
  expect(lines.at(-1)).toMatch(/^\d+ problems in /);
});

it('the schemas in policies/ are up to date', async () => {
  expect(await run('schema', '--check')).toEqual({ lines: [], failed: false });
});

it('schema --check tells of a file that was edited, and schema writes it anew', async () => {
  writeFileSync(join(folder, 'site.schema.json'), '{}');
  const { lines, failed } = await run('schema', '--check', '--folder', folder);
  expect(failed).toBe(true);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('site.schema.json: expected what `carrel policy schema` writes');
  await run('schema', '--folder', folder);
  expect((await run('schema', '--check', '--folder', folder)).failed).toBe(false);
});
