/**
 * The `.env` of a Compose stack as the settings of its gateway, so that it can be looked at before the stack has ever been started.
 * What `compose.yaml` fixes is taken from there; `STACK_` names become the settings that they stand for.
 */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { CarrelError } from '../../base/errors.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Throws `bad_request` where the file cannot be read. `version` is the program's, the default of STACK_VERSION. */
export function stackEnvironment(file: string, version: string): Environment {
  let content: string;
  try {
    content = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new CarrelError('bad_request', `expected a file of settings at ${file}: ${(cause as Error).message}`, {
      cause,
    });
  }
  return ofStack(parseEnv(content), dirname(resolve(file)), version);
}

/** `folder` is the one that relative paths of the file begin at. */
export function ofStack(file: Environment, folder: string, version: string): Environment {
  const value = (name: string, fallback: string) => file[name] || fallback;
  const settings = Object.entries(file).filter(([name, text]) => name.startsWith('CARREL_') && text !== '');
  return {
    CARREL_BIND: '0.0.0.0',
    CARREL_TOKENLESS_SOCKETS: 'off',
    CARREL_PROXIES: '10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7',
    CARREL_KERNEL_IMAGE: `${value('STACK_IMAGES', '')}carrel-kernel:${value('STACK_VERSION', version)}`,
    ...Object.fromEntries(settings),
    CARREL_POLICIES: resolve(folder, value('STACK_POLICIES', 'policies')),
    DOCKER_HOST: `unix://${value('STACK_ENGINE_SOCKET', '/var/run/docker.sock')}`,
  };
}
