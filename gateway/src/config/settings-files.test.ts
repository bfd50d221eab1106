import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readSettings } from './settings.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'carrel-settings-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function fileWith(text: string): string {
  const path = join(folder, 'value');
  writeFileSync(path, text);
  return path;
}

describe('DP2 settings in files', () => {
  it('are read as if they stood in the environment, without the newline at their end', () =>
    expect(readSettings({ CARREL_PORT_FILE: fileWith('9001\n') })).toMatchObject({ port: 9001 }));

  it('are told like others where they are not as expected, and a secret is not shown', () => {
    expect(() => readSettings({ CARREL_PORT_FILE: fileWith('many') })).toThrow('a port from 1 to 65535, got "many"');
    const secret = fileWith('mysql://ada:horse@db/x');
    expect(() => readSettings({ CARREL_DATABASE_FILE: secret })).toThrow(expect.not.stringContaining('horse'));
  });

  it('are refused beside the setting itself', () =>
    expect(() => readSettings({ CARREL_PORT: '1', CARREL_PORT_FILE: fileWith('2') })).toThrow(
      'expected CARREL_PORT or CARREL_PORT_FILE, got both',
    ));

  it('are refused where the file cannot be read, with its path', () =>
    expect(() => readSettings({ CARREL_PORT_FILE: join(folder, 'none') })).toThrow(/CARREL_PORT_FILE .*none.*ENOENT/));

  it('do not take CARREL_LOG_FILE for the file of CARREL_LOG', () =>
    expect(readSettings({ CARREL_LOG_FILE: '-' })).toMatchObject({ logLevel: 'info' }));

  it('are refused for names that are no setting', () =>
    expect(() => readSettings({ CARREL_PROT_FILE: fileWith('1') })).toThrow('got CARREL_PROT_FILE'));
});
