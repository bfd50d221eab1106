/** `carrel backup FILE` and `carrel backup verify FILE`: the whole installation in one file, while people go on working. */
import { setPriority } from 'node:os';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { programVersion } from '../app/places.ts';
import type { BackupManifest } from '../backup/format.ts';
import type { FoundBackup } from '../backup/read-backup.ts';
import { type BackupAct, recorded, resultOf } from '../backup/recorded.ts';
import { CarrelError } from '../base/errors.ts';
import { readSettings } from '../config/settings.ts';
import { givenPassphrase, type PassphraseOptions, withKeysChoice, withPassphrase } from './passphrase.ts';
import { counted, progressLine, size, tellUntold } from './progress-line.ts';

/** The backup is made, and tells of files that are not whole. */
const FLAWED = 2;
/** Least of all that wants the processor: people come first. */
const LOW = 10;

export function backupCommand(): Command {
  const backup = new Command('backup')
    .description('write the whole installation into one file, while people go on working')
    .argument('<file>', 'a name for the backup, or "-" for standard output')
    .addHelpText('after', '\nExit status: 0 whole, 1 not made, 2 made, and files were missing or damaged before.')
    .action(write);
  withKeysChoice(backup, 'leave the keys out: tokens that were handed out are not good after a restore');
  const verify = new Command('verify')
    .description('read a backup from its first byte to its last and check all of it')
    .argument('<file>', 'the backup, or "-" for standard input')
    .action((file: string, _: PassphraseOptions, command: Command) => check(file, command.optsWithGlobals()));
  return backup.addCommand(withPassphrase(verify));
}

async function write(file: string, options: PassphraseOptions): Promise<void> {
  const settings = readSettings(process.env);
  const { requirePassphrase } = await import('../backup/sealed-keys.ts');
  const { passphrase } = await givenPassphrase(options);
  if (passphrase === undefined && !options.withoutKeys)
    throw new CarrelError(
      'bad_request',
      'say what becomes of the installation’s keys: --passphrase-file FILE or --passphrase-stdin encrypts them, --without-keys leaves them out (tokens that were handed out are then not good after a restore)',
    );
  if (passphrase !== undefined) requirePassphrase(passphrase);
  const [{ writeBackup }, { fileSink, streamSink }] = await Promise.all([
    import('../backup/write-backup.ts'),
    import('../backup/sink.ts'),
  ]);
  if (file === '-' && process.stdout.isTTY)
    throw new CarrelError('bad_request', 'standard output is a terminal; lead it into a file, or name one');
  setPriority(LOW);
  const path = resolve(file);
  const { dataFolder, database, policyFolder } = settings;
  const progress = progressLine('backup');
  const made = async () => {
    await using sink = file === '-' ? streamSink(process.stdout) : await fileSink(path);
    const place = { dataFolder, database, policyFolder };
    return await writeBackup(sink, { ...place, program: programVersion(), now: new Date(), passphrase, progress });
  };
  const { contents, manifest, sha256, bytes } = await recorded(
    { did: 'backup', file, dataFolder, database },
    made,
    (done) => ({ bytes: done.bytes, sha256: done.sha256, keys: done.contents.keys, result: resultOf(done.manifest) }),
    tellUntold,
  );
  progress.end();
  const out = file === '-' ? process.stderr : process.stdout;
  out.write(`${file === '-' ? 'the backup' : path} is written, ${size(bytes)}: ${described({ contents, manifest })}\n`);
  out.write(`sha256 ${sha256}\n`);
  tellFlaws(manifest);
}

function described({ contents, manifest }: FoundBackup): string {
  const rows = Object.values(manifest.rows).reduce((sum, each) => sum + each, 0);
  const { files, policies } = manifest;
  const keys = contents.keys === 'none' ? 'no keys' : 'the keys, encrypted';
  return `${counted(rows, 'row')}, ${counted(files.count, 'file')} (${size(files.bytes)}), policies in ${counted(policies, 'file')}, ${keys}`;
}

function tellFlaws({ files }: BackupManifest): void {
  const flaws = [
    ['missing already', files.missing],
    ['with another content than their checksums say, kept as they are', files.damaged],
  ] as const;
  for (const [what, { count: many, first }] of flaws) {
    if (many === 0) continue;
    process.stderr.write(`carrel: ${counted(many, 'file')} ${what} when the backup was made: ${first.join(', ')}\n`);
    process.exitCode = FLAWED;
  }
}

async function check(file: string, options: PassphraseOptions): Promise<void> {
  const [{ readBackup }, { openBackup }, { openKeys }] = await Promise.all([
    import('../backup/read-backup.ts'),
    import('../backup/streams.ts'),
    import('../backup/sealed-keys.ts'),
  ]);
  const { passphrase, rest } = await givenPassphrase(options);
  const stream = file === '-' ? rest : (await openBackup(resolve(file)))();
  const progress = progressLine('verify');
  let sealed: Buffer | undefined;
  let bytes = 0;
  const read = async () => {
    const passing = counting(stream, (length) => {
      bytes += length;
    });
    const whole = await readBackup(passing, {
      rows: async (_, rows) => progress.rows(rows.length),
      piece: async (_, content) => progress.bytes(content.length),
      keys: async (content) => {
        sealed = content;
      },
    });
    progress.end();
    if (passphrase !== undefined && sealed === undefined)
      throw new CarrelError('bad_request', 'the backup is whole, and holds no keys that a passphrase could be for');
    if (passphrase !== undefined && sealed !== undefined) await openKeys(sealed, passphrase);
    return whole;
  };
  const found = await recorded(
    verifyAct(file),
    read,
    ({ contents, manifest }) => ({ bytes, made: contents.made, result: resultOf(manifest) }),
    tellUntold,
  );
  const { program, made, database, steps } = found.contents;
  process.stdout.write(`the backup is whole: ${described(found)}\n`);
  process.stdout.write(`made ${made} by Carrel ${program} from ${database}, schema ${steps.at(-1)}\n`);
  if (passphrase !== undefined) process.stdout.write('the passphrase opens its keys\n');
  tellFlaws(found.manifest);
}

/** A backup is also verified where no installation is, or where the settings are another program's. */
function verifyAct(file: string): BackupAct | undefined {
  try {
    const { dataFolder, database } = readSettings(process.env);
    return { did: 'verify', file, dataFolder, database };
  } catch {
    return undefined;
  }
}

async function* counting(stream: AsyncIterable<Uint8Array>, count: (bytes: number) => void) {
  for await (const piece of stream) {
    count(piece.length);
    yield piece;
  }
}
