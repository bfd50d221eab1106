/**
 * The first code that runs in a container of ours. A container that begins as root in order to reach the engine's socket goes on as
 * the warden's user, in the one group that may open that socket; nothing of ours runs with more.
 */
import { statSync } from 'node:fs';

const WARDEN = 10002;
const SOCKET = '/var/run/docker.sock';
/** Runs as root, in a container without network, to give the volumes to their users. */
const FIRST_START = 'first-start';

if (process.getuid?.() === 0 && process.argv[2] !== FIRST_START) becomeWarden();
await import('../../gateway/src/cli/main.ts');

function becomeWarden() {
  const { DOCKER_HOST = `unix://${SOCKET}` } = process.env;
  const socket = DOCKER_HOST.startsWith('unix://')
    ? statSync(DOCKER_HOST.slice('unix://'.length), { throwIfNoEntry: false })
    : undefined;
  process.setgroups?.(socket === undefined ? [] : [socket.gid]);
  process.setgid?.(WARDEN);
  process.setuid?.(WARDEN);
}
