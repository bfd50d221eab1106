/** The web-facing side on a free port: real HTTP, WebSockets and store, kernels in memory. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EdgeOptions, type EdgeServer, startEdge } from '../../gateway/src/app/edge-server.ts';
import { type Clock, systemClock } from '../../gateway/src/base/clock.ts';
import { isPolicyName, type PolicyName } from '../../gateway/src/base/ids.ts';
import { type Logger, silentLogger, silentMeter } from '../../gateway/src/base/ports.ts';
import type { KernelspecEntry } from '../../gateway/src/edge/jupyter/kernelspec-files.ts';
import type { OfferedPolicy } from '../../gateway/src/edge/jupyter/kernelspecs.ts';
import type { Store } from '../../gateway/src/store/store.ts';
import type { User } from '../../gateway/src/store/users.ts';
import { AuditLog } from '../../gateway/src/telemetry/audit-log.ts';
import { KeptFiles } from '../../gateway/src/worksheet/kept/kept-files.ts';
import { MemoryKernels } from './memory-kernels.ts';
import { MemorySandboxes } from './memory-sandboxes.ts';
import { testStore } from './postgres.ts';

export interface TestEdge extends AsyncDisposable {
  /** With the base path. */
  readonly url: string;
  readonly host: string;
  readonly edge: EdgeServer;
  readonly store: Store;
  readonly kernels: MemoryKernels;
  /** What the warden would tell of. */
  readonly sandboxes: MemorySandboxes;
  readonly audit: AuditLog;
  readonly admin: User;
  /** A valid token of `admin`. */
  readonly token: string;
  /** A further person with a token. */
  person(name: string): Promise<{ user: User; token: string }>;
}

export async function testEdge(
  options: Partial<EdgeOptions> = {},
  logger: Logger = silentLogger,
  clock: Clock = systemClock,
): Promise<TestEdge> {
  const store = await testStore();
  const kernels = new MemoryKernels();
  const sandboxes = new MemorySandboxes(['small', 'standard', 'exam']);
  const folder = await mkdtemp(join(tmpdir(), 'carrel-edge-'));
  const files = new KeptFiles({
    ...{ folder, records: store.files, worksheets: store.worksheets, clock, logger },
    bound: () => ({ size: 1000, count: 3 }),
    perPerson: 2000,
    users: store.users,
    sandbox: () => kernels.sandbox,
  });
  const audit = new AuditLog({ lines: store.audit, clock: systemClock, logger });
  const base = options.base ?? '';
  const edge = await startEdge(
    { bind: '127.0.0.1', port: 0, base, hosts: [], tokenlessSockets: 'loopback', version: '2.0.0-test', ...options },
    {
      store,
      secrets: { tokens: randomBytes(32).toString('hex') },
      kernels,
      kernelspecFiles: new Map([
        ['python3', kernelspec('Python 3')],
        ['ipykernel', kernelspec('Python 3 (ipykernel)')],
      ]),
      policies: ['small', 'standard', 'exam'].map(offered),
      defaultPolicy: 'standard',
      files,
      warden: sandboxes,
      policyView: { site: [], policies: [] },
      audit,
      meter: silentMeter,
      clock,
      logger,
    },
  );
  const issue = (user: User) => edge.tokens.issue(user, 'test', 3_600_000);
  const admin = await store.users.add('admin', 'admin', 0);
  const host = `127.0.0.1:${edge.port}`;
  return {
    url: `http://${host}${base}`,
    host,
    edge,
    store,
    kernels,
    sandboxes,
    audit,
    admin,
    token: await issue(admin),
    person: async (name) => {
      const user = await store.users.add(name, 'member', 0);
      return { user, token: await issue(user) };
    },
    [Symbol.asyncDispose]: async () => {
      await edge.stop();
      await audit.end();
      await store[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}

const kernelspec = (display_name: string): KernelspecEntry => ({
  spec: {
    argv: ['python3', '-m', 'ipykernel_launcher', '-f', '{connection_file}'],
    display_name,
    language: 'python',
    interrupt_mode: 'signal',
    env: {},
    metadata: { debugger: false },
  },
  resources: new Map([['logo-64x64.png', { type: 'image/png', content: Buffer.from('\x89PNG') }]]),
});

const KERNELS = ['python3', 'ipykernel'];

/** `exam` is for instructors only. */
function offered(name: string): OfferedPolicy {
  const allow = name === 'exam' ? { roles: ['instructor' as const] } : { everyone: true };
  const shape = { title: name, description: `the ${name} policy`, kernel: 'python3', kernels: KERNELS };
  return { name: policyName(name), ...shape, memory: 2 ** 29, cpus: 1, allow };
}

function policyName(name: string): PolicyName {
  if (!isPolicyName(name)) throw new Error(`not a policy name: ${name}`);
  return name;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: answers differ by route
  readonly json: any;
}

/** One request with exactly these headers and path; fetch would repair both. */
export function raw(
  edge: Pick<TestEdge, 'edge'>,
  method: string,
  path: string,
  headers: OutgoingHttpHeaders = {},
  body?: string,
): Promise<RawAnswer> {
  return new Promise((done, fail) => {
    const options = { host: '127.0.0.1', port: edge.edge.port, method, path, headers, agent: false };
    const sent = request(options, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () =>
        done({ status: response.statusCode ?? 0, headers: response.headers, text, json: parse(text) }),
      );
    });
    sent.on('upgrade', (response, socket) => {
      socket.destroy();
      done({ status: response.statusCode ?? 0, headers: response.headers, text: '', json: undefined });
    });
    sent.on('error', fail);
    sent.end(body);
  });
}

/** The headers of a WebSocket's handshake, with more. */
export const handshake = (headers: OutgoingHttpHeaders = {}): OutgoingHttpHeaders => ({
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
  ...headers,
});

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
