/** What the preparation decides, without an engine. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { basesOf } from './base-images.ts';
import { missingPackages } from './debian.mjs';
import { dependenciesAreInstalled } from './dependencies.mjs';
import { nextStep } from './engine.ts';
import { offerRunsc } from './engine-runsc.ts';
import { contentHash, sourcesOf } from './kernel-image.ts';
import { run, step } from './steps.mjs';
import { pageSourcesOf } from './web-pages.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'carrel-setup-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const put = (path: string, content: string) => {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), content);
};

describe('an engine that does not answer', () => {
  const host = { root: true, debian: true, installed: false, named: false };
  const next = (change: object) => nextStep({ ...host, ...change }, '/var/run/docker.sock', 'no such file');

  it('is installed for root on a Debian system, and started where it is installed', () => {
    expect(next({})).toBe('install');
    expect(next({ installed: true })).toBe('start');
    expect(next({ installed: true, debian: false })).toBe('start');
  });

  it('is never touched when DOCKER_HOST names it', () => {
    expect(next({ named: true })).toEqual({ explain: expect.stringContaining('DOCKER_HOST names this engine') });
    expect(next({ named: true, installed: true })).toEqual({
      explain: expect.stringContaining('nothing was installed'),
    });
  });

  it('is explained in two lines elsewhere', () => {
    for (const change of [{ root: false }, { debian: false }, { root: false, installed: true }]) {
      const answer = next(change);
      if (typeof answer === 'string') throw new Error(`expected an explanation, got ${answer}`);
      expect(answer.explain.split('\n')).toHaveLength(2);
    }
  });
});

describe('runsc', () => {
  it('is offered by a new configuration file only, never by changing one', () => {
    const file = join(folder, 'docker/daemon.json');
    expect(offerRunsc(undefined, '/bin/sh', file)).toBe(process.getuid?.() === 0);
    if (process.getuid?.() === 0)
      expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
        runtimes: { runsc: { path: '/bin/sh', runtimeArgs: ['--network=none', '--platform=ptrace'] } },
      });
    put('docker/daemon.json', '{}');
    expect(offerRunsc(undefined, '/bin/sh', file)).toBe(false);
    expect(readFileSync(file, 'utf8')).toBe('{}');
  });

  it('is left alone where the program is missing', () => {
    expect(offerRunsc(undefined, join(folder, 'runsc'), join(folder, 'daemon.json'))).toBe(false);
  });
});

it('a package counts as installed only with the whole status', () => {
  const status =
    'Package: a\nStatus: install ok installed\nVersion: 1\n\nPackage: b\nStatus: deinstall ok config-files\n\nPackage: aa\nStatus: install ok installed\n';
  expect(missingPackages(['a', 'b', 'c', 'aa'], status)).toEqual(['b', 'c']);
});

it('base images are those that a Dockerfile does not make itself', () => {
  const text =
    'FROM debian:trixie-slim AS build\nRUN x\nFROM build AS more\nfrom --platform=linux/amd64 debian:sid-slim\nCOPY --from=build a b\nFROM scratch\n';
  expect(basesOf(text)).toEqual(['debian:trixie-slim', 'debian:sid-slim']);
});

describe('the hash of the kernel image', () => {
  const hash = (bases = ['sha256:1']) => contentHash(folder, sourcesOf(folder), bases);
  beforeEach(() => {
    put('Dockerfile', 'FROM x');
    put('agent/main.py', 'print(1)');
  });

  it('changes with a content, a name and a base', () => {
    const before = hash();
    expect(before).toMatch(/^[0-9a-f]{12}$/);
    expect(hash(['sha256:2'])).not.toBe(before);
    put('agent/main.py', 'print(2)');
    const changed = hash();
    expect(changed).not.toBe(before);
    put('agent/more.py', '');
    expect(hash()).not.toBe(changed);
  });

  it('does not change with tests and compiled files', () => {
    const before = hash();
    put('agent/tests/test_main.py', 'x');
    put('agent/__pycache__/main.pyc', 'x');
    expect(hash()).toBe(before);
  });
});

it('pages are built from their sources, what they share with the gateway and the packages, not from tests and what was built', () => {
  for (const path of [
    'gateway/web/index.html',
    'gateway/web/src/a.tsx',
    'gateway/src/wire/b.ts',
    'gateway/src/base/c.ts',
  ])
    put(path, '');
  const made = ['gateway/web/dist/index.html', 'gateway/web/src/a.test.tsx', 'gateway/src/wire/b.test.ts'];
  for (const path of [...made, 'gateway/src/store/d.ts', 'package-lock.json']) put(path, '');
  expect(pageSourcesOf(folder)).toEqual([
    'gateway/src/base/c.ts',
    'gateway/src/wire/b.ts',
    'gateway/web/index.html',
    'gateway/web/src/a.tsx',
    'package-lock.json',
  ]);
});

describe('Node packages', () => {
  const lock = (packages: object) => put('package-lock.json', JSON.stringify({ packages: { '': {}, ...packages } }));
  const installed = (packages: object) => {
    put('node_modules/.bin/node', '');
    put('node_modules/.package-lock.json', JSON.stringify({ packages }));
  };

  it('are installed when npm has written down exactly what the lock file names, optional ones aside', () => {
    lock({ 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': { version: '1.0.0', optional: true } });
    expect(dependenciesAreInstalled(folder)).toBe(false);
    installed({ 'node_modules/a': { version: '1.0.0' } });
    expect(dependenciesAreInstalled(folder)).toBe(true);
  });

  it('are not when one is missing, older, or no longer named', () => {
    lock({ 'node_modules/a': { version: '1.0.0' } });
    installed({});
    expect(dependenciesAreInstalled(folder)).toBe(false);
    installed({ 'node_modules/a': { version: '0.9.0' } });
    expect(dependenciesAreInstalled(folder)).toBe(false);
    installed({ 'node_modules/a': { version: '1.0.0' }, 'node_modules/z': { version: '1.0.0' } });
    expect(dependenciesAreInstalled(folder)).toBe(false);
  });

  it('are not where an npm that does not know allowScripts has built an addon for the Node of the host', () => {
    lock({ 'node_modules/a': { version: '1.0.0' } });
    installed({ 'node_modules/a': { version: '1.0.0' } });
    put('node_modules/cpu-features/build/Release/cpufeatures.node', '');
    expect(dependenciesAreInstalled(folder)).toBe(false);
  });
});

describe('a step', () => {
  it('answers what its work answers, and hands its failure on', async () => {
    expect(await step('quick', async () => 7)).toBe(7);
    await expect(step('broken', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  });

  it('a program that fails is told with its status and the end of what it printed', async () => {
    await expect(run('sh', ['-c', 'echo one; echo two >&2; exit 3'])).rejects.toThrow(/status 3:\n(one\ntwo|two\none)/);
    await expect(run(join(folder, 'nothing'), [])).rejects.toThrow('could not be run');
    expect(await run('sh', ['-c', 'printf "a\\nb"'])).toBe('a\nb');
  });
});
