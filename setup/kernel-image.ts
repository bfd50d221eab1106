/**
 * The kernel image, built from `kernel-image/` by the classic builder of the engine's API, which every engine has. Its tag is a
 * hash of what it is made from: where that tag exists there is nothing to build.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import type { DockerConnection } from '../gateway/src/engine/docker/docker-connection.ts';
import { basesOf, ensureBaseImage } from './base-images.ts';
import { buildImage, imageId, tagImage } from './image-calls.ts';
import { type Note, SetupError, step } from './steps.mjs';

export const IMAGE = 'carrel-kernel';
const FOLDER = resolve(import.meta.dirname, '../kernel-image');
/** Names of files and folders that never reach the image, and so do not count. */
const LEFT_OUT = new Set(['tests', '__pycache__', 'README.md']);

/** Paths below the folder that the image is made from, sorted. */
export function sourcesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((path) => !path.split(sep).some((part) => LEFT_OUT.has(part)))
    .sort();
}

/** Twelve hex digits over the names, modes and contents of the files and the ids of the base images. */
export function contentHash(folder: string, paths: readonly string[], bases: readonly string[]): string {
  const hash = createHash('sha256');
  for (const base of bases) hash.update(`base ${base}\n`);
  for (const path of paths) {
    const content = readFileSync(join(folder, path));
    const executable = (statSync(join(folder, path)).mode & 0o111) !== 0;
    hash.update(`${path} ${executable} ${content.length}\n`).update(content);
  }
  return hash.digest('hex').slice(0, 12);
}

/** Afterwards `carrel-kernel:latest` is the image of the present sources. Answers its tag that names these. */
export async function ensureKernelImage(connection: DockerConnection): Promise<string> {
  const paths = sourcesOf(FOLDER);
  const bases = basesOf(readFileSync(join(FOLDER, 'Dockerfile'), 'utf8'));
  const ids: string[] = [];
  for (const base of bases) ids.push(await ensureBaseImage(connection, base));
  const tag = contentHash(FOLDER, paths, ids);
  if ((await imageId(connection, `${IMAGE}:${tag}`)) === undefined) {
    await step(`building ${IMAGE}:${tag}, some minutes the first time`, (note) => build(connection, paths, tag, note));
  }
  const id = await imageId(connection, `${IMAGE}:${tag}`);
  if (id === undefined) throw new SetupError(`${IMAGE}:${tag} is missing after it was built`);
  if (id !== (await imageId(connection, `${IMAGE}:latest`))) await tagImage(connection, id, IMAGE, 'latest');
  return tag;
}

const build = (connection: DockerConnection, paths: readonly string[], tag: string, note: Note): Promise<void> =>
  buildImage(connection, { context: FOLDER, src: paths }, { t: `${IMAGE}:${tag}` }, note);
