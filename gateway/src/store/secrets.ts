/** Keys that Carrel makes for itself at its first start: `secrets.json` in the data folder, readable by its owner only. */
import { randomBytes } from 'node:crypto';
import { chmod, link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { CarrelError } from '../base/errors.ts';

const key = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hexadecimal digits');
const schema = z.strictObject({
  /** Signs API tokens; as long as RFC 7518 §3.2 asks of an HS256 key. */
  tokens: key,
  /** Makes the keys by which a sandbox knows its gateway again. */
  sandboxes: key,
});
export type Secrets = z.output<typeof schema>;

/** Reads the keys, or makes them. Two processes that start at once agree on the same keys. */
export async function loadSecrets(folder: string): Promise<Secrets> {
  const file = join(folder, 'secrets.json');
  const found = await read(file);
  if (found !== undefined) return found;
  /** Where the database is a server, nothing else has made the folder. */
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  const fresh: Secrets = { tokens: randomBytes(32).toString('hex'), sandboxes: randomBytes(32).toString('hex') };
  await writeFile(draft, `${JSON.stringify(fresh)}\n`, { mode: 0o600, flag: 'wx' });
  try {
    await link(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { force: true });
  }
  return (await read(file)) ?? fresh;
}

async function read(file: string): Promise<Secrets | undefined> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new CarrelError('invalid_settings', `cannot read ${file}: ${error.message}`, { cause: error });
  });
  if (text === undefined) return undefined;
  await chmod(file, 0o600);
  const parsed = schema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new CarrelError('invalid_settings', `${file} does not hold Carrel's keys: ${z.prettifyError(parsed.error)}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
