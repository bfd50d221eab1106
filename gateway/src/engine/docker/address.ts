/**
 * Where the engine is: from DOCKER_HOST and its companions, or the first socket that is there and may be opened. Each place
 * to look is a named strategy, so that `doctor` can print which one was taken.
 */
import { accessSync, constants, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { CarrelError } from '../../base/errors.ts';

export interface TlsFiles {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export type DockerAddress =
  | { readonly kind: 'socket'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly tls?: TlsFiles };

/** The variables that Docker's own client reads. */
export interface DockerVariables {
  readonly DOCKER_HOST?: string | undefined;
  readonly DOCKER_TLS_VERIFY?: string | undefined;
  readonly DOCKER_CERT_PATH?: string | undefined;
  readonly XDG_RUNTIME_DIR?: string | undefined;
}

export interface FoundAddress {
  readonly address: DockerAddress;
  /** Name of the strategy that found it. */
  readonly strategy: string;
}

const SYSTEM_SOCKET = '/var/run/docker.sock';
const TLS_PORT = 2376;

/** For messages: `/var/run/docker.sock`, `tcp://engine:2376 (TLS)`. */
export function showAddress(address: DockerAddress): string {
  if (address.kind === 'socket') return address.path;
  return `tcp://${address.host}:${address.port}${address.tls === undefined ? '' : ' (TLS)'}`;
}

/** Throws `invalid_settings` for a DOCKER_HOST that cannot be used. Without one it always answers, with the system's socket at last. */
export function findDockerAddress(variables: DockerVariables, mayOpen = mayOpenSocket): FoundAddress {
  const host = variables.DOCKER_HOST;
  if (host !== undefined && host !== '') return { address: parseHost(host, variables), strategy: 'DOCKER_HOST' };
  const sockets: [string, string | undefined][] = [
    ['system socket', SYSTEM_SOCKET],
    ['rootless socket in XDG_RUNTIME_DIR', variables.XDG_RUNTIME_DIR && join(variables.XDG_RUNTIME_DIR, 'docker.sock')],
    ['rootless socket of this user', `/run/user/${process.getuid?.() ?? 0}/docker.sock`],
    ['Docker Desktop', join(homedir(), '.docker', 'run', 'docker.sock')],
  ];
  for (const [strategy, path] of sockets) {
    if (path !== undefined && mayOpen(path)) return { address: { kind: 'socket', path }, strategy };
  }
  return { address: { kind: 'socket', path: SYSTEM_SOCKET }, strategy: 'system socket' };
}

function parseHost(text: string, variables: DockerVariables): DockerAddress {
  const expected = (what: string) =>
    new CarrelError('invalid_settings', `expected DOCKER_HOST to be ${what}, got ${JSON.stringify(text)}`);
  if (text.startsWith('unix://')) {
    const path = text.slice('unix://'.length) || SYSTEM_SOCKET;
    if (!path.startsWith('/')) throw expected('unix:// and an absolute path');
    return { kind: 'socket', path };
  }
  const url = URL.parse(text.includes('://') ? text : `tcp://${text}`);
  if (
    url === null ||
    !['tcp:', 'https:', 'http:'].includes(url.protocol) ||
    url.hostname === '' ||
    /^.+/.test(url.pathname.slice(1))
  ) {
    throw expected('unix:///PATH or tcp://HOST:PORT');
  }
  const verify = variables.DOCKER_TLS_VERIFY !== undefined && variables.DOCKER_TLS_VERIFY !== '';
  const tls = verify || url.protocol === 'https:' || url.port === String(TLS_PORT);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (tls) return { kind: 'tcp', host, port: Number(url.port || TLS_PORT), tls: tlsFiles(variables) };
  if (!isLoopback(host)) {
    throw expected('a socket, or TCP with TLS (DOCKER_TLS_VERIFY=1): an engine on an open port is root for everybody');
  }
  return { kind: 'tcp', host, port: Number(url.port || 2375) };
}

const isLoopback = (host: string) => host === 'localhost' || host === '::1' || /^127(\.\d+){3}$/.test(host);

function tlsFiles(variables: DockerVariables): TlsFiles {
  const folder = variables.DOCKER_CERT_PATH || join(homedir(), '.docker');
  const read = (name: string) => {
    const path = join(folder, name);
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      const why = (error as NodeJS.ErrnoException).code ?? 'unreadable';
      throw new CarrelError(
        'invalid_settings',
        `expected DOCKER_CERT_PATH to hold ca.pem, cert.pem and key.pem, got ${why} for ${path}`,
      );
    }
  };
  return { ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem') };
}

function mayOpenSocket(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
