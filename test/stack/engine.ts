/** This machine's engine as tests of the stack ask it, and images that stand for an earlier release. */
import Docker from 'dockerode';
import { findDockerAddress } from '../../gateway/src/engine/docker/address.ts';
import { imageOf, PARTS } from '../../setup/release-images.ts';

export function engineOfTests(): Docker {
  const { address } = findDockerAddress(process.env);
  return address.kind === 'socket' ? new Docker({ socketPath: address.path }) : new Docker();
}

/** Takes them away again. */
export async function removeOlderImages(tag: string): Promise<void> {
  for (const part of [...PARTS, 'kernel'] as const)
    await engineOfTests()
      .getImage(imageOf(part, `${tag}-before`))
      .remove({ force: true });
}

/**
 * The release before: other images, as far as the engine and Compose can tell, made from the same sources. Answers their tag.
 */
export async function olderImages(tag: string): Promise<string> {
  const docker = engineOfTests();
  const older = `${tag}-before`;
  for (const part of [...PARTS, 'kernel'] as const) {
    const made = await docker.createContainer({ Image: imageOf(part, tag) });
    await made.commit({ repo: `carrel-${part}`, tag: older, changes: 'LABEL carrel.release=before' });
    await made.remove();
  }
  return older;
}
