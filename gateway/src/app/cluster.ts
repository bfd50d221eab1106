/**
 * One of several gateways (CARREL_REDIS): it passes on what comes to its port until it owns the kernels and worksheets itself, then says
 * so again and again. The lease is the lock on the database; an owner that is silent is put out of it. docs/spec/cluster.md
 */

import type { Server } from 'node:http';
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';
import type { Redis } from 'ioredis';
import type { RateStore } from '../auth/rates.ts';
import { RedisRates } from '../auth/redis-rates.ts';
import type { Clock } from '../base/clock.ts';
import { CarrelError } from '../base/errors.ts';
import type { Logger } from '../base/ports.ts';
import type { Settings } from '../config/settings.ts';
import { Doorway } from '../edge/passing/doorway.ts';
import { Hops } from '../edge/passing/hop.ts';
import { listenInside, underWay } from '../edge/passing/inner.ts';
import { connectRedis, Live, type Owner } from '../store/live/live.ts';
import { loadSecrets } from '../store/secrets.ts';

/** Milliseconds. */
const RENEW = 500;
const LOOK = 200;
/** An owner is taken for silent when Redis has answered for so long that there is none; its lease was over before. */
const SILENT = 500;
/** After Redis was away, an owner has so long to be heard again: Redis may have forgotten it. */
const BACK = 3000;
/** What was passed on is answered before this gateway ends, within this. */
const LAST_ANSWERS = 2000;
const LAST_LOOK = 10;

interface ClusterParts {
  readonly redis: Redis;
  readonly hops: Hops;
  readonly inside: { readonly host: string; readonly port: number };
  readonly logger: Logger;
}

export class Cluster implements AsyncDisposable {
  readonly rates: RateStore;
  readonly #parts: ClusterParts;
  readonly #live: Live;
  #doorway: Doorway | undefined;
  #inner: Server | undefined;
  #owner: Owner | undefined;
  /** When Redis first answered that there is no owner, by the clock that never goes back. */
  #silentSince: number | undefined;
  /** When the connection to Redis was made last, by the same clock. */
  #answersSince = performance.now();
  #term: (() => number | undefined) | undefined;
  #ready = false;
  #ended = false;

  constructor(parts: ClusterParts) {
    this.#parts = parts;
    this.#live = new Live(parts.redis);
    this.rates = new RedisRates(parts.redis);
    parts.redis.on('ready', () => {
      this.#answersSince = performance.now();
      this.#silentSince = undefined;
    });
  }

  /** Takes requests at the gateway's own port from now on, for whoever owns the worksheets. */
  async open({ bind, port, proxies }: Settings): Promise<void> {
    const { hops, logger } = this.#parts;
    const owner = () => (this.#owner?.ready === true ? this.#owner.address : undefined);
    this.#doorway = new Doorway({ hops, proxies, owner, logger });
    await this.#doorway.listen(port, bind).catch((cause) => {
      throw new CarrelError(
        'invalid_settings',
        `cannot listen at ${bind}:${port} (CARREL_BIND, CARREL_PORT): ${cause.message}`,
      );
    });
    void this.#watch();
    void this.#renew();
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** The owner has not renewed its lease for longer than it lasts, while Redis answered (LC4, LC8). */
  readonly silent = (): boolean => {
    const now = performance.now();
    return this.#silentSince !== undefined && now - this.#silentSince >= SILENT && now - this.#answersSince >= BACK;
  };

  /** This gateway has the lock; `term` is its number as long as it does. */
  readonly held = (term: () => number | undefined): void => {
    this.#term = term;
    void this.#announce();
  };

  readonly term = (): number | undefined => this.#term?.();

  /** The port is free for the edge. */
  readonly leave = (): void => this.#doorway?.leave();

  /** The edge answers: the others may pass on. */
  async lead(edge: Server): Promise<void> {
    const { inside, hops, logger } = this.#parts;
    this.#inner = await listenInside(edge, inside, hops);
    this.#ready = true;
    await this.#announce();
    logger.info({ term: this.term() }, 'this gateway owns the worksheets');
  }

  /** This gateway is about to end: the others keep what comes until the next one owns. */
  async yield(): Promise<void> {
    this.#ready = false;
    await this.#announce();
    /** Until the others have read it, they pass on to here. */
    await new Promise((next) => setTimeout(next, 2 * LOOK));
    const inner = this.#inner;
    inner?.close();
    const until = performance.now() + LAST_ANSWERS;
    while (inner !== undefined && underWay(inner) > 0 && performance.now() < until)
      await new Promise((next) => setTimeout(next, LAST_LOOK));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true;
    this.#doorway?.end();
    this.#inner?.close();
    this.#inner?.closeAllConnections();
    const term = this.term();
    if (term !== undefined) await this.#live.withdraw(term).catch(() => {});
    this.#parts.redis.disconnect();
  }

  async #watch(): Promise<void> {
    for (; !this.#ended; await new Promise((next) => setTimeout(next, LOOK))) {
      if (this.term() !== undefined) {
        this.#silentSince = undefined;
        continue;
      }
      try {
        this.#owner = await this.#live.owner();
        this.#silentSince = this.#owner === undefined ? (this.#silentSince ?? performance.now()) : undefined;
      } catch {
        /** Nobody is silent who cannot be heard; who was the owner is tried. */
        this.#silentSince = undefined;
      }
    }
  }

  async #renew(): Promise<void> {
    for (; !this.#ended; await new Promise((next) => setTimeout(next, RENEW))) await this.#announce();
  }

  async #announce(): Promise<void> {
    const term = this.term();
    if (term === undefined || this.#ended) return;
    const { host, port } = this.#parts.inside;
    const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
    this.#owner = { address, term, ready: this.#ready };
    try {
      if (!(await this.#live.announce(this.#owner)))
        this.#parts.logger.warn({ term }, 'another gateway with a higher number has announced itself');
    } catch (error) {
      this.#parts.logger.debug({ err: error }, 'the lease could not be announced');
    }
  }
}

/** Undefined where there is one gateway alone. Throws `invalid_settings`. */
export async function joinCluster(settings: Settings, clock: Clock, logger: Logger): Promise<Cluster | undefined> {
  const { redis: address, internal, dataFolder } = settings;
  if (address === undefined || internal === undefined) return undefined;
  let told: string | undefined;
  let joined: Cluster | undefined;
  const redis = await connectRedis(address, (why) => {
    if (joined?.ended !== true && told !== why)
      why === undefined ? logger.info({}, 'Redis answers again') : logger.warn({}, `Redis cannot be reached: ${why}`);
    told = why;
  });
  const { tokens } = await loadSecrets(dataFolder);
  const inside = { host: internal.host ?? ownAddress(), port: internal.port };
  const cluster = new Cluster({ redis, hops: new Hops(tokens, () => clock.now()), inside, logger });
  joined = cluster;
  await cluster.open(settings);
  return cluster;
}

/** The first one that other hosts, or other containers, reach. */
function ownAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((each): NetworkInterfaceInfo[] => each ?? []);
  return all.find(({ internal, family }) => !internal && family === 'IPv4')?.address ?? '127.0.0.1';
}
