/** Files that hold secrets: who owns them, and who else may read them. */
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Settings } from '../../config/settings.ts';
import { type FileFact, type Seen, unseen } from '../facts.ts';
import { why } from './files.ts';

const OTHERS = 0o077;
/** Of the data folder: everything in it that is no folder must be its owner's alone, and these are named for people. */
const NAMES: readonly [RegExp, string][] = [
  [/^secrets\.json$/, 'keys'],
  [/^carrel\.sqlite/, 'database'],
];

/** The warden's socket is its group's too where the gateway is another user, and secrets of compose lie in folders of their users. */
const GROUP_MAY = 0o007;

export async function fileFacts(settings: Settings): Promise<Seen<readonly FileFact[]>> {
  const facts: FileFact[] = [];
  const add = async (path: string, what: string, forbidden: number, own = forbidden === OTHERS) => {
    const found = await lstat(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
      throw error;
    });
    if (found === undefined || found.isSymbolicLink()) return;
    facts.push({ path, what, uid: found.uid, mode: found.mode & 0o777, forbidden, own });
  };
  const { dataFolder, database, docker, wardenSocket } = settings;
  try {
    await add(dataFolder, 'data folder', GROUP_MAY, true);
    await add(wardenSocket, 'warden’s socket', GROUP_MAY);
    for (const name of await readdir(dataFolder).catch(none)) {
      const what = NAMES.find(([pattern]) => pattern.test(name))?.[1];
      if (what !== undefined) await add(join(dataFolder, name), what, OTHERS);
    }
    await add(join(dataFolder, 'warden'), 'warden’s folder', OTHERS);
    if (settings.logFile !== undefined) await add(settings.logFile, 'log', GROUP_MAY);
    if (database !== undefined && !database.includes('://')) await add(database, 'address of the database', OTHERS);
    if (docker.DOCKER_CERT_PATH !== undefined)
      await add(join(docker.DOCKER_CERT_PATH, 'key.pem'), 'key of the engine', OTHERS);
    for (const name of await readdir('/run/secrets').catch(() => []))
      await add(join('/run/secrets', name), 'secret of compose', GROUP_MAY);
    return facts;
  } catch (error) {
    return unseen(why((error as NodeJS.ErrnoException).path ?? dataFolder, error));
  }
}

const none = (error: NodeJS.ErrnoException): string[] => {
  if (error.code === 'ENOENT') return [];
  throw error;
};
