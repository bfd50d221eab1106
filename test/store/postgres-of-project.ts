/** The PostgreSQL of the tests of this project; every test takes a database of its own in it. */
import type { TestProject } from 'vitest/node';
import { startPostgres } from '../support/postgres-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The address of the server, as a user who may do everything. */
    postgres: string;
  }
}

export default async function start(project: TestProject): Promise<() => Promise<void>> {
  const server = await startPostgres('fsync=off', 'max_connections=200');
  project.provide('postgres', server.address);
  return async () => await server[Symbol.asyncDispose]();
}
