/** The engine's calls about images, which only the setup needs; the program itself never builds or pulls. */
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { CarrelError } from '../gateway/src/base/errors.ts';
import { Scope } from '../gateway/src/base/scope.ts';
import type { DockerConnection } from '../gateway/src/engine/docker/docker-connection.ts';
import { type Note, SetupError } from './steps.mjs';

type Docker = Awaited<ReturnType<DockerConnection['docker']>>;

const CALL_MS = 30_000;
const BUILD_BEGINS_MS = 60_000;
const TAIL_LINES = 30;

/** One call that answers, or begins to, within the time. */
export function answersWithin<T>(
  ms: number,
  connection: DockerConnection,
  what: string,
  request: (docker: Docker, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return connection.call(Scope.withDeadline(`asking the engine to ${what}`, ms), what, request);
}

/** The id of a local image, or undefined. */
export async function imageId(connection: DockerConnection, image: string): Promise<string | undefined> {
  const images = await answersWithin(CALL_MS, connection, 'list images', (docker, abortSignal) =>
    docker.listImages({ filters: { reference: [image] }, abortSignal }),
  );
  return images[0]?.Id;
}

export async function tagImage(connection: DockerConnection, id: string, repo: string, tag: string): Promise<void> {
  await answersWithin(CALL_MS, connection, 'tag an image', (docker) => docker.getImage(id).tag({ repo, tag }));
}

/** The tags of a local image's name, the newest image first. */
export async function tagsOf(connection: DockerConnection, repo: string): Promise<string[]> {
  const images = await answersWithin(CALL_MS, connection, 'list images', (docker, abortSignal) =>
    docker.listImages({ filters: { reference: [repo] }, abortSignal }),
  );
  return images
    .sort((one, other) => other.Created - one.Created)
    .flatMap(({ RepoTags }) => RepoTags ?? [])
    .flatMap((name) => (name.startsWith(`${repo}:`) ? [name.slice(repo.length + 1)] : []));
}

/** Does nothing to one that is not there, or that a container uses. */
export async function untagImage(connection: DockerConnection, image: string): Promise<void> {
  try {
    await answersWithin(CALL_MS, connection, 'remove an image', (docker) => docker.getImage(image).remove());
  } catch (error) {
    if (!(error instanceof CarrelError) || !['not_found', 'conflict'].includes(error.code)) throw error;
  }
}

export interface BuildContext {
  readonly context: string;
  readonly src: readonly string[];
}

export interface BuildOptions {
  /** The image's name. */
  readonly t: string;
  readonly target?: string;
  readonly dockerfile?: string;
  readonly buildargs?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
}

/** Builds by the classic builder of the engine's API, which every engine has. */
export async function buildImage(
  connection: DockerConnection,
  { context, src }: BuildContext,
  { buildargs, labels, ...options }: BuildOptions,
  note: Note,
): Promise<void> {
  const more = { networkmode: 'host', forcerm: true, buildargs: { ...buildProxies(), ...buildargs } };
  const answer = await answersWithin(BUILD_BEGINS_MS, connection, 'build an image', (docker) =>
    docker.buildImage({ context, src: [...src] }, { ...options, ...(labels && { labels: { ...labels } }), ...more }),
  );
  let current = '';
  await endOf(answer, (line) => {
    if (/^Step \d+\/\d+/.test(line)) current = line;
    note(line === current || line.startsWith(' --->') ? current : `${current.slice(0, 60)} │ ${line}`);
  });
}

/** The engine gives these to every step of a build without keeping them in the image. */
function buildProxies(): Record<string, string> {
  const names = ['http_proxy', 'https_proxy', 'no_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}

interface Progress {
  readonly stream?: string;
  readonly status?: string;
  readonly error?: string;
}

/** Reads a build's, pull's or import's progress to its end. Throws a `SetupError` with the last lines where it failed. */
export async function endOf(answer: NodeJS.ReadableStream, note: Note): Promise<void> {
  const tail: string[] = [];
  for await (const line of createInterface({ input: answer as Readable })) {
    if (line.trim() === '') continue;
    const progress = JSON.parse(line) as Progress;
    if (progress.error !== undefined) throw new SetupError([progress.error, ...tail].join('\n'));
    const text = stripVTControlCharacters(progress.stream ?? progress.status ?? '').trimEnd();
    if (text === '') continue;
    tail.push(text);
    if (tail.length > TAIL_LINES) tail.shift();
    note(text.split('\n').at(-1) ?? '');
  }
}
