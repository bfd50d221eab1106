/** The id of this installation: marks its containers, so that two installations on one engine never touch each other's. */
import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { CarrelError } from '../base/errors.ts';

const INSTANCE = /^[0-9a-f]{16}$/;

/** Reads it, or makes it at the first start. Throws `invalid_settings` where the file holds something else. */
export function instanceId(path: string): string {
  const id = read(path) ?? make(path);
  if (INSTANCE.test(id)) return id;
  throw new CarrelError('invalid_settings', `expected ${path} to hold 16 hexadecimal digits, got something else`);
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Renamed when it is whole: a half-written id would make strangers of all containers. */
function make(path: string): string {
  const id = randomBytes(8).toString('hex');
  writeFileSync(`${path}.new`, `${id}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
  return id;
}
