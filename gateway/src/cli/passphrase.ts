/** The options by which the commands of backups hear of keys and their passphrase. It never stands on a command line. */
import { type Command, Option } from 'commander';
import { firstLine, readPassphrase } from '../backup/streams.ts';
import { CarrelError } from '../base/errors.ts';

export interface PassphraseOptions {
  readonly passphraseFile?: string;
  readonly passphraseStdin?: true;
  readonly withoutKeys?: true;
}

export const withPassphrase = (command: Command): Command =>
  command
    .addOption(new Option('--passphrase-file <file>', 'the file whose first line is the passphrase of the keys'))
    .addOption(
      new Option('--passphrase-stdin', 'the first line of standard input is the passphrase of the keys').conflicts(
        'passphraseFile',
      ),
    );

export const withKeysChoice = (command: Command, meaning: string): Command =>
  withPassphrase(command).addOption(
    new Option('--without-keys', meaning).conflicts(['passphraseFile', 'passphraseStdin']),
  );

/** `rest` is what standard input has behind the passphrase. */
export async function givenPassphrase(
  { passphraseFile, passphraseStdin }: PassphraseOptions,
  stdin: AsyncIterable<Uint8Array> = process.stdin,
): Promise<{ passphrase?: string; rest: AsyncIterable<Uint8Array> }> {
  if (passphraseFile !== undefined) return { passphrase: await readPassphrase(passphraseFile), rest: stdin };
  if (!passphraseStdin) return { rest: stdin };
  if (process.stdin.isTTY)
    throw new CarrelError(
      'bad_request',
      'expected the passphrase from a file or a pipe, and standard input is a terminal',
    );
  const { line, rest } = await firstLine(stdin);
  return { passphrase: line, rest };
}
