import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ImageTarget, loadBundle } from './load-bundle.ts';
import { type BundleParts, type ImageSource, writeBundle } from './write-bundle.ts';

let folder: string;
let bundle: string;
let loaded: Buffer[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'carrel-bundle-'));
  bundle = join(folder, 'carrel.tar');
  loaded = [];
  const program = join(folder, 'program');
  mkdirSync(join(program, 'ops/docker'), { recursive: true });
  mkdirSync(join(program, 'ops/caddy/certificates'), { recursive: true });
  writeFileSync(join(program, 'compose.yaml'), 'name: carrel\n');
  writeFileSync(join(program, '.env.example'), '#\n');
  writeFileSync(join(program, 'ops/docker/carrel'), '#!/bin/sh\n');
  chmodSync(join(program, 'ops/docker/carrel'), 0o755);
  writeFileSync(join(program, 'ops/caddy/certificates/key.pem'), 'a secret of the site');
});
afterEach(() => rmSync(folder, { recursive: true }));

const ARCHIVE = 'what docker save answers '.repeat(5000);
const source: ImageSource = {
  find: async (name) => ({ name, id: `sha256:${'a'.repeat(64)}`, architecture: 'amd64' }),
  save: async () => Readable.from([Buffer.from(ARCHIVE)]),
};
const target: ImageTarget = {
  architecture: async () => 'amd64',
  load: async (archive) => {
    for await (const chunk of archive) loaded.push(chunk as Buffer);
  },
};
const parts = (change: Partial<BundleParts> = {}): BundleParts => ({
  images: ['carrel-gateway:1', 'redis:8'],
  source,
  program: join(folder, 'program'),
  version: '1.2.3',
  now: new Date('2026-01-02T03:04:05Z'),
  ...change,
});
const into = () => join(folder, 'into');

describe('DP10 a bundle', () => {
  it('holds images and release, and brings both to another machine', async () => {
    const { manifest } = await writeBundle(bundle, parts());
    expect(manifest.images.map(({ name }) => name)).toEqual(['carrel-gateway:1', 'redis:8']);
    const { folder: place } = await loadBundle(bundle, target, into());
    expect(Buffer.concat(loaded).toString()).toBe(ARCHIVE);
    expect(readFileSync(join(place, 'compose.yaml'), 'utf8')).toBe('name: carrel\n');
    expect(statSync(join(place, 'ops/docker/carrel')).mode & 0o777).toBe(0o755);
  });

  it('keeps a site’s certificates to the site', async () => {
    await writeBundle(bundle, parts());
    execFileSync('sh', ['-c', 'tar -xf carrel.tar && tar -xzf carrel-1.2.3/release.tar.gz'], { cwd: folder });
    expect(execFileSync('find', ['ops'], { cwd: folder, encoding: 'utf8' })).not.toContain('key.pem');
  });

  it('loads with nothing but tar, sha256sum and docker', async () => {
    await writeBundle(bundle, parts());
    const docker = join(folder, 'docker');
    writeFileSync(docker, '#!/bin/sh\ncat > loaded\n');
    chmodSync(docker, 0o755);
    const env = { ...process.env, PATH: `${folder}:${process.env['PATH']}` };
    const told = execFileSync('sh', ['-c', 'tar -xf carrel.tar && sh carrel-1.2.3/load.sh'], {
      cwd: folder,
      env,
      encoding: 'utf8',
    });
    expect(told).toContain('images.tar.gz: OK');
    expect(readFileSync(join(folder, 'carrel-1.2.3/loaded'), 'utf8')).toBe(ARCHIVE);
    expect(statSync(join(folder, 'carrel-1.2.3/compose.yaml')).isFile()).toBe(true);
  });

  it('names the images that are missing, and never replaces a file', async () => {
    const find = async (name: string) => (name === 'redis:8' ? undefined : source.find(name));
    await expect(writeBundle(bundle, parts({ source: { ...source, find } }))).rejects.toThrow(
      'these images are not on the engine: redis:8; `docker compose build`',
    );
    writeFileSync(bundle, 'precious');
    await expect(writeBundle(bundle, parts())).rejects.toThrow('there is a file');
    expect(readFileSync(bundle, 'utf8')).toBe('precious');
  });

  it('leaves nothing where the engine breaks off', async () => {
    const save = async () =>
      Readable.from(
        (async function* () {
          yield Buffer.alloc(200_000, 'x');
          throw new Error('the engine is gone');
        })(),
      );
    await expect(writeBundle(bundle, parts({ source: { ...source, save } }))).rejects.toThrow('the engine is gone');
    expect(execFileSync('ls', [folder], { encoding: 'utf8' })).not.toContain('carrel.tar');
  });
});

describe('DP11 nothing is loaded of a bundle', () => {
  it.each([
    [
      'whose images were changed',
      (file: Buffer) => flip(file, file.indexOf('/images.tar.gz') + 600),
      'images.tar.gz: its checksum is',
    ],
    [
      'whose manifest was changed',
      (file: Buffer) => replace(file, '"made": "2026', '"made": "2025'),
      'manifest.json: its checksum',
    ],
    [
      'whose checksums were changed',
      (file: Buffer) => flip(file, file.lastIndexOf('  images.tar.gz') - 1),
      'different checksums',
    ],
  ])('%s', async (_, change, message) => {
    await writeBundle(bundle, parts());
    writeFileSync(bundle, change(readFileSync(bundle)));
    await expect(loadBundle(bundle, target, into())).rejects.toThrow(message);
    expect(loaded).toEqual([]);
  });

  it('that is cut off, or is something else', async () => {
    await writeBundle(bundle, parts());
    truncateSync(bundle, 3000);
    await expect(loadBundle(bundle, target, into())).rejects.toThrow(/cut off at byte/);
    writeFileSync(bundle, 'x'.repeat(2000));
    await expect(loadBundle(bundle, target, into())).rejects.toThrow('there is no entry of a tar archive');
    await expect(loadBundle(join(folder, 'none'), target, into())).rejects.toThrow('cannot be opened');
  });

  it('for another processor, or into a folder that holds something', async () => {
    await writeBundle(bundle, parts());
    const arm = { ...target, architecture: async () => 'arm64' };
    await expect(loadBundle(bundle, arm, into())).rejects.toThrow(
      'made for amd64 (carrel-gateway:1), this engine runs arm64',
    );
    await expect(loadBundle(bundle, target, folder)).rejects.toThrow('holds something already');
    expect(loaded).toEqual([]);
  });
});

function flip(file: Buffer, at: number): Buffer {
  file[at] = (file[at] ?? 0) ^ 1;
  return file;
}

function replace(file: Buffer, from: string, to: string): Buffer {
  file.write(to, file.indexOf(from));
  return file;
}
