/**
 * What gateways of one installation tell each other at once, beside the database: who of them owns the kernels and the open
 * worksheets. The lease itself is the lock on the database (`database-lock.ts`); this is how the others find its holder, and how they
 * notice that it stands still. docs/spec/cluster.md
 */
import { readFile } from 'node:fs/promises';
import type { Redis } from 'ioredis';
import { CarrelError } from '../../base/errors.ts';

export interface Owner {
  /** Where it takes what others pass on: `host:port`. */
  readonly address: string;
  /** Its fencing number: that of every later owner is higher. */
  readonly term: number;
  /** Whether it has found its kernels and takes requests. */
  readonly ready: boolean;
}

/** Without renewal an owner is unknown after this, in milliseconds. */
const LEASE = 2500;
const KEY = 'carrel:owner';
/** Milliseconds. */
const CONNECT = 2000;
const ANSWER = 1000;
const AGAIN = 200;

/** An owner of a lower number never stands in the place of one of a higher number. */
const ANNOUNCE = `local found = redis.call('GET', KEYS[1])
if found and cjson.decode(found).term > tonumber(ARGV[2]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
return 1`;
const WITHDRAW = `local found = redis.call('GET', KEYS[1])
if found and cjson.decode(found).term == tonumber(ARGV[1]) then redis.call('DEL', KEYS[1]) end
return 1`;

export class Live {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  /** To be repeated well within its 2.5 seconds. False where an owner of a higher number is known. Fails where Redis does not answer. */
  async announce(owner: Owner): Promise<boolean> {
    return (await this.#redis.eval(ANNOUNCE, 1, KEY, JSON.stringify(owner), owner.term, LEASE)) === 1;
  }

  /** Fails where Redis does not answer. */
  async withdraw(term: number): Promise<void> {
    await this.#redis.eval(WITHDRAW, 1, KEY, term);
  }

  /** Undefined where nobody has announced itself lately. Fails where Redis does not answer. */
  async owner(): Promise<Owner | undefined> {
    const text = await this.#redis.get(KEY);
    return text === null ? undefined : (JSON.parse(text) as Owner);
  }
}

/**
 * A connection that comes back by itself; commands fail at once while it is away. `setting` is the address, or the path of a file that
 * holds it. Throws `invalid_settings` for what is neither; no message holds a password.
 */
export async function connectRedis(setting: string, onTrouble: (why: string | undefined) => void): Promise<Redis> {
  const address = setting.includes('://') ? setting : await addressIn(setting);
  if (!/^rediss?:\/\//.test(address) || !URL.canParse(address))
    throw new CarrelError(
      'invalid_settings',
      'expected CARREL_REDIS to be an address such as "redis://:PASSWORD@HOST:6379", got something else',
    );
  const { Redis } = await import('ioredis');
  const redis = new Redis(address, {
    ...{ connectTimeout: CONNECT, commandTimeout: ANSWER, maxRetriesPerRequest: 0 },
    ...{ enableOfflineQueue: false, retryStrategy: () => AGAIN },
  });
  let why = 'the connection has ended';
  redis.on('error', (error) => {
    why = error.message;
  });
  redis.on('close', () => onTrouble(why));
  redis.on('ready', () => onTrouble(undefined));
  return redis;
}

async function addressIn(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    throw new CarrelError(
      'invalid_settings',
      `the file ${path} (CARREL_REDIS) cannot be read: ${(error as Error).message}`,
    );
  }
}
