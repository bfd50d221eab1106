/**
 * The Unix socket of the warden, mode 0600. Node offers no SO_PEERCRED, so that who may ask is decided
 * by the file system alone: the warden's own user and root. Where the socket lies in a folder whose setgid bit gives files to a
 * group, this group may ask too: a gateway that runs as another user.
 */
import { mkdirSync, rmSync, statSync } from 'node:fs';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { CarrelError } from '../../base/errors.ts';

/** `sun_path` has 108 bytes on Linux, the last one zero (unix(7)). */
const LONGEST_PATH = 107;

/** Listens. A socket that a dead warden left is replaced; throws `invalid_settings` where a warden answers there. */
export async function listenOnSocket(server: Server, path: string): Promise<void> {
  const bytes = Buffer.byteLength(path);
  if (bytes > LONGEST_PATH) {
    throw new CarrelError(
      'invalid_settings',
      `expected the warden's socket to have a path of at most ${LONGEST_PATH} bytes, got ${bytes} (${path}): choose a shorter CARREL_DATA`,
    );
  }
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  if (await answers(path)) {
    throw new CarrelError(
      'invalid_settings',
      `a warden is running already at ${path}: stop it, or choose another CARREL_DATA`,
    );
  }
  const found = statSync(path, { throwIfNoEntry: false });
  if (found !== undefined && !found.isSocket()) {
    throw new CarrelError('invalid_settings', `expected ${path} to be a socket or nothing, got another file`);
  }
  rmSync(path, { force: true });
  /** The file has its mode from the moment it exists. */
  const umask = process.umask(forGroup(dirname(path)) ? 0o117 : 0o177);
  try {
    const listening = Promise.withResolvers<void>();
    server.once('error', listening.reject);
    server.listen(path, listening.resolve);
    await listening.promise;
    server.off('error', listening.reject);
  } finally {
    process.umask(umask);
  }
}

const SETGID = 0o2000;
const OTHERS = 0o007;

/** A folder that others may enter gives nothing to a group alone. */
function forGroup(folder: string): boolean {
  const { mode } = statSync(folder);
  return (mode & SETGID) !== 0 && (mode & OTHERS) === 0;
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const end = (alive: boolean) => {
      socket.destroy();
      resolve(alive);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}
