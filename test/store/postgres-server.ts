/** A PostgreSQL of the version that Debian has, for the tests of this project; every test takes a database of its own in it. */
import { PostgreSqlContainer } from '@testcontainers/postgresql';
import type { TestProject } from 'vitest/node';
import { ensureBaseImage } from '../../setup/base-images.ts';
import { ensureEngine } from '../../setup/engine.ts';
import { POSTGRES_IMAGE } from '../../setup/stand-ins.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The address of the server, as a user who may do everything. */
    postgres: string;
  }
}

export default async function start(project: TestProject): Promise<() => Promise<void>> {
  /** Its helper that removes what tests left is an image of a registry; this one removes its container itself. */
  process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';
  await ensureBaseImage(await ensureEngine(), POSTGRES_IMAGE);
  const server = await new PostgreSqlContainer(POSTGRES_IMAGE)
    .withUsername('carrel')
    .withPassword('a:pass/word@1')
    .withDatabase('carrel')
    /** What it stores is gone with it anyway. */
    .withCommand(['postgres', '-c', 'fsync=off', '-c', 'max_connections=200'])
    .start();
  project.provide('postgres', server.getConnectionUri());
  return async () => void (await server.stop());
}
