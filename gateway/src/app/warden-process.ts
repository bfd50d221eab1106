/** The warden's process: the only one that opens the engine's socket. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../base/clock.ts';
import { loadPolicies, withKernelImage } from '../config/load-policies.ts';
import type { Settings } from '../config/settings.ts';
import { findDockerAddress } from '../engine/docker/address.ts';
import { DockerEngine } from '../engine/docker/docker-engine.ts';
import type { Engine } from '../engine/engine.ts';
import { serveWarden, wardenServer } from '../warden/http/face.ts';
import { listenOnSocket } from '../warden/http/socket-file.ts';
import { instanceId } from '../warden/instance.ts';
import { Journal } from '../warden/journal.ts';
import { Warden } from '../warden/warden.ts';
import { createLogger } from './logger.ts';
import { wardenMetrics } from './metrics.ts';
import { programVersion } from './places.ts';
import { settleMemory } from './settle-memory.ts';
import { type Told, tellSupervisor } from './supervised.ts';

/** Within this time after SIGTERM every sandbox has ended; what is left is taken over by the next warden. */
const STOP_MS = 9000;
const LINGER_MS = 500;
/** The warden ends a lost sandbox with a reason before the agent ends it without one. */
const LEASE_OF_ORPHAN = 0.9;

/**
 * Runs until SIGTERM or SIGINT. Throws `invalid_policy` and `invalid_settings`; an engine that is away is waited for. `chosen`
 * is the engine of benchmarks, in the place of the one that the settings name.
 */
export async function runWarden(settings: Settings, chosen?: Engine): Promise<void> {
  const stopped = signalled();
  const logger = createLogger(settings, 'warden');
  const policies = withKernelImage(loadPolicies(settings.policyFolder), settings.kernelImage);
  const { engine, strategy } = chosen === undefined ? docker(settings) : { engine: chosen, strategy: 'given' };
  const server = wardenServer();
  /** First of all, because two wardens must not write one journal. */
  await listenOnSocket(server, settings.wardenSocket);
  const folder = join(settings.dataFolder, 'warden');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { journal, content } = Journal.open(join(folder, 'claims.ndjson'), logger);
  const metrics = await wardenMetrics(settings, programVersion());
  const warden = new Warden({
    ...(metrics === undefined ? {} : { meter: metrics }),
    engine,
    policies,
    journal,
    content,
    clock: systemClock,
    logger,
    instance: instanceId(join(folder, 'instance')),
    lease: settings.orphanSeconds * 1000 * LEASE_OF_ORPHAN,
    orphanSeconds: settings.orphanSeconds,
  });
  metrics?.watch(warden);
  serveWarden(server, warden, logger, metrics && (() => metrics.text()));
  warden.subscribe((event) => {
    metrics?.heard(event);
    if (event.type === 'engine') void tellSupervisor(lackOf(event));
  });
  warden.start();
  logger.info({ strategy, policies: [...policies.policies.keys()] }, 'the warden is ready');
  settleMemory();

  const signal = await stopped;
  logger.info({ signal }, 'the warden ends its sandboxes');
  const left = await warden.stop(STOP_MS);
  if (left > 0) logger.warn({ sandboxes: left }, 'sandboxes are left to the next warden');
  journal.close();
  server.close();
  server.closeAllConnections();
  /** Answers that a hung engine owes, or a stream that nobody reads, do not keep the process. */
  setTimeout(() => process.exit(), LINGER_MS).unref();
}

const lackOf = ({ available, message }: { available: boolean; message: string }): Told => ({
  type: 'lack',
  ...(available ? {} : { message }),
});

function docker(settings: Settings): { engine: Engine; strategy: string } {
  const { address, strategy } = findDockerAddress(settings.docker);
  return { engine: new DockerEngine(address), strategy };
}

function signalled(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
}
