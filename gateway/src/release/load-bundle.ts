/** `carrel bundle --load FILE`: checks everything first, then loads the images and unpacks the release. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, writeFile } from 'node:fs/promises';
import { dirname, join, normalize, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { createGunzip, gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { CarrelError } from '../base/errors.ts';
import { type BundleManifest, bundleManifest, folderOf, IMAGES, MANIFEST, RELEASE, SUMS } from './bundle-format.ts';
import { type FoundEntry, fromBuffer, fromFile, tarEntries } from './tar.ts';

/** Bytes; a manifest has a few thousand, a release's files less than a megabyte. */
const LARGEST_SMALL = 64 * 1024 * 1024;
const CHUNK = 1024 * 1024;

/** What is asked of the engine. */
export interface ImageTarget {
  /** amd64, arm64. */
  architecture(): Promise<string>;
  load(archive: Readable): Promise<void>;
}

/**
 * Answers what was loaded, and where the release lies now. Nothing is changed before all checksums are right. Throws `bad_request` for a bundle that is damaged or made
 * for another machine, `conflict` for a folder that holds something.
 */
export async function loadBundle(
  path: string,
  target: ImageTarget,
  into?: string,
): Promise<{ manifest: BundleManifest; folder: string }> {
  await using file = await openBundle(path);
  const entries = new Map<string, FoundEntry>();
  for (const entry of await tarEntries(fromFile(file))) entries.set(entry.name.replace(/^[^/]*\//, ''), entry);
  const manifest = await readManifest(file, entries);
  await requireWhole(file, entries, manifest);
  await requireArchitecture(manifest, target);
  const folder = resolve(into ?? folderOf(manifest.version));
  await requireEmpty(folder);
  const images = entryOf(entries, IMAGES);
  const packed = file.createReadStream({ start: images.start, end: images.start + images.size - 1, autoClose: false });
  const archive = createGunzip();
  packed.on('error', (error) => archive.destroy(error));
  await target.load(packed.pipe(archive));
  await unpack(gunzipSync(await contentOf(file, entryOf(entries, RELEASE))), folder);
  return { manifest, folder };
}

async function openBundle(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (cause) {
    throw new CarrelError('not_found', `the bundle cannot be opened: ${(cause as Error).message}`, { cause });
  }
}

async function readManifest(file: FileHandle, entries: ReadonlyMap<string, FoundEntry>): Promise<BundleManifest> {
  const text = (await contentOf(file, entryOf(entries, MANIFEST))).toString('utf8');
  try {
    return bundleManifest.parse(JSON.parse(text));
  } catch (cause) {
    const why = cause instanceof z.ZodError ? z.prettifyError(cause) : (cause as Error).message;
    throw new CarrelError('bad_request', `${MANIFEST} is not one that this version reads: ${why}`, { cause });
  }
}

/** The manifest's own checksum stands with the others' in a list of its own. */
async function requireWhole(file: FileHandle, entries: ReadonlyMap<string, FoundEntry>, manifest: BundleManifest) {
  const listed = (await contentOf(file, entryOf(entries, SUMS))).toString('utf8').trim().split('\n');
  const sums = new Map(listed.map((line) => [line.slice(66), line.slice(0, 64)]));
  for (const { name, size, sha256 } of manifest.files) {
    if (sums.get(name) !== sha256) throw damaged(name, `${SUMS} and ${MANIFEST} name different checksums`);
    if (entryOf(entries, name).size !== size) throw damaged(name, `expected ${size} bytes`);
  }
  for (const [name, expected] of sums) {
    const found = await sumOf(file, entryOf(entries, name));
    if (found !== expected) throw damaged(name, `its checksum is ${found}, expected ${expected}`);
  }
  for (const name of [IMAGES, RELEASE, MANIFEST]) if (!sums.has(name)) throw damaged(name, 'it has no checksum');
}

const damaged = (name: string, why: string) =>
  new CarrelError('bad_request', `the bundle is damaged, nothing was loaded: ${name}: ${why}`);

async function requireArchitecture(manifest: BundleManifest, target: ImageTarget): Promise<void> {
  const here = await target.architecture();
  const other = manifest.images.find(({ architecture }) => architecture !== here);
  if (other !== undefined)
    throw new CarrelError(
      'bad_request',
      `the bundle was made for ${other.architecture} (${other.name}), this engine runs ${here}`,
    );
}

async function requireEmpty(folder: string): Promise<void> {
  if (existsSync(folder) && (await readdir(folder)).length > 0)
    throw new CarrelError('conflict', `the folder ${folder} holds something already; name another one with --into`);
}

function entryOf(entries: ReadonlyMap<string, FoundEntry>, name: string): FoundEntry {
  const found = entries.get(name);
  if (found === undefined) throw new CarrelError('bad_request', `this is no bundle of Carrel: it holds no ${name}`);
  return found;
}

async function contentOf(file: FileHandle, entry: FoundEntry): Promise<Buffer> {
  if (entry.size > LARGEST_SMALL) throw damaged(entry.name, `it has ${entry.size} bytes`);
  const content = await fromFile(file)(entry.start, entry.size);
  if (content.length < entry.size) throw damaged(entry.name, 'it is cut off');
  return content;
}

async function sumOf(file: FileHandle, { start, size }: FoundEntry): Promise<string> {
  const hash = createHash('sha256');
  const read = fromFile(file);
  for (let done = 0; done < size; ) {
    const chunk = await read(start + done, Math.min(CHUNK, size - done));
    if (chunk.length === 0) break;
    hash.update(chunk);
    done += chunk.length;
  }
  return hash.digest('hex');
}

async function unpack(archive: Buffer, into: string): Promise<void> {
  const read = fromBuffer(archive);
  for (const { name, size, mode, start } of await tarEntries(read)) {
    if (name.startsWith('/') || normalize(name).startsWith('..')) throw damaged(RELEASE, `it names the file ${name}`);
    const path = join(into, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, await read(start, size), { mode: mode & 0o777, flag: 'wx' });
  }
}
