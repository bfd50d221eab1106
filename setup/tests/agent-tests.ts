/**
 * The agent's own tests (Python), inside the kernel image where the agent will run: an image of a moment with the sources and
 * the golden files beside each other, a container without a network, and nothing left of both.
 */
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { DockerConnection } from '../../gateway/src/engine/docker/docker-connection.ts';
import { root } from '../dependencies.mjs';
import { ensureEngine } from '../engine.ts';
import { answersWithin, endOf } from '../image-calls.ts';
import { type Tally, tallyOfUnittest } from './tally.ts';

const IMAGE = 'carrel-kernel-tests';
const DOCKERFILE = 'setup/tests/agent-tests.Dockerfile';
const CALL_MS = 60_000;
/** The tests take seconds; one that hangs must not hold up the others. */
const LIMIT_SECONDS = 300;

export async function agentTests(print: (line: string) => void): Promise<Tally> {
  const connection = await ensureEngine();
  const call = <T>(what: string, request: Parameters<typeof answersWithin<T>>[3]) =>
    answersWithin(CALL_MS, connection, what, request);
  const src = ['kernel-image/agent', 'test/golden/agent-frames', DOCKERFILE];
  await endOf(
    await call('build an image', (docker) =>
      docker.buildImage({ context: root, src }, { t: IMAGE, dockerfile: DOCKERFILE }),
    ),
    () => {},
  );
  try {
    const { output, status } = await runTests(connection);
    print(output.trimEnd());
    return tallyOfUnittest(output, status);
  } finally {
    await call('remove an image', (docker) => docker.getImage(IMAGE).remove({ force: true }));
  }
}

async function runTests(connection: DockerConnection): Promise<{ output: string; status: number }> {
  const docker = await answersWithin(CALL_MS, connection, 'run the tests', async (found) => found);
  const container = await docker.createContainer({
    Image: IMAGE,
    Tty: true,
    HostConfig: { NetworkMode: 'none', LogConfig: { Type: 'none', Config: {} }, Memory: 1 << 30, PidsLimit: 256 },
  });
  const limit = setTimeout(() => void container.kill().catch(() => {}), LIMIT_SECONDS * 1000);
  try {
    const stream = await container.attach({ stream: true, stdout: true, stderr: true });
    const output = text(stream.pipe(new PassThrough()));
    await container.start();
    const { StatusCode: status } = (await container.wait()) as { StatusCode: number };
    return { output: await output, status };
  } finally {
    clearTimeout(limit);
    await container.remove({ force: true });
  }
}
