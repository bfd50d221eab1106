/** Who may open the engine's socket: its owner and mode, the user of the gateway's process, and the mounts of its containers. */
import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Scope } from '../../base/scope.ts';
import { type DockerAddress, showAddress } from '../../engine/docker/address.ts';
import type { DockerConnection } from '../../engine/docker/docker-connection.ts';
import { type ContainerFact, containersWith } from '../../engine/docker/engine-report.ts';
import { type Seen, type SelfFacts, type SocketFacts, unseen } from '../facts.ts';
import { why } from './files.ts';

const COMPOSE_SERVICE = 'com.docker.compose.service';
const SOCKETS = /(^|\/)(docker|containerd|podman)\.sock$/;

export async function socketFacts(
  address: DockerAddress,
  connection: DockerConnection,
  dataFolder: string | undefined,
  self: SelfFacts,
  scope: Scope,
): Promise<Seen<SocketFacts>> {
  const shown = showAddress(address);
  const [gateway, mounted] = await Promise.all([
    gatewayUser(dataFolder, self),
    containersWith(connection, `${COMPOSE_SERVICE}=gateway`, scope).then(mountsOf, () => []),
  ]);
  if (address.kind === 'tcp') return { address: shown, tls: address.tls !== undefined, gateway, mounted };
  try {
    const { uid, gid, mode } = await stat(address.path);
    return { address: shown, tls: false, file: { uid, gid, mode: mode & 0o7777 }, gateway, mounted };
  } catch (error) {
    return unseen(why(address.path, error));
  }
}

/** In a container without the socket: it is the gateway's, or as good as one. */
export const reachWithout = (path: string): SocketFacts => ({
  address: path,
  tls: false,
  gateway: unseen('the engine’s socket is not in this container'),
  mounted: [{ container: 'this container', socket: false }],
});

/** Containers of the compose service `gateway` that run Carrel; other projects have gateways too. */
export const mountsOf = (containers: readonly ContainerFact[]): SocketFacts['mounted'] =>
  containers
    .filter(({ image, labels }) => /carrel/.test(`${image} ${labels['com.docker.compose.project'] ?? ''}`))
    .map(({ name, mounts }) => ({ container: name, socket: mounts.some((path) => SOCKETS.test(path)) }));

/** The user of the gateway's process; where none runs, the owner of its data folder, since the first start has chosen it. */
async function gatewayUser(dataFolder: string | undefined, self: SelfFacts): Promise<SocketFacts['gateway']> {
  const running = dataFolder === undefined ? undefined : await gatewayProcess(dataFolder);
  if (running !== undefined) return running;
  if (self.container) return unseen('the gateway runs in another container');
  if (dataFolder === undefined) return unseen('the settings cannot be read');
  const folder = await stat(dataFolder).catch(() => undefined);
  if (folder !== undefined)
    return { uid: folder.uid, groups: groupsOf(folder.uid, folder.gid, self), from: 'owner of the data folder' };
  return { uid: self.uid, groups: [self.gid, ...self.groups], from: 'the one that asks' };
}

/** Groups of another account than this one are not looked up: its own group is known alone. */
const groupsOf = (uid: number, gid: number, self: SelfFacts): number[] =>
  uid === self.uid ? [self.gid, ...self.groups] : [gid];

/** The process of `carrel gateway` on this data folder; only root, and the gateway's own user, see which one that is. */
async function gatewayProcess(
  dataFolder: string,
): Promise<{ uid: number; groups: number[]; from: string } | undefined> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
    const main = words.findIndex((word) => word.endsWith('gateway/src/cli/main.ts'));
    if (main < 0 || words[main + 1] !== 'gateway') continue;
    if ((await dataFolderOf(pid)) !== dataFolder) continue;
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    const numbers = (key: string) =>
      (new RegExp(`^${key}:\\s*(.*)$`, 'm').exec(status)?.[1] ?? '').split(/\s+/).filter(Boolean).map(Number);
    const [, uid] = numbers('Uid');
    if (uid !== undefined)
      return { uid, groups: [...numbers('Gid').slice(1, 2), ...numbers('Groups')], from: `gateway, process ${pid}` };
  }
  return undefined;
}

/** Of the process's environment only this one setting is read. */
async function dataFolderOf(pid: string): Promise<string | undefined> {
  try {
    const [environment, folder] = await Promise.all([
      readFile(`/proc/${pid}/environ`, 'utf8'),
      readlink(`/proc/${pid}/cwd`),
    ]);
    const setting = environment.split('\0').find((entry) => entry.startsWith('CARREL_DATA='));
    return resolve(folder, setting?.slice('CARREL_DATA='.length) || 'data');
  } catch {
    return undefined;
  }
}
