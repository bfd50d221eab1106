/** `carrel bundle FILE` and `carrel bundle --load FILE`: an installation for a machine that reaches no registry. */
import { resolve } from 'node:path';
import { Command } from 'commander';
import { programFolder, programVersion } from '../app/places.ts';
import { readSettings } from '../config/settings.ts';

interface BundleOptions {
  readonly load: boolean;
  readonly into?: string;
}

const print = (line: string) => void process.stdout.write(`${line}\n`);

export const bundleCommand = (): Command =>
  new Command('bundle')
    .description('write all images and this release into one file, or load such a file')
    .argument('<file>', 'a name for the bundle, or the bundle to load')
    .option('--load', 'check the bundle, load its images into the engine and unpack its release', false)
    .option('--into <folder>', 'where the release is unpacked, "carrel-VERSION" without it')
    .addHelpText('after', '\nWithout carrel on the other machine: tar -xf FILE && sh carrel-VERSION/load.sh')
    .action(async (file: string, { load: loads, into }: BundleOptions) => {
      if (loads) await load(resolve(file), into);
      else await write(resolve(file));
    });

async function write(file: string): Promise<void> {
  const [{ writeBundle }, { stackImages }, { localImage, saveImages }, connection] = await Promise.all([
    import('../release/write-bundle.ts'),
    import('../release/stack-images.ts'),
    import('../engine/docker/image-archive.ts'),
    connect(),
  ]);
  const version = programVersion();
  const { manifest, sha256 } = await writeBundle(file, {
    images: stackImages(process.env, version),
    source: { find: (name) => localImage(connection, name), save: (names) => saveImages(connection, names) },
    program: programFolder,
    version,
    now: new Date(),
  });
  for (const { name, id } of manifest.images) print(`${name}  ${id}`);
  print(`${file} written; its sha256, to be compared on the other machine:`);
  print(sha256);
}

async function load(file: string, into: string | undefined): Promise<void> {
  const [{ loadBundle }, { loadImages, engineArchitecture }, connection] = await Promise.all([
    import('../release/load-bundle.ts'),
    import('../engine/docker/image-archive.ts'),
    connect(),
  ]);
  const target = {
    architecture: () => engineArchitecture(connection),
    load: (archive: Parameters<typeof loadImages>[1]) => loadImages(connection, archive, print),
  };
  const { manifest, folder } = await loadBundle(file, target, into);
  print(`Carrel ${manifest.version} is loaded. Next, in ${folder}:`);
  print('cp .env.example .env, write your address into it, docker compose up -d');
}

async function connect() {
  const [{ findDockerAddress }, { DockerConnection }] = await Promise.all([
    import('../engine/docker/address.ts'),
    import('../engine/docker/docker-connection.ts'),
  ]);
  return new DockerConnection(findDockerAddress(readSettings(process.env).docker).address);
}
