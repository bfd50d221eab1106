/**
 * What is in a bundle: a tar archive with one folder that holds all images, the files of this release, and a script that loads both
 * on a machine that has nothing but an engine.
 */
import { z } from 'zod';

export const IMAGES = 'images.tar.gz';
export const RELEASE = 'release.tar.gz';
export const SUMS = 'SHA256SUMS';
export const MANIFEST = 'manifest.json';
export const SCRIPT = 'load.sh';

const file = z.strictObject({ name: z.string(), size: z.int().min(0), sha256: z.string().regex(/^[0-9a-f]{64}$/) });
const image = z.strictObject({ name: z.string().min(1), id: z.string(), architecture: z.string() });

export const bundleManifest = z.strictObject({
  /** Of this shape. */
  format: z.literal(1),
  version: z.string(),
  /** ISO 8601. */
  made: z.string(),
  images: z.array(image).min(1),
  files: z.array(file).min(1),
});
export type BundleManifest = z.output<typeof bundleManifest>;

export const folderOf = (version: string): string => `carrel-${version}`;

/** `tar -xf BUNDLE && sh carrel-VERSION/load.sh`. */
export const LOAD_SCRIPT = `#!/bin/sh
# Loads the images into this machine's engine and unpacks the release beside this file.
set -eu
cd "$(dirname "$0")"
sha256sum -c ${SUMS}
gunzip -c ${IMAGES} | docker load
tar -xzf ${RELEASE}
echo "Loaded. Next, in $PWD: cp .env.example .env, write your address into it, docker compose up -d"
`;
