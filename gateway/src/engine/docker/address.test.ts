import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { findDockerAddress, showAddress } from './address.ts';

const folder = mkdtempSync(join(tmpdir(), 'carrel-tls-'));
for (const name of ['ca', 'cert', 'key']) writeFileSync(join(folder, `${name}.pem`), `the ${name}`);
afterAll(() => rmSync(folder, { recursive: true }));
const tls = { ca: 'the ca', cert: 'the cert', key: 'the key' };

describe('DOCKER_HOST', () => {
  it.each([
    ['unix:///run/other.sock', { kind: 'socket', path: '/run/other.sock' }],
    ['unix://', { kind: 'socket', path: '/var/run/docker.sock' }],
    ['tcp://127.0.0.1:2375', { kind: 'tcp', host: '127.0.0.1', port: 2375 }],
    ['tcp://[::1]:4000', { kind: 'tcp', host: '::1', port: 4000 }],
    ['localhost:2375', { kind: 'tcp', host: 'localhost', port: 2375 }],
    ['tcp://engine.example.org:2376', { kind: 'tcp', host: 'engine.example.org', port: 2376, tls }],
    ['tcp://10.0.0.7:5555', { kind: 'tcp', host: '10.0.0.7', port: 5555, tls }, '1'],
    ['tcp://engine', { kind: 'tcp', host: 'engine', port: 2376, tls }, '1'],
  ])('%s', (host, address, verify = '') => {
    const found = findDockerAddress({ DOCKER_HOST: host, DOCKER_TLS_VERIFY: verify, DOCKER_CERT_PATH: folder });
    expect(found).toEqual({ address, strategy: 'DOCKER_HOST' });
  });

  it.each([
    ['tcp://10.0.0.7:2375', 'an engine on an open port is root for everybody'],
    ['ssh://root@engine', 'unix:///PATH or tcp://HOST:PORT, got "ssh://root@engine"'],
    ['unix://relative', 'unix:// and an absolute path'],
    ['tcp://', 'unix:///PATH or tcp://HOST:PORT'],
    ['tcp://localhost:2375/path', 'unix:///PATH or tcp://HOST:PORT'],
  ])('%s is refused in words', (host, words) => {
    expect(() => findDockerAddress({ DOCKER_HOST: host })).toThrow(words);
  });

  it('a certificate that is missing is named with its path', () => {
    const variables = { DOCKER_HOST: 'tcp://engine:2376', DOCKER_CERT_PATH: '/nowhere' };
    expect(() => findDockerAddress(variables)).toThrow(
      expect.objectContaining({
        code: 'invalid_settings',
        message: expect.stringContaining('ENOENT for /nowhere/ca.pem'),
      }),
    );
  });
});

describe('without DOCKER_HOST', () => {
  const rootless = '/run/user/7/docker.sock';
  it.each([
    ['/var/run/docker.sock', 'system socket'],
    [rootless, 'rootless socket in XDG_RUNTIME_DIR'],
    [`/run/user/${process.getuid?.()}/docker.sock`, 'rootless socket of this user'],
  ])('the first socket that may be opened is taken: %s', (path, strategy) => {
    const found = findDockerAddress({ XDG_RUNTIME_DIR: '/run/user/7' }, (candidate) => candidate === path);
    expect(found).toEqual({ address: { kind: 'socket', path }, strategy });
  });

  it('the system’s socket stands for all where there is none, so that the message names it', () => {
    expect(findDockerAddress({}, () => false).address).toEqual({ kind: 'socket', path: '/var/run/docker.sock' });
  });
});

it('shows addresses without secrets', () => {
  expect(showAddress({ kind: 'tcp', host: 'engine', port: 2376, tls })).toBe('tcp://engine:2376 (TLS)');
});
