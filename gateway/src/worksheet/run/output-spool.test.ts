/** WR25: all that cells print, in files while the sandbox lives. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { turns, World } from '../../../../test/support/kernel-world.ts';
import { hold, request } from '../../../../test/support/runner-steps.ts';
import { WorksheetWorld } from '../../../../test/support/worksheet-world.ts';
import type { WorksheetId } from '../../base/ids.ts';
import { silentLogger } from '../../base/ports.ts';
import { OutputSpools } from './output-spool.ts';

const id = '6f1c4a3e-0000-4000-8000-0123456789ab' as WorksheetId;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'spool-'));
});
afterEach(() => {
  chmodSync(folder, 0o700);
  rmSync(folder, { recursive: true });
});

const spools = () => new OutputSpools(folder, silentLogger);
const textOf = (cell: string): string | undefined => {
  const file = spools().file(id, cell);
  return file && readFileSync(file.path, 'utf8');
};

test('WR25 a cell that prints little has no file, one that prints much has all of it in one', () => {
  const spool = spools().of(id, 100, 1000);
  spool.begin('a');
  spool.write('a', 'x'.repeat(100));
  expect(spool.files).toEqual([]);
  spool.write('a', 'ü\n');
  spool.write('a', 'more');
  spool.end('a');
  expect(textOf('a')).toBe(`${'x'.repeat(100)}ü\nmore`);
  expect(spool.files).toEqual([{ cell: 'a', bytes: 107 }]);
  spool.write('a', ' of a thread');
  spool.write('never begun', 'x'.repeat(1000));
  expect(textOf('a')).toContain('of a thread');
  spool.begin('a');
  expect([textOf('a'), spool.files]).toEqual([undefined, []]);
});

test('WR25 a file has its bound and says so, and all of a worksheet together have one', () => {
  const spool = spools().of(id, 10, 1000);
  for (const cell of ['a', 'b', 'c', 'd', 'e']) {
    spool.begin(cell);
    for (let i = 0; i < 30; i += 1) spool.write(cell, 'x'.repeat(99));
    spool.end(cell);
  }
  expect(textOf('e')).toMatch(/^x{1000}\n\[… this file has at most 1 KiB; .*…\]\n$/);
  expect(spool.files.map(({ cell }) => cell)).toEqual(['c', 'd', 'e']);
});

test('WR25 files are gone with the sandbox, and those of sandboxes that are gone at the start', () => {
  const spool = spools().of(id, 1, 1000);
  spool.begin('a');
  spool.write('a', 'text');
  spools().keepOnly(new Set([id]));
  expect(textOf('a')).toBe('text');
  expect(spools().of(id, 1, 1000).files).toEqual([{ cell: 'a', bytes: 4 }]);
  spools().keepOnly(new Set());
  expect(textOf('a')).toBeUndefined();
});

test('WR25 a name that is no cell is none of a file', () => {
  writeFileSync(join(folder, 'secret.txt'), 'secret');
  expect(spools().file(id, '../secret')).toBeUndefined();
  expect(spools().file(id, '')).toBeUndefined();
});

test('WR25 a gateway that is killed leaves a file in which nothing is missing and nothing stands twice', async () => {
  const world = new WorksheetWorld(['first', 'long'], new World());
  world.spool = spools().of(id, 100, 100_000);
  await world.kernels.registry.restore();
  world.openRoom();
  await world.run('a');
  hold(world, 'long');
  await world.run('b');
  const { agent } = world.kernels;
  const asked = request(world);
  let expected = '';
  const print = async (line: number) => {
    agent.print(`line ${line}\n`, asked);
    expected += `line ${line}\n`;
    await turns();
  };
  for (let line = 0; line < 40; line += 1) {
    if (line % 7 === 3) world.storing = false;
    await print(line);
    if (line % 3 === 0) await world.gather();
    if (line % 7 !== 6) continue;
    world.spool = spools().of(id, 100, 100_000);
    await world.kill();
    await world.gather();
  }
  await world.gather();
  expect(world.status.fullOutputs).toEqual([{ cell: 'b', bytes: expected.length }]);
  expect(textOf('b')).toBe(expected);
  expect(world.outputs('b').join('')).toBe(expected);
});
