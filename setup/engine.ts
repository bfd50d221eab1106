/**
 * Makes sure that a container engine answers. The one that runs is used as it is; one that is named by DOCKER_HOST is never
 * touched. Where none runs and we are root on a system of the Debian family, the distribution's is installed and started.
 */
import { existsSync, readFileSync } from 'node:fs';
import type { CarrelError } from '../gateway/src/base/errors.ts';
import { Scope } from '../gateway/src/base/scope.ts';
import { findDockerAddress, showAddress } from '../gateway/src/engine/docker/address.ts';
import { DockerConnection } from '../gateway/src/engine/docker/docker-connection.ts';
import { installPackages, isDebian, isRoot } from './debian.mjs';
import { DAEMON, startDaemon } from './engine-daemon.ts';
import { offerRunsc } from './engine-runsc.ts';
import { type Note, SetupError, step } from './steps.mjs';

const ANSWER_MS = 5000;
const START_MS = 60_000;
const PACKAGES = ['docker.io', 'iptables', 'ca-certificates'];

/** What decides whether we may install and start; `ensureEngine` reads it, tests give it. */
export interface Host {
  readonly root: boolean;
  readonly debian: boolean;
  readonly installed: boolean;
  readonly named: boolean;
}

/** What follows when no engine answers: a sentence for the person, or what we do ourselves. */
export function nextStep(host: Host, where: string, why: string): 'install' | 'start' | { explain: string } {
  if (host.named)
    return {
      explain: `${why}\nDOCKER_HOST names this engine, so nothing was installed: start it, or unset DOCKER_HOST.`,
    };
  if (host.installed) {
    if (host.root) return 'start';
    const how =
      'Start it as root (systemctl start docker), and let this user use it (group docker, or rootless Docker); then again.';
    return { explain: `Docker is installed, but no engine answers this user at ${where}: ${why}\n${how}` };
  }
  if (host.root && host.debian) return 'install';
  const what =
    'Install Docker Engine 20.10 or newer and start it, or name one that runs elsewhere by DOCKER_HOST; then again.';
  return {
    explain: `No container engine answers at ${where}, and only as root on a Debian system is one installed from here.\n${what}`,
  };
}

/** Answers a connection to an engine that has answered. Throws a `SetupError` or `CarrelError` that says what to do. */
export async function ensureEngine(): Promise<DockerConnection> {
  const { address } = findDockerAddress(process.env);
  const connection = new DockerConnection(address);
  const failure = await failureOf(connection);
  if (failure === undefined) return connection;
  const named = (process.env['DOCKER_HOST'] ?? '') !== '';
  const host = {
    root: isRoot(),
    debian: isDebian(),
    installed: existsSync(DAEMON),
    named,
  };
  const next = nextStep(host, showAddress(address), failure.message);
  if (typeof next === 'object') throw new SetupError(next.explain);
  if (next === 'install') {
    await step('no container engine is installed: installing docker.io from the distribution', (note) =>
      installPackages(PACKAGES, note),
    );
  }
  if ((await failureOf(connection)) === undefined) return connection;
  offerRunsc(engineProcess());
  await step('starting the container engine', (note) => startAndWait(connection, note));
  return connection;
}

/** The process id of the engine that runs on this host, when it is the system's. */
export function engineProcess(): number | undefined {
  try {
    const pid = Number(readFileSync('/var/run/docker.pid', 'utf8'));
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'dockerd' ? pid : undefined;
  } catch {
    return undefined;
  }
}

async function startAndWait(connection: DockerConnection, note: Note): Promise<void> {
  const daemon = await startDaemon(note);
  const end = Date.now() + START_MS;
  for (;;) {
    const failure = await failureOf(connection);
    if (failure === undefined) return;
    note(failure.message);
    const died = daemon.failure();
    if (died !== undefined) throw new SetupError(died);
    if (Date.now() > end)
      throw new SetupError(
        `The engine did not answer within ${START_MS / 1000} s: ${failure.message}\n${daemon.advice}`,
      );
    await new Promise((next) => setTimeout(next, 200));
  }
}

async function failureOf(connection: DockerConnection): Promise<CarrelError | undefined> {
  try {
    await connection.docker(Scope.withDeadline('asking the engine for its version', ANSWER_MS));
    return undefined;
  } catch (error) {
    return error as CarrelError;
  }
}
