/** The web-facing process: store, kernels, edge, in this order; the other way round at the end. Kernels outlive it. */
import { join } from 'node:path';
import { systemClock } from '../base/clock.ts';
import type { PolicyName } from '../base/ids.ts';
import type { Logger } from '../base/ports.ts';
import { loadPolicies } from '../config/load-policies.ts';
import type { Policy } from '../config/policy.ts';
import type { Settings } from '../config/settings.ts';
import { type KernelspecFiles, loadKernelspecFiles } from '../edge/jupyter/kernelspec-files.ts';
import { KernelRegistry } from '../kernel/registry.ts';
import { WardenClient } from '../sandbox/warden-client.ts';
import { loadSecrets } from '../store/secrets.ts';
import { KeptFiles } from '../worksheet/kept/kept-files.ts';
import { startEdge } from './edge-server.ts';
import { createLogger } from './logger.ts';
import { type DatabaseEvents, openDatabase } from './open-database.ts';
import { endPrintedToken, firstLink, type People, printedToken } from './people.ts';
import { inviteAddress, kernelspecFolder, programVersion, webFolder } from './places.ts';
import { settleMemory } from './settle-memory.ts';
import { answerSupervisor, isSupervised, tellSupervisor } from './supervised.ts';

/** Runs until SIGTERM or SIGINT. Throws `invalid_policy` and `invalid_settings`. */
export async function runGateway(settings: Settings): Promise<void> {
  const stopped = signalled();
  const clock = systemClock;
  const logger = createLogger(settings, 'gateway');
  const { policies, site } = loadPolicies(settings.policyFolder);
  const kernelspecFiles = await loadKernelspecFiles(kernelspecFolder);
  warnOfUnknownKernels(policies, kernelspecFiles, logger);
  await using store = await openDatabase(settings, databaseEvents(logger), stopped);
  if (store === undefined) return;
  const secrets = await loadSecrets(settings.dataFolder);
  const files: KeptFiles = new KeptFiles({
    folder: join(settings.dataFolder, 'files'),
    records: store.files,
    worksheets: store.worksheets,
    bound: (policy) => policies.get(policy)?.files,
    sandbox: (kernel) => kernels.sandbox(kernel),
    clock,
    logger,
  });
  const kernels: KernelRegistry = new KernelRegistry({
    warden: new WardenClient(settings.wardenSocket, clock, logger),
    records: store.kernels,
    policies: (name) => policies.get(name),
    perPerson: site.perPerson,
    secret: Buffer.from(secrets.sandboxes, 'hex'),
    files,
    clock,
    logger,
  });
  try {
    await kernels.restore();
    const offered = { policies: [...policies.values()], defaultPolicy: site.default };
    const parts = { store, secrets, kernels, kernelspecFiles, ...offered, files, clock, logger };
    const edge = await startEdge({ ...settings, version: programVersion(), webFolder }, parts);
    logger.info({ port: edge.port }, 'the gateway is ready');
    void tellSupervisor({ type: 'ready' });
    answerSupervisor(() => printedToken({ store, tokens: edge.tokens }));
    if (!isSupervised()) await tellFirstLink({ store, accounts: edge.accounts }, settings);
    settleMemory();

    const signal = await stopped;
    logger.info({ signal }, 'the gateway ends; kernels go on');
    await edge.stop();
    if (isSupervised()) await endPrintedToken({ store });
  } finally {
    kernels.detach();
    /** The store works in order: when this is answered, what the kernels wrote last is in it. */
    await store.kernels.all();
  }
}

/** On standard output, where the log of a container shows it; it never reaches the log itself. */
async function tellFirstLink(people: Pick<People, 'store' | 'accounts'>, settings: Settings): Promise<void> {
  const link = await firstLink(people);
  if (link === undefined) return;
  const until = new Date(link.endsAt).toISOString().slice(0, 10);
  process.stdout.write(
    `Nobody administers this Carrel yet. The link by which ${link.name} sets a password, once, until ${until}:\n${inviteAddress(settings, link.key)}\n`,
  );
}

const databaseEvents = (logger: Logger): DatabaseEvents => ({
  onWaiting: (why) => {
    logger.warn({}, why);
    void tellSupervisor({ type: 'lack', message: why });
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
