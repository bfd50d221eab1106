/**
 * Passwords as the store keeps them: Argon2id (RFC 9106), written as a PHC string that names its own parameters, so that a later
 * Carrel can ask for more and still read what an earlier one wrote.
 */
import { type Argon2Parameters, argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { CarrelError } from '../base/errors.ts';
import { normalPassword } from '../base/password-rules.ts';

/** OWASP's Password Storage Cheat Sheet, first choice for Argon2id with little memory: 19 MiB, two passes, one lane. */
const PRESENT = { memory: 19_456, passes: 2, parallelism: 1 } as const;
/** Bytes; RFC 9106 §3.1 and §4. */
const SALT = 16;
const TAG = 32;
/** Each takes 19 MiB and one of Node's four worker threads, which files and compression need as well. */
const AT_ONCE = 2;
const MOST_WAITING = 100;

const PHC = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

const derive = promisify(argon2);
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64').replace(/=+$/, '');

let running = 0;
const waiting: (() => void)[] = [];

/** Throws `no_capacity` where too many wait already. */
export async function hashPassword(password: string): Promise<string> {
  const nonce = randomBytes(SALT);
  const tag = await compute({ ...PRESENT, nonce, tagLength: TAG, message: normalPassword(password) });
  const { memory, passes, parallelism } = PRESENT;
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${base64(nonce)}$${base64(tag)}`;
}

export interface Verdict {
  readonly right: boolean;
  /** It was made with other parameters than the present ones. */
  readonly stale: boolean;
}

/** Throws `no_capacity` where too many wait already, and an Error for a string that is no PHC string of Argon2id. */
export async function verifyPassword(phc: string, password: string): Promise<Verdict> {
  const [, m, t, p, salt = '', hash = ''] = PHC.exec(phc) ?? [];
  if (m === undefined) throw new Error('the store holds a password hash that cannot be read');
  const expected = Buffer.from(hash, 'base64');
  const found = { memory: Number(m), passes: Number(t), parallelism: Number(p) };
  const nonce = Buffer.from(salt, 'base64');
  const tag = await compute({ ...found, nonce, tagLength: expected.length, message: normalPassword(password) });
  const present = Object.entries(PRESENT).every(([name, value]) => found[name as keyof typeof found] === value);
  return { right: timingSafeEqual(tag, expected), stale: !present };
}

async function compute(parameters: Argon2Parameters): Promise<Buffer> {
  if (running >= AT_ONCE) {
    if (waiting.length >= MOST_WAITING)
      throw new CarrelError('no_capacity', `${waiting.length} people are signing in at this moment; try again`);
    await new Promise<void>((next) => waiting.push(next));
  } else running += 1;
  try {
    return Buffer.from(await derive('argon2id', parameters));
  } finally {
    /** A place that is handed on is never free in between. */
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  }
}
