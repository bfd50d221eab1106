/**
 * Images that are not ours. One that is there is never replaced. Where it is missing, a pull is tried; where no registry answers,
 * it is made from the Debian mirror of this host, under the name that the Dockerfiles and the Compose file use.
 */
import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CarrelError } from '../gateway/src/base/errors.ts';
import type { DockerConnection } from '../gateway/src/engine/docker/docker-connection.ts';
import { installPackages } from './debian.mjs';
import { answersWithin, endOf, imageId } from './image-calls.ts';
import { makeStandIn, standInFor } from './stand-ins.ts';
import { type Note, run, SetupError, step } from './steps.mjs';

/** A registry that can be reached begins to answer within this time. */
const REGISTRY_MS = 20_000;
const SCRIPT = join(import.meta.dirname, 'make-base-image.sh');

/** The images that a Dockerfile starts from, without its own stages. */
export function basesOf(dockerfile: string): string[] {
  const stages = new Set<string>();
  const bases = new Set<string>();
  for (const line of dockerfile.split('\n')) {
    const found = /^\s*FROM\s+(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?\s*$/i.exec(line);
    if (found?.[1] === undefined) continue;
    if (!stages.has(found[1].toLowerCase())) bases.add(found[1]);
    if (found[2] !== undefined) stages.add(found[2].toLowerCase());
  }
  bases.delete('scratch');
  return [...bases];
}

/** Answers the image's id. */
export async function ensureBaseImage(connection: DockerConnection, image: string): Promise<string> {
  const present = await imageId(connection, image);
  if (present !== undefined) return present;
  const refusal = await step(`pulling ${image}`, (note) => pull(connection, image, note));
  if (refusal !== undefined) {
    const suite = /^debian:([a-z]+)-slim$/.exec(image)?.[1];
    const dockerfile = await standInFor(image);
    if (suite === undefined && dockerfile === undefined)
      throw new SetupError(`The image ${image} is missing and could not be pulled: ${refusal}`);
    for (const base of basesOf(dockerfile ?? '')) await ensureBaseImage(connection, base);
    await step(`making ${image} from the Debian mirror of this host, since it cannot be pulled`, (note) =>
      suite === undefined ? makeStandIn(connection, image, note) : make(connection, image, suite, note),
    );
  }
  const made = await imageId(connection, image);
  if (made === undefined) throw new SetupError(`${image} is still missing after it was made`);
  return made;
}

/** Answers why it could not be pulled, or undefined. */
async function pull(connection: DockerConnection, image: string, note: Note): Promise<string | undefined> {
  try {
    const answer = await answersWithin(REGISTRY_MS, connection, 'pull an image', (docker, abortSignal) =>
      docker.pull(image, { abortSignal }),
    );
    await endOf(answer, note);
    return undefined;
  } catch (error) {
    if (!(error instanceof CarrelError || error instanceof SetupError)) throw error;
    return error.message.split('\n', 1)[0]?.slice(0, 200) ?? 'no reason given';
  }
}

async function make(connection: DockerConnection, image: string, suite: string, note: Note): Promise<void> {
  await installPackages(['mmdebstrap', 'debian-archive-keyring'], note);
  const folder = await mkdtemp(join(tmpdir(), 'carrel-base-'));
  try {
    const file = join(folder, 'base.tar');
    await run('sh', [SCRIPT, suite, file], { note });
    note('importing it into the engine');
    const docker = await answersWithin(REGISTRY_MS, connection, 'import an image', async (docker) => docker);
    const [repo, tag] = image.split(':');
    await endOf(await docker.importImage(createReadStream(file), { repo, tag }), note);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
