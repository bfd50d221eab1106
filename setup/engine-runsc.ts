/**
 * gVisor's runtime for the policies that ask for it: where the program `runsc` is installed and the engine has no configuration
 * file, one is written that offers it. A file that is there belongs to somebody else and stays as it is.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { isRoot } from './debian.mjs';

const RUNSC = '/usr/bin/runsc';
const CONFIGURATION = '/etc/docker/daemon.json';
/** Without them a sentry of 2022 does not start on a Linux of today; a sandbox has no network in any case. */
const ARGUMENTS = ['--network=none', '--platform=ptrace'];

/**
 * Offers runsc to the system's engine, which reads its runtimes anew on SIGHUP, containers going on. `running` is its process
 * id. False where nothing was changed.
 */
export function offerRunsc(running: number | undefined, program = RUNSC, file = CONFIGURATION): boolean {
  if (!isRoot() || !existsSync(program) || existsSync(file)) return false;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(
    file,
    `${JSON.stringify({ runtimes: { runsc: { path: program, runtimeArgs: ARGUMENTS } } }, null, 2)}\n`,
    { flag: 'wx' },
  );
  if (running !== undefined) process.kill(running, 'SIGHUP');
  return true;
}
