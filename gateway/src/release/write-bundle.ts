/** `carrel bundle FILE`: all images and the files of this release in one file, for a machine that reaches no registry. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, existsSync } from 'node:fs';
import { open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip, gzipSync } from 'node:zlib';
import { CarrelError } from '../base/errors.ts';
import type { LocalImage } from '../engine/docker/image-archive.ts';
import {
  type BundleManifest,
  folderOf,
  IMAGES,
  LOAD_SCRIPT,
  MANIFEST,
  RELEASE,
  SCRIPT,
  SUMS,
} from './bundle-format.ts';
import { TarWriter, tarOf, type WrittenEntry } from './tar.ts';

/** What a machine needs to run this release, besides its images. */
const RELEASE_FILES = [
  'compose.yaml',
  '.env.example',
  'LICENSE',
  'README.md',
  'SECURITY.md',
  'docs',
  'ops',
  'policies',
];
/** Layers are large, and a disk is faster than the best compression. */
const LEVEL = 1;

/** What is asked of the engine. */
export interface ImageSource {
  find(name: string): Promise<LocalImage | undefined>;
  save(names: readonly string[]): Promise<Readable>;
}

export interface BundleParts {
  readonly images: readonly string[];
  readonly source: ImageSource;
  /** The folder that holds `compose.yaml`. */
  readonly program: string;
  readonly version: string;
  readonly now: Date;
}

/** Answers the manifest, and the checksum of the whole file. Throws `conflict` where the file exists, `not_found` for images that are missing. */
export async function writeBundle(
  path: string,
  parts: BundleParts,
): Promise<{ manifest: BundleManifest; sha256: string }> {
  if (existsSync(path)) throw new CarrelError('conflict', `there is a file ${path} already; name another one`);
  const images = await foundImages(parts);
  const draft = `${path}.part`;
  try {
    const manifest = await writeDraft(draft, parts, images);
    const sha256 = await sumOf(draft);
    await rename(draft, path);
    return { manifest, sha256 };
  } finally {
    await rm(draft, { force: true });
  }
}

async function foundImages({ images, source }: BundleParts): Promise<LocalImage[]> {
  const found = await Promise.all(images.map((name) => source.find(name)));
  const missing = images.filter((_, index) => found[index] === undefined);
  if (missing.length > 0) {
    const message = `these images are not on the engine: ${missing.join(', ')}; \`docker compose build\` and \`docker compose pull\` bring them, or \`npm run images\` without a registry`;
    throw new CarrelError('not_found', message);
  }
  return found.filter((image) => image !== undefined);
}

async function writeDraft(draft: string, parts: BundleParts, images: LocalImage[]): Promise<BundleManifest> {
  const seconds = Math.floor(parts.now.getTime() / 1000);
  await using file = await open(draft, 'w', 0o644);
  const tar = new TarWriter(file, seconds);
  const folder = folderOf(parts.version);
  const files: WrittenEntry[] = [];
  const add = async (name: string, content: AsyncIterable<Uint8Array>, mode?: number) => {
    files.push({ ...(await tar.add(`${folder}/${name}`, content, mode)), name });
  };
  await add(SCRIPT, only(LOAD_SCRIPT), 0o755);
  await add(RELEASE, only(gzipSync(await releaseArchive(parts.program, seconds))));
  await add(IMAGES, await compressed(await parts.source.save(parts.images)));
  const manifest: BundleManifest = {
    format: 1,
    version: parts.version,
    made: parts.now.toISOString(),
    images: images.map(({ name, id, architecture }) => ({ name, id, architecture })),
    files: files.map(({ name, size, sha256 }) => ({ name, size, sha256 })),
  };
  const text = `${JSON.stringify(manifest, undefined, 2)}\n`;
  await add(MANIFEST, only(text));
  await tar.add(`${folder}/${SUMS}`, only(files.map(({ name, sha256 }) => `${sha256}  ${name}\n`).join('')));
  await tar.end();
  return manifest;
}

/** The engine's connection that breaks in the middle must break the bundle too: `pipeline` passes its failure on. */
async function compressed(archive: Readable): Promise<AsyncIterable<Uint8Array>> {
  const out = new PassThrough();
  pipeline(archive, createGzip({ level: LEVEL }), out).catch((error) => out.destroy(error));
  await once(out, 'readable');
  return out;
}

async function* only(content: string | Uint8Array): AsyncIterable<Uint8Array> {
  yield typeof content === 'string' ? Buffer.from(content) : content;
}

/** Certificates of a site lie beside what it says about them, and are nobody else's. */
const isSites = (path: string) => /\/certificates\/(?!README\.md$)/.test(path);

async function releaseArchive(program: string, seconds: number): Promise<Buffer> {
  const paths: string[] = [];
  for (const name of RELEASE_FILES.filter((each) => existsSync(join(program, each)))) {
    if ((await stat(join(program, name))).isFile()) paths.push(name);
    else {
      const entries = await readdir(join(program, name), { recursive: true, withFileTypes: true });
      const below = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
      paths.push(...below.map((path) => path.slice(program.length + 1)).filter((path) => !isSites(path)));
    }
  }
  const files = await Promise.all(
    paths.sort().map(async (name) => {
      const { mode } = await stat(join(program, name));
      return { name, mode: (mode & 0o111) === 0 ? 0o644 : 0o755, content: await readFile(join(program, name)) };
    }),
  );
  return tarOf(files, seconds);
}

async function sumOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
