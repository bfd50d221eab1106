/**
 * Images of other programs, made from Debian's packages where they cannot be pulled: under the same names, and taking the settings
 * that our Compose file and our tests give them. Each has a folder in `setup/stand-ins/`.
 */
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { DockerConnection } from '../gateway/src/engine/docker/docker-connection.ts';
import { node } from './dependencies.mjs';
import { buildImage } from './image-calls.ts';
import { type Note, run } from './steps.mjs';

/** With the version that Debian 13 has. */
export const POSTGRES_IMAGE = 'postgres:17-trixie';
export const REDIS_IMAGE = 'redis:8';
export const CADDY_IMAGE = 'caddy:2';
export const NODE_IMAGE = 'node:26-trixie-slim';
export const COMPOSE_IMAGE = 'docker:cli';

const FOLDER = join(import.meta.dirname, 'stand-ins');
/** npm's major version that Node 26 comes with. */
const NPM = 'npm@11';

interface StandIn {
  readonly folder: string;
  /** Puts what cannot be in the repository beside the Dockerfile. */
  readonly add?: (context: string, note: Note) => Promise<void>;
}

const STAND_INS: ReadonlyMap<string, StandIn> = new Map([
  [POSTGRES_IMAGE, { folder: 'postgres' }],
  [REDIS_IMAGE, { folder: 'redis' }],
  [CADDY_IMAGE, { folder: 'caddy' }],
  [COMPOSE_IMAGE, { folder: 'compose' }],
  [NODE_IMAGE, { folder: 'node', add: addNode }],
]);

/** The Dockerfile of the image's stand-in; undefined where there is none. */
export async function standInFor(image: string): Promise<string | undefined> {
  const found = STAND_INS.get(image);
  return found && (await readFile(join(FOLDER, found.folder, 'Dockerfile'), 'utf8'));
}

/** Its base images are there already. */
export async function makeStandIn(connection: DockerConnection, image: string, note: Note): Promise<void> {
  const { folder, add } = STAND_INS.get(image) as StandIn;
  const context = await mkdtemp(join(tmpdir(), 'carrel-image-'));
  try {
    await cp(join(FOLDER, folder), context, { recursive: true });
    await add?.(context, note);
    await buildImage(connection, { context, src: ['.'] }, { t: image }, note);
  } finally {
    await rm(context, { recursive: true, force: true });
  }
}

/** The Node that the program runs on here, and an npm that needs nothing else. */
async function addNode(context: string, note: Note): Promise<void> {
  await cp(resolve(node), join(context, 'node'), { dereference: true });
  const folder = await mkdtemp(join(tmpdir(), 'carrel-npm-'));
  try {
    await run('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', '--ignore-scripts', NPM], { note });
    await cp(join(folder, 'node_modules/npm'), join(context, 'npm'), { recursive: true, verbatimSymlinks: true });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
