/** The installation's keys as they lie in a backup: encrypted by a passphrase (scrypt, then AES-256-GCM). */
import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { z } from 'zod';
import { CarrelError } from '../base/errors.ts';

/** Half a second and 128 MiB for each guess. */
const COST = { N: 2 ** 17, r: 8, p: 1, maxmem: 256 * 1024 * 1024 };
const KIND = 'scrypt-131072-8-1 aes-256-gcm';
const LEAST = 12;

const bytes = z.base64();
const schema = z.strictObject({ kind: z.literal(KIND), salt: bytes, nonce: bytes, tag: bytes, sealed: bytes });

const derive = promisify<string, Buffer, number, typeof COST, Buffer>(scrypt);

/** Throws `bad_request` for a passphrase that is too short. */
export function requirePassphrase(passphrase: string): string {
  if ([...passphrase].length >= LEAST) return passphrase;
  throw new CarrelError('bad_request', `expected a passphrase of at least ${LEAST} characters`);
}

export async function sealKeys(keys: string, passphrase: string): Promise<Buffer> {
  const [salt, nonce] = [randomBytes(16), randomBytes(12)];
  const cipher = createCipheriv('aes-256-gcm', await derive(passphrase, salt, 32, COST), nonce);
  cipher.setAAD(Buffer.from(KIND));
  const sealed = Buffer.concat([cipher.update(keys, 'utf8'), cipher.final()]);
  const text = (part: Buffer) => part.toString('base64');
  const file = {
    kind: KIND,
    salt: text(salt),
    nonce: text(nonce),
    tag: text(cipher.getAuthTag()),
    sealed: text(sealed),
  };
  return Buffer.from(`${JSON.stringify(file)}\n`);
}

/** Throws `bad_request` for another passphrase. */
export async function openKeys(file: Buffer, passphrase: string): Promise<string> {
  const { salt, nonce, tag, sealed } = schema.parse(JSON.parse(file.toString('utf8')));
  const buffer = (text: string) => Buffer.from(text, 'base64');
  try {
    const key = await derive(passphrase, buffer(salt), 32, COST);
    const decipher = createDecipheriv('aes-256-gcm', key, buffer(nonce), { authTagLength: 16 });
    decipher.setAAD(Buffer.from(KIND));
    decipher.setAuthTag(buffer(tag));
    return Buffer.concat([decipher.update(buffer(sealed)), decipher.final()]).toString('utf8');
  } catch (cause) {
    throw new CarrelError(
      'bad_request',
      'the passphrase is not the one that the keys of this backup are encrypted with',
      {
        cause,
      },
    );
  }
}
