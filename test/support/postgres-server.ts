/** A PostgreSQL of the version that Debian has, in a container; what it stores is gone with it. */
import { PostgreSqlContainer } from '@testcontainers/postgresql';
import { ensureBaseImage } from '../../setup/base-images.ts';
import { ensureEngine } from '../../setup/engine.ts';
import { POSTGRES_IMAGE } from '../../setup/stand-ins.ts';

export interface PostgresServer extends AsyncDisposable {
  /** Of the server, as a user who may do everything. */
  readonly address: string;
}

/** `settings` are those of its command line. */
export async function startPostgres(...settings: string[]): Promise<PostgresServer> {
  /** Its helper that removes what tests left is an image of a registry; this one removes its container itself. */
  process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';
  await ensureBaseImage(await ensureEngine(), POSTGRES_IMAGE);
  const server = await new PostgreSqlContainer(POSTGRES_IMAGE)
    .withUsername('carrel')
    .withPassword('a:pass/word@1')
    .withDatabase('carrel')
    .withCommand(['postgres', ...settings.flatMap((setting) => ['-c', setting])])
    .start();
  return { address: server.getConnectionUri(), [Symbol.asyncDispose]: async () => void (await server.stop()) };
}
