/** Containers of Carrel as `carrel doctor --attack` asks for them: what one uses, which user ids there are, what an earlier run left. */
import type { Scope } from '../../base/scope.ts';
import { LABELS } from '../container-plan.ts';
import { type DockerConnection, unlessStatus } from './docker-connection.ts';

interface StatsAnswer {
  readonly cpu_stats?: { readonly cpu_usage?: { readonly total_usage?: number } };
}

/** Processor time of the whole container in seconds, as the engine counts it. `not_found` where there is no such container. */
export async function processorSeconds(connection: DockerConnection, container: string, scope: Scope): Promise<number> {
  const answer = await connection.call(scope, 'count the processor time of a container', (docker, abortSignal) => {
    const options = { stream: false, 'one-shot': true, abortSignal } as object;
    return docker.getContainer(container).stats(options) as Promise<unknown>;
  });
  return ((answer as StatsAnswer).cpu_stats?.cpu_usage?.total_usage ?? 0) / 1e9;
}

/** User ids of all sandboxes on this engine, of whatever installation. */
export async function sandboxUids(connection: DockerConnection, scope: Scope): Promise<ReadonlySet<number>> {
  const found = await connection.call(scope, 'list containers', (docker, abortSignal) =>
    docker.listContainers({ all: true, filters: { label: [LABELS.uid] }, abortSignal }),
  );
  return new Set(found.map(({ Labels }) => Number(Labels[LABELS.uid])));
}

/** Removes what has ended of installations whose mark begins so; answers how many there were. */
export async function removeEnded(connection: DockerConnection, mark: string, scope: Scope): Promise<number> {
  const found = await connection.call(scope, 'list containers', (docker, abortSignal) =>
    docker.listContainers({ all: true, filters: { label: [LABELS.instance], status: ['exited'] }, abortSignal }),
  );
  const left = found.filter(({ Labels }) => Labels[LABELS.instance]?.startsWith(mark));
  for (const { Id } of left)
    await connection.call(scope, 'remove a container', (docker) =>
      docker.getContainer(Id).remove().catch(unlessStatus(404, 409)),
    );
  return left.length;
}
