/**
 * `carrel bundle` as two machines use it, with the engine's own archives: the images are taken away between writing and loading. One small
 * image stands for all six, since what is in them makes no difference here.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stackImages } from '../../gateway/src/release/stack-images.ts';
import { ensureBaseImage } from '../../setup/base-images.ts';
import { ensureEngine } from '../../setup/engine.ts';
import { engineOfTests } from './engine.ts';

const BASE = 'debian:trixie-slim';
const run = promisify(execFile);
const docker = engineOfTests();
let folder: string;
let environment: Record<string, string>;
let names: string[];
let id: string;

beforeAll(async () => {
  await ensureBaseImage(await ensureEngine(), BASE);
  folder = await mkdtemp(join(tmpdir(), 'carrel-bundle-'));
  const prefix = `${folder.slice(folder.lastIndexOf('/') + 1).toLowerCase()}/`;
  const others = ['CADDY', 'POSTGRES', 'REDIS'].map((name) => [
    `STACK_IMAGE_${name}`,
    `${prefix}${name.toLowerCase()}:1`,
  ]);
  environment = { STACK_IMAGES: prefix, STACK_VERSION: '1', ...Object.fromEntries(others) };
  names = stackImages(environment, '1');
  const made = await docker.createContainer({ Image: BASE, Cmd: ['true'] });
  id = (await made.commit({ changes: `LABEL carrel.test=${prefix}` })).Id;
  await made.remove();
  for (const name of names) await docker.getImage(id).tag({ repo: name.slice(0, -2), tag: '1' });
});

afterAll(async () => {
  for (const name of names)
    await docker
      .getImage(name)
      .remove({ force: true })
      .catch(() => {});
  await rm(folder, { recursive: true, force: true });
});

const carrel = async (...args: string[]) => {
  const program = resolve(import.meta.dirname, '../../gateway/src/cli/main.ts');
  const { stdout } = await run(process.execPath, [program, ...args], {
    cwd: folder,
    env: { ...process.env, ...environment },
  });
  return stdout;
};

test('DP10 a bundle brings all images and the release to an engine that has none of them', async () => {
  const wrote = await carrel('bundle', 'carrel.bundle');
  for (const name of names) expect(wrote).toContain(`${name}  ${id}`);
  for (const name of names) await docker.getImage(name).remove();
  await expect(docker.getImage(id).inspect()).rejects.toThrow('no such image');

  const told = await carrel('bundle', '--load', 'carrel.bundle', '--into', 'release');
  expect(told).toContain(join(folder, 'release'));
  for (const name of names) expect([name, (await docker.getImage(name).inspect()).Id]).toEqual([name, id]);
  for (const name of [
    'compose.yaml',
    '.env.example',
    'ops/caddy/Caddyfile',
    'policies/site.yaml',
    'docs/admin/install.md',
  ])
    expect([name, existsSync(join(folder, 'release', name))]).toEqual([name, true]);
});
