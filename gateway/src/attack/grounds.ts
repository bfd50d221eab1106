/**
 * Where real sandboxes of a policy are made for attacks: a warden and kernels of their own on the installation's engine, with the
 * installation's policies, profile and image. The warden that serves people is not touched, nor any of its sandboxes: these have a
 * mark and user ids of their own, and end with this process; where it is killed, by themselves
 * within a minute, and the next run removes what is left of them.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../base/clock.ts';
import { CarrelError } from '../base/errors.ts';
import { newUserId, type PolicyName, type UserId } from '../base/ids.ts';
import { silentLogger } from '../base/ports.ts';
import { Scope } from '../base/scope.ts';
import { type LoadedPolicies, loadPolicies, withKernelImage } from '../config/load-policies.ts';
import type { Policy } from '../config/policy.ts';
import type { Settings } from '../config/settings.ts';
import { findDockerAddress } from '../engine/docker/address.ts';
import { processorSeconds, removeEnded, sandboxUids } from '../engine/docker/container-stats.ts';
import { DockerConnection } from '../engine/docker/docker-connection.ts';
import { DockerEngine } from '../engine/docker/docker-engine.ts';
import type { EngineFacts } from '../engine/engine.ts';
import { type UidRange, uidRange } from '../engine/uid-range.ts';
import { KernelRegistry } from '../kernel/registry.ts';
import { WardenClient } from '../sandbox/warden-client.ts';
import { serveWarden, wardenServer } from '../warden/http/face.ts';
import { listenOnSocket } from '../warden/http/socket-file.ts';
import { Warden } from '../warden/warden.ts';

const ENGINE_MS = 15_000;
const STOP_MS = 15_000;
const STATS_MS = 10_000;
/** Seconds after which a sandbox that nobody comes back for ends by itself. */
const ORPHAN_SECONDS = 60;
/** Marks the containers; no installation's mark begins so. */
export const INSTANCE = 'attack-';
/** User ids that must be free one after the other: a run of all attacks takes far fewer. */
const UIDS = 64;

export class Grounds implements AsyncDisposable {
  readonly policy: Policy;
  readonly engine: EngineFacts;
  readonly kernels: KernelRegistry;
  readonly owner: UserId = newUserId();
  readonly #connection: DockerConnection;
  readonly #end: () => Promise<void>;

  private constructor(
    policy: Policy,
    engine: EngineFacts,
    kernels: KernelRegistry,
    connection: DockerConnection,
    end: () => Promise<void>,
  ) {
    this.policy = policy;
    this.engine = engine;
    this.kernels = kernels;
    this.#connection = connection;
    this.#end = end;
  }

  /** Throws `not_found` for a policy that there is not, and what the engine, its runtimes and its images lack. */
  static async open(settings: Settings, name: string): Promise<Grounds> {
    const loaded = withKernelImage(loadPolicies(settings.policyFolder), settings.kernelImage);
    const policy = policyOf(loaded, name);
    const { address } = findDockerAddress(settings.docker);
    const [engine, connection] = [new DockerEngine(address), new DockerConnection(address)];
    const scope = Scope.withDeadline('asking the engine', ENGINE_MS);
    const facts = await engine.facts(scope);
    if (!facts.runtimes.includes(policy.runtime))
      throw new CarrelError(
        'sandbox_rejected',
        `the policy ${name} asks for the runtime "${policy.runtime}", the engine has ${facts.runtimes.join(', ')}`,
      );
    if ((await engine.imageId(policy.image, scope)) === undefined)
      throw new CarrelError(
        'image_missing',
        `the engine has no image "${policy.image}", which the policy ${name} names`,
      );
    await removeEnded(connection, INSTANCE, scope);
    const nextUid = freeUids(uidRange(facts, loaded.site), await sandboxUids(connection, scope));

    const folder = mkdtempSync(join(tmpdir(), 'carrel-attack-'));
    const server = wardenServer();
    const socket = join(folder, 'warden.sock');
    await listenOnSocket(server, socket);
    const shared = { clock: systemClock, logger: silentLogger };
    const warden = new Warden({
      ...shared,
      engine,
      policies: { ...loaded, policies: new Map([[policy.name, policy]]) },
      journal: { append: () => {} },
      content: { nextUid, entries: new Map() },
      instance: `${INSTANCE}${randomBytes(8).toString('hex')}`,
      lease: ORPHAN_SECONDS * 1000,
      orphanSeconds: ORPHAN_SECONDS,
    });
    serveWarden(server, warden, silentLogger);
    warden.start();
    const kernels = new KernelRegistry({
      ...shared,
      warden: new WardenClient(socket, systemClock, silentLogger),
      records: { all: async () => [], put: async () => {}, touch: async () => {}, remove: async () => {} },
      policies: (asked) => (asked === policy.name ? policy : undefined),
      perPerson: 8,
      secret: randomBytes(32),
    });
    await kernels.restore();
    return new Grounds(policy, facts, kernels, connection, async () => {
      kernels.detach();
      await warden.stop(STOP_MS);
      server.close();
      server.closeAllConnections();
      rmSync(folder, { recursive: true, force: true });
    });
  }

  /** Of the whole container, in seconds, as the engine counts it. */
  processorSeconds(sandbox: string): Promise<number> {
    const scope = Scope.withDeadline('asking the engine', STATS_MS);
    return processorSeconds(this.#connection, `carrel-${sandbox}`, scope);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end();
  }
}

/** Nothing is kept ready: each sandbox is made when it is asked for. */
function policyOf({ policies }: LoadedPolicies, name: string): Policy {
  const policy = policies.get(name as PolicyName);
  if (policy !== undefined) return { ...policy, pool: { min: 0, max: 0, refillAt: 0 } };
  throw new CarrelError('not_found', `expected one of the policies ${[...policies.keys()].join(', ')}, got ${name}`);
}

/**
 * The kernel counts much per user id, so none that a live sandbox has may be used, and none that a warden gives next: they give the
 * ids from the front on.
 */
export function freeUids({ first, count }: UidRange, used: ReadonlySet<number>): number {
  for (let from = first + count - UIDS; from > first; from -= UIDS) {
    if (!Array.from({ length: UIDS }, (_, at) => from + at).some((uid) => used.has(uid))) return from;
  }
  return first;
}
