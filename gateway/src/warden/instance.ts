/** The id of this installation: marks its containers, so that two installations on one engine never touch each other's. */
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { CarrelError } from '../base/errors.ts';

const INSTANCE = /^[0-9a-f]{16}$/;

/** Reads it, or makes it at the first start. Throws `invalid_settings` where the file holds something else. */
export function instanceId(path: string): string {
  try {
    writeFileSync(path, `${randomBytes(8).toString('hex')}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const id = readFileSync(path, 'utf8').trim();
  if (INSTANCE.test(id)) return id;
  throw new CarrelError('invalid_settings', `expected ${path} to hold 16 hexadecimal digits, got something else`);
}
