/** The web-facing process: store, kernels, edge, in this order; the other way round at the end. Kernels outlive it. */
import { join } from 'node:path';
import { RATE_LIMITS, type RateLimits } from '../auth/rates.ts';
import { systemClock } from '../base/clock.ts';
import type { PolicyName } from '../base/ids.ts';
import { type Logger, silentMeter } from '../base/ports.ts';
import { loadPolicies } from '../config/load-policies.ts';
import type { Policy } from '../config/policy.ts';
import { policySources } from '../config/policy-sources.ts';
import type { Settings } from '../config/settings.ts';
import { type KernelspecFiles, loadKernelspecFiles } from '../edge/jupyter/kernelspec-files.ts';
import { KernelRegistry } from '../kernel/registry.ts';
import type { Operations } from '../operations/operations.ts';
import { policiesModel } from '../operations/policy-views.ts';
import { WardenClient } from '../sandbox/warden-client.ts';
import { loadSecrets } from '../store/secrets.ts';
import { AuditLog } from '../telemetry/audit-log.ts';
import type { GatewayMetrics, GatewayNow } from '../telemetry/gateway-metrics.ts';
import { KeptFiles } from '../worksheet/kept/kept-files.ts';
import { policiesEntry, startedEntry } from './audit-entries.ts';
import { type Cluster, joinCluster } from './cluster.ts';
import { startEdge } from './edge-server.ts';
import { createLogger } from './logger.ts';
import { measuredWarden } from './measured-warden.ts';
import { gatewayMetrics, startMetrics } from './metrics.ts';
import { type DatabaseEvents, openDatabase } from './open-database.ts';
import { endPrintedToken, firstLink, type People, printedToken } from './people.ts';
import { inviteAddress, kernelspecFolder, programVersion, webFolder } from './places.ts';
import { settleMemory } from './settle-memory.ts';
import { markStandBy } from './stand-by-mark.ts';
import { answerSupervisor, isSupervised, tellSupervisor } from './supervised.ts';

/** Runs until SIGTERM or SIGINT. Throws `invalid_policy` and `invalid_settings`. */
export async function runGateway(settings: Settings): Promise<void> {
  const stopped = signalled();
  const clock = systemClock;
  const logger = createLogger(settings, 'gateway');
  const version = programVersion();
  const metrics = await gatewayMetrics(settings, version);
  const meter = metrics ?? silentMeter;
  const looked = new WardenClient(settings.wardenSocket, clock, logger);
  await using _metrics = metrics && (await startMetrics(settings, { metrics, warden: looked, logger }));
  const { policies, site } = loadPolicies(settings.policyFolder);
  const sources = policySources(settings.policyFolder, policies.keys());
  const kernelspecFiles = await loadKernelspecFiles(kernelspecFolder);
  warnOfUnknownKernels(policies, kernelspecFiles, logger);
  await using cluster = await joinCluster(settings, clock, logger);
  await using store = await openDatabase(settings, databaseEvents(logger, metrics, cluster), stopped);
  markStandBy(false);
  if (store === undefined) return;
  const audit = new AuditLog({ lines: store.audit, clock, logger });
  audit.record(startedEntry(settings, version), policiesEntry(policies));
  const secrets = await loadSecrets(settings.dataFolder);
  const files: KeptFiles = new KeptFiles({
    folder: join(settings.dataFolder, 'files'),
    records: store.files,
    worksheets: store.worksheets,
    bound: (policy) => policies.get(policy)?.files,
    perPerson: settings.filesPerPerson,
    users: store.users,
    sandbox: (kernel) => kernels.sandbox(kernel),
    clock,
    logger,
  });
  const warden = new WardenClient(settings.wardenSocket, clock, logger, cluster?.term);
  const kernels: KernelRegistry = new KernelRegistry({
    warden: measuredWarden(warden, meter, () => clock.now()),
    records: store.kernels,
    policies: (name) => policies.get(name),
    perPerson: site.perPerson,
    secret: Buffer.from(secrets.sandboxes, 'hex'),
    files,
    clock,
    logger,
    meter,
    audit,
  });
  try {
    await kernels.restore();
    const offered = { policies: [...policies.values()], defaultPolicy: site.default };
    const policyView = policiesModel(offered.policies, sources, settings.kernelImage);
    const watched = { warden, policyView, audit, meter, clock, logger };
    const shared = { rateStore: cluster?.rates, freePort: cluster?.leave };
    const parts = { store, secrets, kernels, kernelspecFiles, ...offered, files, ...watched, ...shared };
    const edge = await startEdge({ ...settings, limits: limitsOf(settings), version, webFolder }, parts);
    await cluster?.lead(edge.server);
    metrics?.watch(() => gatewayNow(kernels, edge.operations));
    logger.info({ port: edge.port }, 'the gateway is ready');
    void tellSupervisor({ type: 'ready' });
    answerSupervisor(() => {
      audit.record({ event: 'token.made', via: 'system', details: { label: 'printed at start' } });
      return printedToken({ store, tokens: edge.tokens });
    });
    if (!isSupervised()) await tellFirstLink({ store, accounts: edge.accounts }, settings);
    settleMemory();

    const signal = await stopped;
    logger.info({ signal }, 'the gateway ends; kernels go on');
    await cluster?.yield();
    await edge.stop();
    if (isSupervised()) await endPrintedToken({ store });
  } finally {
    kernels.detach();
    await audit.end();
    /** The store works in order: when this is answered, what the kernels wrote last is in it. */
    await store.kernels.all();
  }
}

const limitsOf = ({ requestsPerPerson, requestsPerAddress }: Settings): Partial<RateLimits> => ({
  person: { ...RATE_LIMITS.person, points: requestsPerPerson },
  address: { ...RATE_LIMITS.address, points: requestsPerAddress },
});

/** On standard output, where the log of a container shows it; it never reaches the log itself. */
async function tellFirstLink(people: Pick<People, 'store' | 'accounts'>, settings: Settings): Promise<void> {
  const link = await firstLink(people);
  if (link === undefined) return;
  const until = new Date(link.endsAt).toISOString().slice(0, 10);
  process.stdout.write(
    `Nobody administers this Carrel yet. The link by which ${link.name} sets a password, once, until ${until}:\n${inviteAddress(settings, link.key)}\n`,
  );
}

async function gatewayNow(kernels: KernelRegistry, operations: Operations): Promise<GatewayNow> {
  const [{ checks }, backup] = await Promise.all([operations.readiness(), operations.lastBackup()]);
  const { sockets, worksheets, documents } = operations.load;
  const backupAge = backup === undefined ? undefined : Math.max(0, (systemClock.now() - backup) / 1000);
  return { kernels: kernels.counts(), sockets, worksheets, documentBytes: documents, checks, backupAge };
}

const databaseEvents = (
  logger: Logger,
  metrics: GatewayMetrics | undefined,
  cluster: Cluster | undefined,
): DatabaseEvents => ({
  cluster,
  onStatement: metrics && ((...facts) => metrics.stored(...facts)),
  onWaiting: (why) => {
    logger.warn({}, why);
    void tellSupervisor({ type: 'lack', message: why });
  },
  onStandBy: () => {
    if (cluster !== undefined) {
      logger.info(
        {},
        'another gateway owns the worksheets; this one passes on to it and takes over when that one ends',
      );
      return;
    }
    logger.info({}, 'another gateway works on the database; this one stands by and takes over when that one ends');
    markStandBy(true);
  },
  onLost: () => {
    logger.error({}, 'another gateway has taken the database; this one ends');
    process.exit(1);
  },
});

function signalled(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
}

function warnOfUnknownKernels(policies: ReadonlyMap<PolicyName, Policy>, files: KernelspecFiles, logger: Logger): void {
  for (const { name, kernels } of policies.values())
    for (const kernel of kernels.filter((each) => !files.has(each)))
      logger.warn({ policy: name, kernel }, `not offered: there is no ${kernel}/kernel.json in ${kernelspecFolder}`);
}
