/** The Docker engine as the fault tests see it, beside Carrel: containers, images, and the engine's own view of them. */
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import Docker from 'dockerode';

export const HOSTILE_IMAGE = 'carrel-test-hostile';
export const KERNEL_IMAGE = 'carrel-kernel';

/** `host` as in DOCKER_HOST, by default the engine that the environment names. */
export function engineAt(host: string = process.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock'): Docker {
  return host.startsWith('unix://') ? new Docker({ socketPath: host.slice(7) }) : new Docker();
}

/** Path of the engine's Unix socket; the tests that stand between Carrel and the engine need one. */
export function engineSocket(): string {
  const host = process.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock';
  if (!host.startsWith('unix://')) throw new Error(`these tests need an engine behind a Unix socket, found ${host}`);
  return host.slice(7);
}

/** Builds the image of the hostile agent on the kernel image, from `test/images/hostile-agent`. */
export async function buildHostileImage(docker: Docker = engineAt()): Promise<void> {
  const context = resolve(import.meta.dirname, '../../images/hostile-agent');
  const src = ['Dockerfile', 'stream.py', 'attacks.py', 'agent.py'];
  const output = await text(await docker.buildImage({ context, src }, { t: HOSTILE_IMAGE }));
  if (!output.includes('Successfully built'))
    throw new Error(`${HOSTILE_IMAGE} could not be built: ${output.slice(-2000)}`);
}

/** Ids of Carrel's containers, in whatever state, that are open for the policy or, without one, for any. */
export async function containers(docker: Docker, instance: string, policy?: string): Promise<string[]> {
  const label = [`carrel.instance=${instance}`, ...(policy === undefined ? [] : [`carrel.policy=${policy}`])];
  const found = await docker.listContainers({ all: true, filters: { label } });
  return found.map((container) => container.Id);
}

/** Copies images from one engine to another. */
export async function copyImages(images: string[], from: Docker, to: Docker): Promise<void> {
  for (const image of images) {
    const output = await text(await to.loadImage(await from.getImage(image).get()));
    if (!output.includes('Loaded image')) throw new Error(`${image} was not taken: ${output.slice(-500)}`);
  }
}
