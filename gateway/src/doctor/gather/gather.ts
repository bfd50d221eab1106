/**
 * Looks at everything at once. Nothing here changes anything, every wait is bounded, and a part that fails is a fact of its own:
 * gathering itself never throws.
 */
import { existsSync } from 'node:fs';
import { CarrelError } from '../../base/errors.ts';
import { Scope } from '../../base/scope.ts';
import { readPolicies, withKernelImage } from '../../config/load-policies.ts';
import { formatProblem } from '../../config/problems.ts';
import { readSettings, type Settings } from '../../config/settings.ts';
import { type DockerAddress, findDockerAddress } from '../../engine/docker/address.ts';
import { DockerConnection } from '../../engine/docker/docker-connection.ts';
import { type EngineReport, engineReport, imageFact } from '../../engine/docker/engine-report.ts';
import { schemaState } from '../../store/schema-facts.ts';
import { MAY_NOT_LOOK, NO_DATABASE_YET } from '../checks/data.ts';
import { NO_ENGINE_HERE } from '../checks/engine.ts';
import { type Facts, isSeen, type PolicyFacts, type Seen, type Unseen, unseen } from '../facts.ts';
import { siteFacts } from './certificate.ts';
import { fileFacts } from './data.ts';
import { diskFacts, engineDisk } from './disks.ts';
import { hostFacts, selfFacts, synchronised } from './host.ts';
import { packageFacts } from './packages.ts';
import { reachWithout, socketFacts } from './reach.ts';
import { runningFacts } from './running.ts';

const ENGINE_MS = 10_000;
const NO_SETTINGS = 'the settings cannot be read';
const AWAY = 'the engine runs on another host: run carrel doctor there';
const CONTAINED = 'the host cannot be seen from inside of a container: run carrel doctor on the host';
const IN_VOLUMES = 'it lies in a volume of the stack: docker compose exec gateway carrel doctor';
const ELSEWHERE = 'no database is set in this container: docker compose exec gateway carrel doctor';

export interface GatherOptions {
  /** The settings are those of a Compose stack that is looked at from outside, so its volumes are not to be seen. */
  readonly stack?: boolean;
  /** Milliseconds that the engine has for all of its answers. */
  readonly engineMs?: number;
}

export async function gatherFacts(
  environment: Readonly<Record<string, string | undefined>>,
  { stack = false, engineMs = ENGINE_MS }: GatherOptions = {},
): Promise<Facts> {
  const settings = attempt(() => readSettings(environment));
  const known = isSeen(settings) ? settings : undefined;
  const found = attempt(() => findDockerAddress(known?.docker ?? environment).address);
  const scope = Scope.withDeadline('asking the engine', engineMs);
  const connection = isSeen(found) ? new DockerConnection(found) : undefined;
  const self = await selfFacts();
  const remote = isSeen(found) && isRemote(found);
  const withoutEngine = self.container && isSeen(found) && found.kind === 'socket' && !existsSync(found.path);
  const [host, clock, engine] = await Promise.all([
    hostFacts().then((own) => (remote ? away(own) : own)),
    synchronised(),
    connection === undefined
      ? unseenOf(found)
      : withoutEngine
        ? unseen(NO_ENGINE_HERE)
        : attempting(() => engineReport(connection, scope)),
  ]);
  const inside = stack || known === undefined ? unseen(stack ? IN_VOLUMES : NO_SETTINGS) : known;
  /** Why the engine's own files are not to be seen from here; undefined where they are. */
  const elsewhere = remote ? AWAY : self.container ? CONTAINED : undefined;
  const [packages, socket, policies, files, schema, site, running, dataDisk, enginesDisk] = await Promise.all([
    packageFacts(elsewhere),
    isSeen(found) && connection !== undefined
      ? withoutEngine
        ? reachWithout(found.path)
        : socketFacts(found, connection, stack ? undefined : known?.dataFolder, self, scope)
      : unseenOf(found),
    known === undefined ? unseen(NO_SETTINGS) : policyFacts(known, connection, engine, scope),
    isSeen(inside) ? fileFacts(inside) : inside,
    isSeen(inside) ? schemaFacts(inside, self.container) : inside,
    siteFacts(known?.publicUrl),
    isSeen(inside) ? runningFacts(inside, self.container) : { warden: inside, gateway: inside },
    isSeen(inside) ? diskFacts(inside.dataFolder) : inside,
    isSeen(engine) && elsewhere === undefined
      ? engineDisk(engine.root, known?.dataFolder ?? '/')
      : unseen(isSeen(engine) ? (elsewhere ?? AWAY) : 'no engine answered'),
  ]);
  const engineAhead =
    isSeen(engine) && engine.clock !== undefined
      ? Math.round(engine.clock.theirs - engine.clock.ours)
      : unseen('the engine does not tell its time');
  return {
    at: Date.now(),
    self,
    settings,
    host: { ...host, clock: { synchronised: clock, engineAhead }, dataDisk, engineDisk: enginesDisk },
    engine,
    packages,
    socket,
    policies,
    files,
    schema,
    site,
    running,
  };
}

const isRemote = (address: DockerAddress): boolean =>
  address.kind === 'tcp' && !/^(127\.|::1$|localhost$)/.test(address.host);

type OfHost = Awaited<ReturnType<typeof hostFacts>>;

/** Sandboxes share kernel, accounts and ports with the engine's host: where that is another one, this one's tell nothing of it. */
function away({ system, sysctls }: OfHost): OfHost {
  const unknown = unseen(AWAY);
  return {
    system,
    sysctls: Object.fromEntries(Object.keys(sysctls).map((name) => [name, unknown])),
    cgroup: unknown,
    securityModules: unknown,
    kernelCommandLine: unknown,
    swap: unknown,
    ksm: unknown,
    smt: unknown,
    cpuVulnerabilities: unknown,
    accounts: unknown,
    subordinateUids: unknown,
    openPorts: unknown,
  };
}

async function policyFacts(
  { policyFolder: folder, kernelImage }: Settings,
  connection: DockerConnection | undefined,
  engine: Seen<EngineReport>,
  scope: Scope,
): Promise<Seen<PolicyFacts>> {
  const { problems, loaded: read } = readPolicies(folder);
  const loaded = read === undefined ? undefined : withKernelImage(read, kernelImage);
  const policies = loaded === undefined ? [] : [...loaded.policies.values()];
  const images = [...new Set(policies.map(({ image }) => image))];
  return {
    folder,
    problems: problems.map(formatProblem),
    policies,
    ...(loaded === undefined ? {} : { site: loaded.site }),
    images:
      connection === undefined || !isSeen(engine)
        ? unseen('no engine answered')
        : await attempting(async () =>
            Object.fromEntries(
              await Promise.all(images.map(async (name) => [name, await imageFact(connection, name, scope)] as const)),
            ),
          ),
  };
}

async function schemaFacts({ dataFolder, database }: Settings, container: boolean): Promise<Facts['schema']> {
  try {
    return (await schemaState(dataFolder, database)) ?? unseen(container ? ELSEWHERE : NO_DATABASE_YET);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const hidden = code === 'EACCES' || /unable to open|readonly|permission/i.test(message);
    return unseen(hidden && database === undefined ? `${MAY_NOT_LOOK}: ${message}` : message);
  }
}

const unseenOf = (value: object): Unseen => unseen('unseen' in value ? String(value.unseen) : 'not looked at');

function attempt<T>(look: () => T): Seen<T> {
  try {
    return look();
  } catch (error) {
    return unseen(messageOf(error));
  }
}

async function attempting<T>(look: () => Promise<T>): Promise<Seen<T>> {
  try {
    return await look();
  } catch (error) {
    return unseen(messageOf(error));
  }
}

const messageOf = (error: unknown): string =>
  error instanceof CarrelError || error instanceof Error ? error.message : String(error);
