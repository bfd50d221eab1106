/** What `npm run images` does: every image of `compose.yaml`, ours under this release's version. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBaseImage } from './base-images.ts';
import { root } from './dependencies.mjs';
import { ensureEngine } from './engine.ts';
import { imageId, tagImage } from './image-calls.ts';
import { ensureReleaseImages, imageOf, PARTS } from './release-images.ts';
import { CADDY_IMAGE, POSTGRES_IMAGE, REDIS_IMAGE } from './stand-ins.ts';
import { reportFailure, SetupError } from './steps.mjs';

try {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const engine = await ensureEngine();
  const tag = await ensureReleaseImages(engine);
  for (const part of [...PARTS, 'kernel'] as const) {
    const id = await imageId(engine, imageOf(part, tag));
    if (id === undefined) throw new SetupError(`${imageOf(part, tag)} is missing after it was built`);
    await tagImage(engine, id, `carrel-${part}`, version);
    process.stdout.write(`${imageOf(part, version)}  ${id.replace('sha256:', '').slice(0, 12)}\n`);
  }
  for (const image of [CADDY_IMAGE, POSTGRES_IMAGE, REDIS_IMAGE]) {
    const id = await ensureBaseImage(engine, image);
    process.stdout.write(`${image}  ${id.replace('sha256:', '').slice(0, 12)}\n`);
  }
} catch (error) {
  reportFailure(error);
}
