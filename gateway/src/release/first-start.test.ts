import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { prepareVolumes, USERS } from './first-start.ts';

let folder: string;
let owners: Map<string, string>;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'carrel-volumes-'));
  owners = new Map();
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A file's owner is known by its last name: it is given away before it is renamed. */
const prepare = () =>
  prepareVolumes(folder, (path, owner, group) => {
    owners.set(path.slice(folder.length + 1).replace(/[.]draft$/, ''), `${owner}:${group}`);
  });
const text = (path: string) => readFileSync(join(folder, path), 'utf8').trim();
const mode = (path: string) => (statSync(join(folder, path)).mode & 0o7777).toString(8);

it('DP3 the first start makes a password for each store, and a second one keeps it', () => {
  expect(prepare()).toEqual([
    'secrets/postgres/password',
    'secrets/gateway/database',
    'secrets/redis/redis.conf',
    'secrets/gateway/redis',
    'secrets/gateway/metrics',
  ]);
  const password = text('secrets/postgres/password');
  expect(password).toMatch(/^[\w-]{43}$/);
  expect(text('secrets/gateway/database')).toBe(`postgres://carrel:${password}@postgres:5432/carrel`);
  const rule = text('secrets/redis/redis.conf');
  expect(rule).toMatch(/^requirepass [\w-]{43}$/);
  expect(text('secrets/gateway/redis')).toBe(`redis://:${rule.split(' ')[1]}@redis:6379`);
  expect(rule).not.toContain(password);
  expect(prepare()).toEqual([]);
  expect(text('secrets/postgres/password')).toBe(password);
});

it('DP3 each secret can be read by one user alone', () => {
  prepare();
  const secrets = { database: USERS.gateway, redis: USERS.gateway };
  for (const [name, owner] of Object.entries(secrets))
    expect([owners.get(`secrets/gateway/${name}`), mode(`secrets/gateway/${name}`)]).toEqual([
      `${owner}:${owner}`,
      '400',
    ]);
  expect([owners.get('secrets/postgres/password'), mode('secrets/postgres/password')]).toEqual(['999:999', '400']);
  expect([owners.get('secrets/redis/redis.conf'), mode('secrets/redis')]).toEqual(['10004:10004', '500']);
  expect(mode('secrets')).toBe('711');
});

it('DP4 the folder of the socket belongs to the warden and gives what is in it to the gateway’s group', () => {
  prepare();
  expect([owners.get('socket'), mode('socket')]).toEqual([`${USERS.warden}:${USERS.gateway}`, '2750']);
  expect([owners.get('gateway'), mode('gateway')]).toEqual([`${USERS.gateway}:${USERS.gateway}`, '700']);
});

it('DP3 a password that is there is used where only what follows from it is missing', () => {
  prepare();
  const password = text('secrets/postgres/password');
  rmSync(join(folder, 'secrets/gateway/database'));
  writeFileSync(join(folder, 'gateway/kept'), '');
  expect(prepare()).toEqual(['secrets/gateway/database']);
  expect(text('secrets/gateway/database')).toContain(password);
});
