/**
 * The images of gateway and warden, built from `ops/docker/Dockerfile` by the engine's API, and the kernel image under the same tag:
 * what `docker compose build` builds, also where neither Compose nor a registry is at hand. The tag is a hash of what they are
 * made from, so that there is nothing to build where it exists.
 */

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { chmod, cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import type { DockerConnection } from '../gateway/src/engine/docker/docker-connection.ts';
import { basesOf, ensureBaseImage } from './base-images.ts';
import { root } from './dependencies.mjs';
import { buildImage, imageId, tagImage, tagsOf, untagImage } from './image-calls.ts';
import { contentHash, ensureKernelImage, IMAGE } from './kernel-image.ts';
import { type Note, SetupError, step } from './steps.mjs';

export const PARTS = ['gateway', 'warden'] as const;
export const imageOf = (part: (typeof PARTS)[number] | 'kernel', tag: string): string => `carrel-${part}:${tag}`;

const DOCKERFILE = 'ops/docker/Dockerfile';
/** Everything that the Dockerfile copies. */
const SOURCES = [
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'compose.yaml',
  '.env.example',
  'LICENSE',
  'README.md',
  'gateway',
  'kernel-image/kernelspecs',
  'ops',
  'policies',
];
/** Tags of earlier sources that stay, for the trees beside this one that use the same engine. */
const KEPT = 3;
const LEFT_OUT = [join('gateway/web/dist'), join('ops/docker/certificates')];

/** Paths below the folder of the repository, sorted. */
function releaseSources(): string[] {
  const paths = SOURCES.flatMap((name) =>
    statSync(join(root, name)).isFile()
      ? [name]
      : readdirSync(join(root, name), { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1)),
  );
  const counts = (path: string) =>
    !LEFT_OUT.some((folder) => path.startsWith(`${folder}${sep}`)) && !/[.]test[.]tsx?$/.test(path);
  return paths.filter(counts).sort();
}

/** Afterwards all images of a stack have the tag that is answered. */
export async function ensureReleaseImages(connection: DockerConnection): Promise<string> {
  const kernel = await ensureKernelImage(connection);
  const sources = releaseSources();
  const ids: string[] = [];
  for (const base of basesOf(readFileSync(join(root, DOCKERFILE), 'utf8')))
    ids.push(await ensureBaseImage(connection, base));
  const tag = contentHash(root, sources, [...ids, kernel]);
  for (const part of PARTS) {
    if ((await imageId(connection, imageOf(part, tag))) !== undefined) continue;
    await step(`building ${imageOf(part, tag)}, some minutes the first time`, (note) =>
      build(connection, sources, part, tag, note),
    );
  }
  const id = await imageId(connection, `${IMAGE}:${kernel}`);
  if (id === undefined) throw new SetupError(`${IMAGE}:${kernel} is missing after it was built`);
  await tagImage(connection, id, IMAGE, tag);
  await removeEarlier(connection, tag);
  return tag;
}

/** Takes the tags of earlier sources away, but for the newest; an image that a container uses stays. */
async function removeEarlier(connection: DockerConnection, tag: string): Promise<void> {
  const tags = (await tagsOf(connection, 'carrel-gateway')).filter((each) => /^[0-9a-f]{12}$/.test(each));
  for (const earlier of tags.filter((each) => each !== tag).slice(KEPT))
    for (const part of [...PARTS, 'kernel'] as const) await untagImage(connection, imageOf(part, earlier));
}

async function build(
  connection: DockerConnection,
  sources: readonly string[],
  target: string,
  tag: string,
  note: Note,
): Promise<void> {
  const context = await mkdtemp(join(tmpdir(), 'carrel-release-'));
  try {
    /** Not the file modes of this checkout: those that everybody may read and nobody change. */
    for (const path of sources) {
      await cp(join(root, path), join(context, path));
      const executable = (statSync(join(root, path)).mode & 0o111) !== 0;
      await chmod(join(context, path), executable ? 0o755 : 0o644);
    }
    await trust(context);
    await buildImage(
      connection,
      { context, src: ['.'] },
      { t: `carrel-${target}:${tag}`, target, dockerfile: DOCKERFILE },
      note,
    );
  } finally {
    await rm(context, { recursive: true, force: true });
  }
}

/** What this host trusts, the build trusts while it downloads. */
async function trust(context: string): Promise<void> {
  const folder = 'ops/docker/certificates';
  await cp(join(root, folder), join(context, folder), { recursive: true });
  const given = process.env['NODE_EXTRA_CA_CERTS'];
  if (given !== undefined && existsSync(given))
    await cp(given, join(context, folder, 'host.crt'), { dereference: true });
}
