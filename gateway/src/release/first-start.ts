/**
 * What the service `init` of the Compose stack does before all others: secrets as files, each readable by one user alone, and the
 * volumes' folders as their users need them. What is there is kept; running it again changes nothing.
 */
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Numbers of the users in the containers: ours in `ops/docker/clean.sh`, postgres in its image, all of them in `compose.yaml`. */
export const USERS = { gateway: 10001, warden: 10002, proxy: 10003, redis: 10004, postgres: 999 } as const;

interface Folder {
  readonly path: string;
  readonly owner: number;
  readonly group: number;
  readonly mode: number;
}

const own = (path: string, user: number, mode: number): Folder => ({ path, owner: user, group: user, mode });

const FOLDERS: readonly Folder[] = [
  own('secrets', 0, 0o711),
  own('secrets/gateway', USERS.gateway, 0o500),
  own('secrets/postgres', USERS.postgres, 0o500),
  own('secrets/redis', USERS.redis, 0o500),
  own('gateway', USERS.gateway, 0o700),
  own('warden', USERS.warden, 0o700),
  /** The warden's socket takes the group of its folder, and the gateway is in it (`warden/http/socket-file.ts`). */
  { path: 'socket', owner: USERS.warden, group: USERS.gateway, mode: 0o2750 },
  own('postgres', USERS.postgres, 0o700),
  own('redis', USERS.redis, 0o700),
  own('proxy', USERS.proxy, 0o700),
];

/** What changes owners; only root may, so tests watch it. */
export type Give = (path: string, owner: number, group: number) => void;

/** `root` holds the volumes under their names. Answers the secrets that it made, as paths below it. */
export function prepareVolumes(root: string, give: Give = chownSync): string[] {
  for (const { path, owner, group, mode } of FOLDERS) {
    const folder = join(root, path);
    mkdirSync(folder, { recursive: true });
    give(folder, owner, group);
    chmodSync(folder, mode);
  }
  const made: string[] = [];
  const keep = (path: string, owner: number, content: () => string): string => {
    const file = join(root, path);
    if (!existsSync(file)) {
      made.push(path);
      writeWhole(file, content(), (draft) => give(draft, owner, owner));
    }
    return readFileSync(file, 'utf8').trim();
  };
  const database = keep('secrets/postgres/password', USERS.postgres, password);
  keep('secrets/gateway/database', USERS.gateway, () => `postgres://carrel:${database}@postgres:5432/carrel`);
  const rule = keep('secrets/redis/redis.conf', USERS.redis, () => `requirepass ${password()}`);
  keep('secrets/gateway/redis', USERS.gateway, () => `redis://:${rule.replace(/^requirepass /, '')}@redis:6379`);
  keep('secrets/gateway/metrics', USERS.gateway, password);
  return made;
}

/** 256 bits in letters that need no quoting anywhere. */
const password = () => randomBytes(32).toString('base64url');

/** There is never half a secret, nor one that another user could have read. */
function writeWhole(file: string, content: string, giveDraft: (draft: string) => void): void {
  const draft = `${file}.draft`;
  writeFileSync(draft, `${content}\n`, { mode: 0o400 });
  giveDraft(draft);
  renameSync(draft, file);
}
