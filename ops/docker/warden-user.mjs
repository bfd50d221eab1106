/**
 * A container that begins as root in order to reach the engine's socket goes on as the warden's user, in the one group that may open
 * that socket.
 */
import { statSync } from 'node:fs';

const WARDEN = 10002;
const SOCKET = '/var/run/docker.sock';

/** Does nothing where the process is another user already. */
export function becomeWarden() {
  if (process.getuid?.() !== 0) return;
  const { DOCKER_HOST = `unix://${SOCKET}` } = process.env;
  const socket = DOCKER_HOST.startsWith('unix://')
    ? statSync(DOCKER_HOST.slice('unix://'.length), { throwIfNoEntry: false })
    : undefined;
  process.setgroups?.(socket === undefined ? [] : [socket.gid]);
  process.setgid?.(WARDEN);
  process.setuid?.(WARDEN);
}
