/**
 * PostgreSQL for the tests of the store. An image that is there is used as it is; else it is pulled, and where no registry answers
 * it is made from Debian's packages (`setup/postgres/`), under the same name and with the same settings.
 */
import { join } from 'node:path';
import type { DockerConnection } from '../gateway/src/engine/docker/docker-connection.ts';
import { ensureBaseImage, pull } from './base-images.ts';
import { answersWithin, endOf, imageId } from './image-calls.ts';
import { buildProxies } from './kernel-image.ts';
import { step } from './steps.mjs';

/** The version that Debian 13 has. */
export const POSTGRES_IMAGE = 'postgres:17';
const FOLDER = join(import.meta.dirname, 'postgres');
const BUILD_BEGINS_MS = 60_000;

export async function ensurePostgresImage(connection: DockerConnection): Promise<void> {
  if ((await imageId(connection, POSTGRES_IMAGE)) !== undefined) return;
  const refusal = await step(`pulling ${POSTGRES_IMAGE}`, (note) => pull(connection, POSTGRES_IMAGE, note));
  if (refusal === undefined) return;
  await ensureBaseImage(connection, 'debian:trixie-slim');
  await step(`making ${POSTGRES_IMAGE} from Debian's packages, since it cannot be pulled`, async (note) => {
    const answer = await answersWithin(BUILD_BEGINS_MS, connection, 'build an image', (docker) =>
      docker.buildImage(
        { context: FOLDER, src: ['Dockerfile', 'entrypoint.sh'] },
        { t: POSTGRES_IMAGE, networkmode: 'host', forcerm: true, buildargs: buildProxies() },
      ),
    );
    await endOf(answer, note);
  });
}
