/** Images as one stream out of the engine and into another: what `docker save` and `docker load` do. */
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { CarrelError } from '../../base/errors.ts';
import { Scope } from '../../base/scope.ts';
import type { DockerConnection } from './docker-connection.ts';

const ASK_MS = 30_000;
/** The engine first gathers what it sends. Milliseconds. */
const BEGINS_MS = 600_000;
const OK = { 200: true, 404: 'no such image', 500: 'server error' };

export interface LocalImage {
  readonly name: string;
  readonly id: string;
  /** As the engine names it: amd64, arm64. */
  readonly architecture: string;
}

/** Undefined for an image that is not there. */
export async function localImage(connection: DockerConnection, name: string): Promise<LocalImage | undefined> {
  const scope = Scope.withDeadline('asking the engine for an image', ASK_MS);
  try {
    const found = await connection.call(scope, `inspect the image ${name}`, (docker) =>
      docker.getImage(name).inspect(),
    );
    return { name, id: found.Id, architecture: found.Architecture };
  } catch (error) {
    if (error instanceof CarrelError && error.code === 'not_found') return undefined;
    throw error;
  }
}

/** Of the engine's machine: amd64, arm64. */
export async function engineArchitecture(connection: DockerConnection): Promise<string> {
  const scope = Scope.withDeadline('asking the engine for its version', ASK_MS);
  const { Arch } = await connection.call(scope, 'tell its version', (docker) => docker.version());
  return Arch;
}

/** All of them in one archive, in which layers that they share stand once. */
export function saveImages(connection: DockerConnection, names: readonly string[]): Promise<Readable> {
  const scope = Scope.withDeadline('asking the engine for the images', BEGINS_MS);
  /** The client takes the last character away where it has no parameters of its own; it cannot repeat one. */
  const path = `/images/get?${names.map((name) => `names=${encodeURIComponent(name)}`).join('&')}&`;
  return connection.call(
    scope,
    'save images',
    (docker) =>
      new Promise<Readable>((resolve, reject) => {
        const asked = { path, method: 'GET', isStream: true, statusCodes: OK };
        docker.modem.dial(asked, (error: unknown, answer: unknown) =>
          error === null || error === undefined ? resolve(answer as Readable) : reject(error),
        );
      }),
  );
}

/** Ends when the engine has them all. Throws `bad_request` for what is no such archive. */
export async function loadImages(
  connection: DockerConnection,
  archive: Readable,
  told: (line: string) => void,
): Promise<void> {
  const scope = Scope.withDeadline('loading images', BEGINS_MS);
  const answer = await connection.call(scope, 'load images', (docker) => docker.loadImage(archive, { quiet: true }));
  for await (const line of createInterface({ input: answer as Readable })) {
    if (line.trim() === '') continue;
    const { stream, error } = JSON.parse(line) as { stream?: string; error?: string };
    if (error !== undefined) throw new CarrelError('bad_request', `the engine could not load the images: ${error}`);
    if (stream !== undefined) told(stream.trim());
  }
}
