/** Puts the web-facing side together: authentication, REST, WebSockets and the page, on one HTTP server. */
import type { Server } from 'node:http';
import { Accounts, type SignUp } from '../auth/accounts.ts';
import { Authenticator } from '../auth/authenticate.ts';
import { BrowserSessions } from '../auth/browser-sessions.ts';
import { LaunchGrants, type TokenlessSockets } from '../auth/launch-grants.ts';
import { People } from '../auth/people.ts';
import type { Person } from '../auth/principal.ts';
import { MemoryRates, type RateLimits, type RateStore, Rates } from '../auth/rates.ts';
import { SiteAddress } from '../auth/site-address.ts';
import { Tokens } from '../auth/tokens.ts';
import type { AuditSink } from '../base/audit.ts';
import type { Clock } from '../base/clock.ts';
import { CarrelError } from '../base/errors.ts';
import { http } from '../base/node-http.ts';
import type { Logger, Meter } from '../base/ports.ts';
import type { EdgeDeps, SlowLimits } from '../edge/gateway-edge.ts';
import { createApp } from '../edge/http/app.ts';
import { limitConnections, SLOW_LIMITS, serverOptions } from '../edge/http/request-limits.ts';
import type { KernelspecFiles } from '../edge/jupyter/kernelspec-files.ts';
import { Kernelspecs, type OfferedPolicy } from '../edge/jupyter/kernelspecs.ts';
import { Sessions } from '../edge/jupyter/sessions.ts';
import { loadPageFiles } from '../edge/page/files.ts';
import type { OpenSockets } from '../edge/ws/open-sockets.ts';
import { acceptUpgrades } from '../edge/ws/upgrades.ts';
import type { Kernels } from '../kernel/contract.ts';
import { LastBackup } from '../operations/last-backup.ts';
import { LiveSandboxes } from '../operations/live-sandboxes.ts';
import { type Load, Operations } from '../operations/operations.ts';
import { ReadinessCheck } from '../operations/readiness.ts';
import type { Remover } from '../privacy/delete-person.ts';
import { Privacy } from '../privacy/privacy.ts';
import type { WardenFacts } from '../sandbox/warden-client.ts';
import type { Secrets } from '../store/secrets.ts';
import type { Store } from '../store/store.ts';
import { AuditReader } from '../telemetry/audit-reader.ts';
import type { PoliciesModel } from '../wire/admin-rest.ts';
import { History } from '../worksheet/history/history.ts';
import { Recorder } from '../worksheet/history/recorder.ts';
import type { KeptFiles } from '../worksheet/kept/kept-files.ts';
import { Access } from '../worksheet/library/access.ts';
import { Library } from '../worksheet/library/library.ts';
import { Sharing } from '../worksheet/library/sharing.ts';
import { Rooms, type RoomsOptions } from '../worksheet/rooms/rooms.ts';
import { DisabledPeople } from './disabled-people.ts';
import { executionOf, offeredKernel } from './worksheet-kernels.ts';

export interface EdgeOptions {
  readonly bind: string;
  /** 0 chooses a free one. */
  readonly port: number;
  /** Empty, or `/base`. */
  readonly base: string;
  readonly publicUrl?: string | undefined;
  readonly hosts: readonly string[];
  readonly tokenlessSockets: TokenlessSockets;
  /** Whether people may make accounts themselves; `off` without it. */
  readonly signUp?: SignUp;
  /** Addresses of proxies whose X-Forwarded-For is believed. */
  readonly proxies?: readonly string[];
  /** Others than those of auth/rates.ts. */
  readonly limits?: Partial<RateLimits>;
  /** Others than those of request-limits.ts. */
  readonly slow?: Partial<SlowLimits>;
  readonly version: string;
  /** What the build of the pages has written. */
  readonly webFolder?: string;
  /** Where the whole of long outputs is kept while their sandboxes live; without it only what documents hold is. */
  readonly dataFolder?: string;
}

export interface EdgeParts {
  readonly store: Store;
  readonly secrets: Pick<Secrets, 'tokens'>;
  readonly kernels: Kernels;
  readonly kernelspecFiles: KernelspecFiles;
  readonly policies: readonly OfferedPolicy[];
  readonly defaultPolicy: string;
  readonly files: KeptFiles;
  readonly warden: WardenFacts;
  /** As administrators see them. */
  readonly policyView: PoliciesModel;
  readonly audit: AuditSink;
  readonly meter: Meter;
  readonly clock: Clock;
  readonly logger: Logger;
  /** What several gateways share; without it each counts in its memory. */
  readonly rateStore?: RateStore | undefined;
  /** Frees the port, at which something else has listened until now. */
  readonly freePort?: (() => void) | undefined;
}

export interface EdgeServer {
  readonly port: number;
  readonly server: Server;
  readonly tokens: Tokens;
  readonly accounts: Accounts;
  readonly operations: Operations;
  /** Tells every client to come back later (1012) and stops listening; kernels go on. */
  stop(): Promise<void>;
}

/** "Service restart": clients reconnect. */
const RESTART = 1012;
/** Answers that are under way get this long, in milliseconds, before their connections are cut. */
const LAST_ANSWERS = 2000;
/** Bytes that a cell's streams keep in the document, of the beginning and of the end. */
const OUTPUT_BOUND = { head: 256 * 1024, tail: 256 * 1024 };

export async function startEdge(options: EdgeOptions, parts: EdgeParts): Promise<EdgeServer> {
  const { store, kernels, files, clock, logger } = parts;
  const rates = new Rates(parts.rateStore ?? new MemoryRates(), options.limits);
  const slow = { ...SLOW_LIMITS, ...options.slow };
  const tokens = new Tokens({ key: parts.secrets.tokens, users: store.users, tokens: store.tokens, clock });
  const browsers = new BrowserSessions({ users: store.users, webSessions: store.webSessions, clock });
  const accounts = new Accounts({ store, browsers, clock, signUp: options.signUp ?? 'off', rates });
  const site = new SiteAddress(options);
  const grants = new LaunchGrants(options.tokenlessSockets, clock);
  const specs = new Kernelspecs(parts.kernelspecFiles, parts.policies, parts.defaultPolicy);
  const onError = (error: unknown) => logger.error({ err: error }, 'a session could not be forgotten');
  const access = new Access(store.worksheets, store.shares);
  const recorder = new Recorder({ versions: store.versions, clock, logger });
  const own = { worksheets: store.worksheets, access, recorder };
  const execution = executionOf(options, parts, specs);
  const asked = askedEntry(parts);
  const rooms = new Rooms({ ...own, ...execution, kernels, clock, logger, bound: OUTPUT_BOUND, asked });
  const offered = (person: Person, name: string | undefined) => offeredKernel(specs, person, name);
  const library = new Library({ ...store, access, rooms, recorder, files, offered, clock });
  files.onChange((worksheet) => rooms.tell(worksheet, { say: 'files' }));
  /** Known once upgrades are accepted. */
  let sockets: OpenSockets | undefined;
  const load = () => ({
    ...{ sockets: sockets?.count ?? 0, worksheets: rooms.load.worksheets, documents: rooms.load.bytes },
  });
  const operations = operationsOf(options, parts, load);
  const deps: EdgeDeps = {
    authenticator: new Authenticator({ tokens, sessions: browsers, grants, site }),
    site,
    grants,
    tokens,
    browsers,
    accounts,
    people: new People({ store, accounts, browsers, now: () => clock.now() }),
    proxies: options.proxies ?? [],
    rates,
    slow,
    spendLink: (token) => store.tokens.useLink(token),
    kernels,
    specs,
    sessions: new Sessions({ records: store.jupyterSessions, kernels, specs, now: () => clock.now(), onError }),
    library,
    history: new History({ versions: store.versions, access, rooms, recorder, library }),
    access,
    files,
    sharing: new Sharing({ ...store, access, rooms, clock }),
    rooms,
    operations,
    audit: parts.audit,
    auditReader: new AuditReader(store),
    privacy: new Privacy(removerOf(parts, rooms, accounts), () => clock.now()),
    meter: parts.meter,
    clock,
    logger,
    base: options.base,
    version: options.version,
    started: clock.now(),
  };
  const disabled = new DisabledPeople({ users: store.users, accounts, kernels, clock, logger });
  const app = createApp(deps, await loadPageFiles(options.webFolder));
  const server = http.createServer(serverOptions(slow), app);
  limitConnections(server, options.proxies ?? []);
  const upgraded = acceptUpgrades(server, deps);
  sockets = upgraded;
  parts.freePort?.();
  const port = await listen(server, options);
  void rooms.restore();
  return {
    port,
    server,
    tokens,
    accounts,
    operations,
    stop: async () => {
      const closed = new Promise((done) => server.close(done));
      disabled.close();
      upgraded.closeAll(RESTART, 'the gateway restarts');
      server.closeIdleConnections();
      const cut = setTimeout(() => server.closeAllConnections(), LAST_ANSWERS);
      await closed;
      clearTimeout(cut);
      await rooms.close();
      files.close();
    },
  };
}

/** Who asked for the cells whose code the audit log has, where the policy wants that. */
const askedEntry =
  ({ policies, audit }: EdgeParts): RoomsOptions['asked'] =>
  (person, worksheet, command) => {
    if (policies.find(({ name }) => name === worksheet.policy)?.audit?.code !== true) return;
    const details = { do: command.do, cells: (command.cells ?? []).join(' ') };
    audit.record({
      event: 'code.asked',
      actor: person.user,
      via: 'browser',
      subject: `worksheet:${worksheet.id}`,
      details,
    });
  };

const removerOf = ({ store, kernels, files }: EdgeParts, rooms: Rooms, accounts: Accounts): Remover => ({
  store,
  folder: files.folder,
  end: (worksheet) => rooms.end(worksheet, 'the account of its owner is deleted'),
  endOthers: async ({ id }) => {
    accounts.ended();
    await Promise.all(kernels.list(id).map((kernel) => kernels.shutdown(id, kernel.id)));
  },
});

function operationsOf({ version }: EdgeOptions, parts: EdgeParts, load: () => Load): Operations {
  const { store, warden, kernels, policyView, clock, logger } = parts;
  const policies = parts.policies.map(({ name }) => name);
  return new Operations({
    ...{ warden, policies: policyView, load, version, clock },
    sandboxes: new LiveSandboxes({ warden, store, kernels, clock, logger }),
    backups: new LastBackup(store.audit),
    readiness: new ReadinessCheck({ store: store.liveness, warden, policies, clock, logger }),
  });
}

async function listen(server: Server, { bind, port }: EdgeOptions): Promise<number> {
  await new Promise<void>((done, fail) => {
    server.once('error', (error: NodeJS.ErrnoException) => fail(readable(error, bind, port)));
    server.listen(port, bind, done);
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

function readable(error: NodeJS.ErrnoException, bind: string, port: number): Error {
  const why: Record<string, string> = {
    EADDRINUSE: `port ${port} is in use by another program; choose another with CARREL_PORT`,
    EACCES: `port ${port} may not be opened by this account; choose one above 1023 with CARREL_PORT`,
    EADDRNOTAVAIL: `this machine does not have the address ${bind} (CARREL_BIND)`,
  };
  const message = why[error.code ?? ''] ?? `cannot listen at ${bind}:${port}: ${error.message}`;
  return new CarrelError('invalid_settings', message, { cause: error });
}
