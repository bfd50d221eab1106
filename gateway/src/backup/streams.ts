/** Backups and passphrases that come by files or by standard input. */
import { createReadStream } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { CarrelError } from '../base/errors.ts';

/** Throws `not_found` where there is no such file. */
export async function openBackup(path: string): Promise<() => AsyncIterable<Uint8Array>> {
  try {
    await (await open(path, 'r')).close();
  } catch (cause) {
    throw new CarrelError('not_found', `the backup cannot be opened: ${(cause as Error).message}`, { cause });
  }
  return () => createReadStream(path, { highWaterMark: 1024 * 1024 });
}

/** Its first line. */
export async function readPassphrase(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((cause: Error) => {
    throw new CarrelError('not_found', `the file of the passphrase cannot be read: ${cause.message}`, { cause });
  });
  return text.split(/\r?\n/, 1)[0] ?? '';
}

const LONGEST_LINE = 4096;
const NEWLINE = 10;

/** The first line, and what follows it. Throws `bad_request` where there is no line. */
export async function firstLine(
  stream: AsyncIterable<Uint8Array>,
): Promise<{ line: string; rest: AsyncIterable<Uint8Array> }> {
  const chunks = stream[Symbol.asyncIterator]();
  let begun = Buffer.alloc(0);
  for (let end = -1; end < 0; ) {
    const { done, value } = await chunks.next();
    if (done && begun.length === 0) break;
    begun = Buffer.concat([begun, ...(done ? [Buffer.of(NEWLINE)] : [value])]);
    end = begun.indexOf(NEWLINE);
    if (end > LONGEST_LINE || (end < 0 && begun.length > LONGEST_LINE)) break;
    if (end < 0) continue;
    const line = begun.subarray(0, end).toString('utf8').replace(/\r$/, '');
    return { line, rest: following(begun.subarray(end + 1), chunks) };
  }
  throw new CarrelError('bad_request', 'expected a line with the passphrase at the beginning of standard input');
}

async function* following(begun: Uint8Array, chunks: AsyncIterator<Uint8Array>): AsyncIterable<Uint8Array> {
  if (begun.length > 0) yield begun;
  yield* { [Symbol.asyncIterator]: () => chunks };
}
