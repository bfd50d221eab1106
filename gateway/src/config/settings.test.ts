import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSettings, settingsHelp } from './settings.ts';

describe('settings', () => {
  it('have a default each', () => {
    expect(readSettings({})).toEqual({
      bind: '127.0.0.1',
      port: 8888,
      dataFolder: resolve('data'),
      policyFolder: resolve('policies'),
      wardenSocket: resolve('data/warden.sock'),
      kernelImage: 'carrel-kernel',
      base: '',
      hosts: [],
      proxies: ['127.0.0.1', '::1'],
      requestsPerAddress: 60_000,
      filesPerPerson: 2 * 2 ** 30,
      requestsPerPerson: 6000,
      signUp: 'off',
      standBy: 'off',
      plainHttp: 'refuse',
      tokenlessSockets: 'loopback',
      metrics: 'off',
      metricsPort: 9464,
      orphanSeconds: 600,
      logLevel: 'info',
      logFile: resolve('data/carrel.log'),
      docker: {},
    });
  });

  it('LC9 of several gateways come together, or are refused with what is missing', () => {
    const redis = 'redis://:secret@redis:6379';
    const alone = () => readSettings({ CARREL_REDIS: redis });
    expect(alone).toThrow(
      /expected CARREL_DATABASE with CARREL_REDIS: [\s\S]*expected CARREL_INTERNAL with CARREL_REDIS: /,
    );
    expect(alone).not.toThrow(/secret/);
    const shared = { CARREL_REDIS: redis, CARREL_DATABASE: 'postgres://h/d' };
    expect(readSettings({ ...shared, CARREL_INTERNAL: '8889' })).toMatchObject({ redis, internal: { port: 8889 } });
    const one = readSettings({ ...shared, CARREL_INTERNAL: '10.0.0.5:8889' });
    expect(one.internal).toEqual({ host: '10.0.0.5', port: 8889 });
    const six = readSettings({ ...shared, CARREL_INTERNAL: '[fd00::5]:8889' });
    expect(six.internal).toEqual({ host: 'fd00::5', port: 8889 });
    for (const wrong of ['host:8889', '0', '10.0.0.5', '10.0.0.999:1'])
      expect(() => readSettings({ ...shared, CARREL_INTERNAL: wrong })).toThrow(
        /expected CARREL_INTERNAL to be a port such as/,
      );
    const other = () => readSettings({ CARREL_REDIS: 'http://:secret@redis' });
    expect(other).toThrow(/expected CARREL_REDIS to be an address such as .*got something else/);
  });

  it('come from the environment', () => {
    const environment = {
      CARREL_BIND: '0.0.0.0',
      CARREL_PORT: '80',
      CARREL_DATA: '/var/lib/carrel',
      CARREL_BASE_URL: '/carrel/',
      CARREL_PUBLIC_URL: 'https://notebooks.example.org/',
      CARREL_HOSTS: 'a.example.org, B.example.org',
      CARREL_WARDEN_SOCKET: '/run/carrel/warden.sock',
      CARREL_KERNEL_IMAGE: 'registry.example.org/carrel-kernel:2',
      CARREL_PROXIES: '10.0.0.1, 2001:DB8::1, 172.16.0.0/12',
      CARREL_SIGN_UP: 'open',
      CARREL_TOKENLESS_SOCKETS: 'off',
      CARREL_ORPHAN: '90 s',
      CARREL_LOG: 'debug',
      CARREL_LOG_FILE: '/var/log/carrel.log',
      DOCKER_HOST: 'tcp://engine:2376',
      HOME: '/root',
    };
    expect(readSettings(environment)).toMatchObject({
      bind: '0.0.0.0',
      port: 80,
      dataFolder: '/var/lib/carrel',
      base: '/carrel',
      publicUrl: 'https://notebooks.example.org',
      hosts: ['a.example.org', 'b.example.org'],
      wardenSocket: '/run/carrel/warden.sock',
      kernelImage: 'registry.example.org/carrel-kernel:2',
      proxies: ['10.0.0.1', '2001:db8::1', '172.16.0.0/12'],
      signUp: 'open',
      tokenlessSockets: 'off',
      orphanSeconds: 90,
      logLevel: 'debug',
      logFile: '/var/log/carrel.log',
      docker: { DOCKER_HOST: 'tcp://engine:2376' },
    });
  });

  it('log to standard error where asked', () =>
    expect(readSettings({ CARREL_LOG_FILE: '-' })).not.toHaveProperty('logFile'));

  it.each([
    ['CARREL_PORT', 'abc', 'expected CARREL_PORT to be a port from 1 to 65535, got "abc"'],
    ['CARREL_PORT', '0', 'a port from 1 to 65535, got "0"'],
    ['CARREL_PORT', '65536', 'got "65536"'],
    ['CARREL_BIND', '', 'expected CARREL_BIND to be an IP address or a host name, got ""'],
    ['CARREL_BASE_URL', 'carrel', 'a path such as "/" or "/carrel/", got "carrel"'],
    ['CARREL_BASE_URL', '/a/../b', 'got "/a/../b"'],
    ['CARREL_PUBLIC_URL', 'https://a.example.org/notebooks', 'an origin such as'],
    ['CARREL_PUBLIC_URL', 'javascript:1', 'an origin such as'],
    ['CARREL_HOSTS', 'a b', 'host names separated by commas, got "a b"'],
    ['CARREL_DATABASE', 'mysql://ada:secret@db/x', 'or the path of a file that holds one, got something else'],
    ['CARREL_PROXIES', 'proxy.example', 'IP addresses or ranges of them separated by commas, got "proxy.example"'],
    ['CARREL_PROXIES', '10.0.0.0/33', 'ranges of them separated by commas, got "10.0.0.0/33"'],
    ['CARREL_KERNEL_IMAGE', 'a b', 'the name of an image, such as "carrel-kernel:1.0", got "a b"'],
    ['CARREL_WARDEN_SOCKET', '', 'expected CARREL_WARDEN_SOCKET to be a path, got ""'],
    ['CARREL_SIGN_UP', 'yes', 'one of off, open, got "yes"'],
    ['CARREL_TOKENLESS_SOCKETS', 'yes', 'one of off, loopback, network, got "yes"'],
    ['CARREL_ORPHAN', '1 s', 'a duration of at least 10 s, such as "10 min", got "1 s"'],
    ['CARREL_LOG', 'loud', 'one of debug, info, warn, error, silent, got "loud"'],
    ['CARREL_PROT', '8888', 'expected only known settings (CARREL_BIND, CARREL_PORT'],
  ])('%s=%s is refused in words', (name, text, words) => {
    expect(() => readSettings({ [name]: text })).toThrow(words);
  });

  it('are refused all at once', () => {
    const both = () => readSettings({ CARREL_PORT: 'x', CARREL_LOG: 'y' });
    expect(both).toThrow(
      expect.objectContaining({
        code: 'invalid_settings',
        message: expect.stringMatching(/CARREL_PORT.*\n.*CARREL_LOG/),
      }),
    );
  });

  it('are listed for --help, one a line', () => {
    const lines = settingsHelp().split('\n');
    expect(lines.find((line) => line.includes('CARREL_PORT'))).toMatch(
      /CARREL_PORT +8888 +port that the gateway listens on/,
    );
    expect(lines.some((line) => line.includes('DOCKER_HOST'))).toBe(true);
  });
});
