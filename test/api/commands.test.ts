/** The commands as processes of their own, on a data folder of their own; no engine is asked. */
import { spawn } from 'node:child_process';
import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lockDataFolder } from '../../gateway/src/store/data-lock.ts';
import { openStore } from '../../gateway/src/store/store.ts';

const main = resolve(import.meta.dirname, '../../gateway/src/cli/main.ts');
let data: string;
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'carrel-commands-'));
});
afterEach(() => rm(data, { recursive: true, force: true }));

function carrel(args: string[], env: Record<string, string> = {}): Promise<{ code: number | null; out: string }> {
  const child = spawn(process.execPath, [main, ...args], { env: { ...process.env, CARREL_DATA: data, ...env } });
  let out = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      out += chunk;
    });
  return new Promise((done) => child.once('close', (code) => done({ code, out })));
}

describe('user', () => {
  test('add, token, list, disable, enable, revoke', async () => {
    expect(await carrel(['user', 'add', 'ada', '--role', 'instructor'])).toEqual({
      code: 0,
      out: 'user ada (instructor) made; `user token ada` makes an address to sign in with\n',
    });
    const made = await carrel(['user', 'token', 'ada', '--days', '3', '--label', 'laptop'], { CARREL_PORT: '9000' });
    expect(made.out).toMatch(/valid for 3 days:\n(\S+)\naddress .*:\nhttp:\/\/127\.0\.0\.1:9000\/\?token=\1\n$/);
    const listed = (await carrel(['user', 'list'])).out;
    const [, id = ''] = /token (\S+) {2}until \d{4}-\d\d-\d\d {2}last used never {2}laptop/.exec(listed) ?? [];
    expect(listed).toMatch(/^ada {2}instructor\n/);
    expect((await carrel(['user', 'token', '--revoke', id])).out).toMatch(/revoked/);
    expect((await carrel(['user', 'list'])).out).toBe('ada  instructor\n');
    await carrel(['user', 'disable', 'ada']);
    expect((await carrel(['user', 'list'])).out).toBe('ada  instructor  disabled\n');
    expect(await carrel(['user', 'token', 'ada'])).toEqual({
      code: 1,
      out: 'carrel: user ada is disabled; `user enable ada` comes first\n',
    });
    expect((await carrel(['user', 'enable', 'ada'])).out).toBe('user ada is enabled\n');
    await using store = await openStore(data);
    expect(await store.users.byName('ada')).toMatchObject({ role: 'instructor', disabled: false });
  }, 60_000);

  test('AC19 invite and reset make a link, of which the store has the hash; disabling ends it', async () => {
    const made = await carrel(['user', 'invite', 'ada', '--role', 'admin', '--days', '3'], { CARREL_PORT: '9000' });
    const [, key = ''] =
      /ada sets a password, once, until .*\nhttp:\/\/127\.0\.0\.1:9000\/invite#([\w-]{43})\n$/.exec(made.out) ?? [];
    expect([made.code, key]).toEqual([0, expect.stringMatching(/^.{43}$/)]);
    const again = await carrel(['user', 'reset', 'ada']);
    expect(again.out).toMatch(/\/invite#[\w-]{43}\n$/);
    expect(again.out).not.toContain(key);
    expect((await carrel(['user', 'invite', 'ADA'])).out).toBe('carrel: there is a user "ada" already\n');
    const links = async () => {
      await using store = await openStore(data);
      const [user] = await store.users.list();
      return { role: user?.role, links: await store.invitations.list(Date.now()) };
    };
    const listed = await links();
    expect(listed).toMatchObject({ role: 'admin', links: [{ purpose: 'invite' }] });
    const days = ((listed.links[0]?.endsAt ?? 0) - Date.now()) / 86_400_000;
    expect(Math.round(days)).toBe(7);
    await carrel(['user', 'disable', 'ada']);
    expect((await links()).links).toEqual([]);
    expect((await carrel(['user', 'reset', 'ada'])).out).toMatch(/is disabled; `user enable ada` comes first/);
  }, 60_000);

  test.each([
    [['user', 'reset', 'nobody'], /there is no user "nobody"/],
    [['user', 'invite', 'ada', '--days', '0'], /1 to 3650 days/],
    [['user', 'token', 'nobody'], /there is no user "nobody"/],
    [['user', 'disable', 'nobody'], /there is no user "nobody"/],
    [['user', 'token'], /expected the name of a user, or --revoke ID/],
    [['user', 'token', '--revoke', 'x'], /there is no token "x"/],
    [['user', 'token', 'ada', '--days', '0'], /1 to 3650 days/],
    [['user', 'add', 'a b'], /expected a user name of/],
    [['user', 'add', 'ada', '--role', 'king'], /Allowed choices are admin, instructor, member/],
  ])('%j is explained in one line', async (args, message) => {
    const { code, out } = await carrel(args);
    expect([code, out.trim()]).toEqual([1, expect.stringMatching(message)]);
    expect(out.trim().split('\n')).toHaveLength(1);
  });
});

describe('settings', () => {
  test('--help lists them', async () => {
    const { code, out } = await carrel(['--help']);
    expect([code, out]).toEqual([0, expect.stringMatching(/CARREL_PORT +8888 +\S/)]);
    expect(out).toMatch(/serve.*gateway.*warden.*user.*policy/s);
  });

  test('a wrong one is named with what was expected', async () => {
    const { code, out } = await carrel(['serve'], { CARREL_PORT: 'http' });
    expect([code, out]).toEqual([78, expect.stringMatching(/expected CARREL_PORT to be a port .*, got "http"/)]);
    expect(out).not.toMatch(/\n\s+at /);
  });

  test('a data folder that another Carrel uses is not touched', async () => {
    using _held = lockDataFolder(data);
    const { code, out } = await carrel(['serve']);
    expect([code, out]).toEqual([
      78,
      expect.stringMatching(/^carrel: another Carrel is running on the data folder .*CARREL_DATA/),
    ]);
    await expect(stat(join(data, 'carrel.sqlite'))).rejects.toThrow();
  });

  test('a data folder that cannot be used is named', async () => {
    await writeFile(join(data, 'file'), '');
    await chmod(join(data, 'file'), 0o600);
    const { code, out } = await carrel(['serve'], { CARREL_DATA: join(data, 'file', 'deep') });
    expect([code, out]).toEqual([
      78,
      expect.stringMatching(/^carrel: the data folder .* \(CARREL_DATA\) cannot be used: /),
    ]);
  });
});
