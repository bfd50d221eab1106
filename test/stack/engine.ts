/** This machine's engine as tests of the stack ask it, and images that stand for an earlier release. */
import { randomBytes } from 'node:crypto';
import Docker from 'dockerode';
import { findDockerAddress } from '../../gateway/src/engine/docker/address.ts';
import { imageOf, PARTS } from '../../setup/release-images.ts';

const ALL = [...PARTS, 'kernel'] as const;

export function engineOfTests(): Docker {
  const { address } = findDockerAddress(process.env);
  return address.kind === 'socket' ? new Docker({ socketPath: address.path }) : new Docker();
}

/** Tags of images that belong to one run of the tests, which may have others beside it. */
export interface Releases {
  readonly older: string;
  readonly newer: string;
}

/**
 * `newer` is the release that has the tag `tag`. `older` stands for the one before: other images, as far as the engine and Compose can
 * tell, made from the same sources.
 */
export async function makeReleases(tag: string): Promise<Releases> {
  const docker = engineOfTests();
  const run = randomBytes(4).toString('hex');
  const releases = { older: `${tag}-${run}-before`, newer: `${tag}-${run}` };
  for (const part of ALL) {
    await docker.getImage(imageOf(part, tag)).tag({ repo: `carrel-${part}`, tag: releases.newer });
    const made = await docker.createContainer({ Image: imageOf(part, tag) });
    await made.commit({ repo: `carrel-${part}`, tag: releases.older, changes: 'LABEL carrel.release=before' });
    await made.remove();
  }
  return releases;
}

export async function removeReleases({ older, newer }: Releases): Promise<void> {
  for (const part of ALL)
    for (const tag of [older, newer]) await engineOfTests().getImage(imageOf(part, tag)).remove({ force: true });
}
