/** `carrel restore FILE`: a backup becomes an installation, where there is none yet. */
import { createWriteStream } from 'node:fs';
import { mkdir, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Command } from 'commander';
import { recorded, resultOf } from '../backup/recorded.ts';
import type { Reopen, Restored } from '../backup/restore-backup.ts';
import { readSettings } from '../config/settings.ts';
import { givenPassphrase, type PassphraseOptions, withKeysChoice } from './passphrase.ts';
import { counted, progressLine, size, tellUntold } from './progress-line.ts';

interface RestoreOptions extends PassphraseOptions {
  readonly into?: string;
  readonly embedded?: true;
}

const print = (line: string) => void process.stdout.write(`${line}\n`);

export const restoreCommand = (): Command =>
  withKeysChoice(
    new Command('restore')
      .description('make an installation out of a backup, where there is none yet')
      .argument('<file>', 'the backup, or "-" for standard input')
      .option('--into <folder>', 'the data folder to be filled, CARREL_DATA without it')
      .option('--embedded', 'into an embedded database in that folder, whatever CARREL_DATABASE names'),
    'leave out the keys of the backup: tokens that were handed out are not good any more',
  ).action(restore);

async function restore(file: string, options: RestoreOptions): Promise<void> {
  const settings = readSettings(process.env);
  const dataFolder = options.into === undefined ? settings.dataFolder : resolve(options.into);
  const [{ fullDisk, requireEmptyInstallation, restoreBackup }, { openBackup }] = await Promise.all([
    import('../backup/restore-backup.ts'),
    import('../backup/streams.ts'),
  ]);
  const given = await givenPassphrase(options);
  const passphrase = options.withoutKeys ? 'leave-out' : given.passphrase;
  const place = { dataFolder, database: options.embedded ? undefined : settings.database, passphrase };
  const received = join(dataFolder, 'received.backup');
  try {
    if (file === '-') {
      await requireEmptyInstallation(place);
      await receive(given.rest, dataFolder, received).catch((error) => {
        throw fullDisk(error, dataFolder);
      });
    }
    const source: Reopen = await openBackup(file === '-' ? received : resolve(file));
    const progress = progressLine('restore');
    const { size: bytes } = await stat(file === '-' ? received : resolve(file));
    const restored = await recorded(
      { did: 'restore', file, dataFolder, database: place.database },
      () => restoreBackup(source, { ...place, policyFolder: settings.policyFolder, progress }),
      ({ contents, manifest, keys }) => ({ bytes, made: contents.made, keys, result: resultOf(manifest) }),
      tellUntold,
    );
    progress.end();
    tell(restored, dataFolder);
  } finally {
    await rm(received, { force: true });
  }
}

/** All of it is checked before anything is written, so it has to be read twice. */
async function receive(stream: AsyncIterable<Uint8Array>, folder: string, path: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await pipeline(Readable.from(stream), createWriteStream(path, { mode: 0o600 }));
}

function tell({ contents, manifest, keys, policies }: Restored, dataFolder: string): void {
  const rows = Object.values(manifest.rows).reduce((sum, each) => sum + each, 0);
  print(
    `restored into ${dataFolder}: ${counted(rows, 'row')}, ${counted(manifest.files.count, 'file')} (${size(manifest.files.bytes)})`,
  );
  print(`the backup was made ${contents.made} by Carrel ${contents.program}; what was revoked since is good again`);
  if (!keys)
    print('without keys: new ones are made at the start, and tokens that were handed out are not good any more');
  if (policies !== undefined) {
    print(`these policies of the backup are otherwise here, or not at all: ${policies.differing.join(', ')}`);
    print(`they lie in ${policies.folder}; compare them with those of CARREL_POLICIES before you start Carrel`);
  }
}
