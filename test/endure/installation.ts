/**
 * A whole installation whose parts can be killed: two gateways behind a front, a warden, an engine of its own, Redis and PostgreSQL in
 * containers of the host's engine. What is killed is started again as a service manager would.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type Docker from 'dockerode';
import { GenericContainer, type StartedTestContainer } from 'testcontainers';
import { openPeople } from '../../gateway/src/app/people.ts';
import { readSettings } from '../../gateway/src/config/settings.ts';
import { ensureBaseImage } from '../../setup/base-images.ts';
import { ensureEngine } from '../../setup/engine.ts';
import { POSTGRES_IMAGE, REDIS_IMAGE } from '../../setup/stand-ins.ts';
import { copyImages, engineAt, KERNEL_IMAGE } from '../fault/support/docker.ts';
import { policyFolder } from '../fault/support/policies.ts';
import { PrivateEngine } from '../fault/support/private-engine.ts';
import { until } from '../fault/support/until.ts';
import { freePort } from '../support/carrel.ts';
import { Front } from './front.ts';
import { Keeper } from './keeper.ts';

const root = resolve(import.meta.dirname, '../..');
const PROGRAM = join(root, 'gateway/src/cli/main.ts');
const DAY = 86_400_000;
/** How long what is killed in its container stays away. */
const AWAY_MS = 2000;

export const parts = ['gateway', 'warden', 'redis', 'postgres', 'engine'] as const;
export type Part = (typeof parts)[number];

export interface Installation extends AsyncDisposable {
  /** Of the front. */
  readonly url: string;
  readonly tokens: readonly string[];
  readonly gateways: readonly Keeper[];
  readonly warden: Keeper;
  readonly engine: Docker;
  readonly folder: string;
  /** Resolves when it is on its way up again. `which` chooses among gateways. */
  kill(part: Part, which: number): Promise<void>;
  /** Resolves when a gateway answers. */
  ready(): Promise<void>;
}

/** With `people` accounts, a token of each in the same order. `count`: of gateways; one owns the worksheets, the others pass on to it. `keep`: logs and data stay. */
export async function install(people: number, image: string, count: number, keep: boolean): Promise<Installation> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'carrel-endure-'));
  if (!keep) stack.defer(() => rm(folder, { recursive: true, force: true }));
  process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';
  const connection = await ensureEngine();
  for (const name of [POSTGRES_IMAGE, REDIS_IMAGE]) await ensureBaseImage(connection, name);
  const host = engineAt();
  const engine = stack.use(await PrivateEngine.start());
  await copyImages([KERNEL_IMAGE], host, engine.docker);
  const [redisPort, postgresPort] = [await freePort(), await freePort()];
  const redis = await startStore(REDIS_IMAGE, 6379, redisPort, {});
  stack.defer(() => redis.stop().then(() => {}));
  const postgres = await startStore(POSTGRES_IMAGE, 5432, postgresPort, {
    ...{ POSTGRES_USER: 'carrel', POSTGRES_PASSWORD: 'endure', POSTGRES_DB: 'carrel' },
  });
  stack.defer(() => postgres.stop().then(() => {}));
  const pool = { min: 2, refillAt: 2, max: 8 };
  const policies = stack.use(
    await policyFolder({ standard: { image, pool } }, { share: { memory: '1024 GiB', sandboxes: 2 * people + 20 } }),
  );
  const ports: number[] = [];
  for (let i = 0; i < count; i += 1) ports.push(await freePort());
  const front = stack.use(await Front.open(ports));
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('CARREL_'));
  const shared = {
    ...Object.fromEntries(own),
    ...{ CARREL_DATA: join(folder, 'data'), CARREL_POLICIES: policies.path, CARREL_LOG: 'info', CARREL_LOG_FILE: '-' },
    CARREL_DATABASE: `postgres://carrel:endure@127.0.0.1:${postgresPort}/carrel`,
    ...{ DOCKER_HOST: engine.host },
  };
  let last: unknown;
  const issued = await until(
    'the database takes accounts',
    () =>
      issueTokens(shared, people).catch((error) => {
        last ??= error;
        return undefined;
      }),
    60_000,
    () => String(last),
  );
  const tokens = issued ?? [];
  const start = (name: string, words: string[], env: NodeJS.ProcessEnv) => {
    const keeper = new Keeper(name, [PROGRAM, ...words], env, join(folder, `${name}.log`));
    stack.defer(() => keeper.end());
    return keeper;
  };
  const warden = start('warden', ['warden'], shared);
  const gateways: Keeper[] = [];
  for (const [i, port] of ports.entries()) {
    const together =
      count > 1 ? { CARREL_REDIS: `redis://127.0.0.1:${redisPort}`, CARREL_INTERNAL: String(await freePort()) } : {};
    gateways.push(start(`gateway-${i}`, ['gateway'], { ...shared, CARREL_PORT: String(port), ...together }));
  }
  const ready = async () => {
    await until('a gateway answers', () => answers(`http://127.0.0.1:${front.port}/api/me`, tokens[0] ?? ''), 90_000);
  };
  await ready();
  const killers: Record<Part, (which: number) => Promise<void>> = {
    gateway: async (which) => gateways[which % gateways.length]?.kill(),
    warden: async () => warden.kill(),
    redis: () => bounce(host, redis),
    postgres: () => bounce(host, postgres),
    engine: (which) => engine.restart(which % 2 === 0),
  };
  const resources = stack.move();
  return {
    ...{ url: `http://127.0.0.1:${front.port}`, tokens, gateways, warden, engine: engine.docker, folder, ready },
    kill: (part, which) => killers[part](which),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

function startStore(image: string, port: number, host: number, environment: Record<string, string>) {
  return new GenericContainer(image).withEnvironment(environment).withExposedPorts({ container: port, host }).start();
}

async function bounce(host: Docker, store: StartedTestContainer): Promise<void> {
  const container = host.getContainer(store.getId());
  await container.kill();
  await new Promise((done) => setTimeout(done, AWAY_MS));
  await container.start();
}

async function issueTokens(env: Record<string, string | undefined>, count: number): Promise<string[]> {
  await using people = await openPeople(readSettings(env));
  const tokens: string[] = [];
  for (let i = 0; i < count; i += 1) {
    const user = await people.store.users.add(`person-${i}`, 'member', Date.now());
    tokens.push(await people.tokens.issue(user, 'endure', DAY));
  }
  return tokens;
}

const answers = (url: string, token: string) =>
  fetch(url, { headers: { Authorization: `token ${token}` } }).then(
    ({ ok }) => ok,
    () => false,
  );
