/**
 * Settings from the environment: one parser each, all problems told at once. The table is also what `--help` prints. There is
 * no settings file: what belongs to sandboxes is in the policies, the rest fits here. Any of them may stand in a file of its own
 * (`settings-files.ts`).
 */
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { CarrelError } from '../base/errors.ts';
import { parseDuration, parseSize } from './quantities.ts';
import { readFromFiles } from './settings-files.ts';

interface Setting<T> {
  /** The default as a person would write it. */
  readonly fallback: string;
  readonly meaning: string;
  /** Completes "expected NAME to be …". */
  readonly expected: string;
  /** What stands there is shown to nobody. */
  readonly secret?: true;
  /** Undefined for a text that is not as expected. */
  readonly parse: (text: string) => T | undefined;
}

const setting = <T>(entry: Setting<T>): Setting<T> => entry;

const REACHES = ['off', 'loopback', 'network'] as const;
const SIGN_UPS = ['off', 'open'] as const;
const PLAIN = ['refuse', 'allow'] as const;
const STAND_BY = ['off', 'on'] as const;
const METRICS = ['off', 'loopback', 'token'] as const;
const LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;

const ENTRIES = {
  CARREL_BIND: setting({
    fallback: '127.0.0.1',
    meaning: 'address that the gateway listens on',
    expected: 'an IP address or a host name',
    parse: (text) => (/^[A-Za-z0-9.:_-]+$/.test(text) ? text : undefined),
  }),
  CARREL_PORT: setting({
    fallback: '8888',
    meaning: 'port that the gateway listens on',
    expected: 'a port from 1 to 65535',
    parse: (text) => whole(text, 1, 65_535),
  }),
  CARREL_DATA: setting({
    fallback: './data',
    meaning: 'folder of the database, the keys and the sockets; made where it is missing',
    expected: 'a path',
    parse: (text) => (text === '' ? undefined : resolve(text)),
  }),
  CARREL_DATABASE: setting({
    fallback: '',
    meaning: 'PostgreSQL in the place of the embedded database: its address, or a file that holds it',
    expected: 'an address such as "postgres://USER:PASSWORD@HOST:5432/DATABASE", or the path of a file that holds one',
    secret: true,
    parse: database,
  }),
  CARREL_STANDBY: setting({
    fallback: 'off',
    meaning:
      'on: where another gateway works on the database, wait beside it and take over when it ends; off: refuse to start',
    expected: `one of ${STAND_BY.join(', ')}`,
    parse: (text) => STAND_BY.find((choice) => choice === text),
  }),
  CARREL_REDIS: setting({
    fallback: '',
    meaning:
      'Redis that several gateways share: its address, or a file that holds it; needs CARREL_DATABASE and CARREL_INTERNAL',
    expected: 'an address such as "redis://:PASSWORD@HOST:6379", or the path of a file that holds one',
    secret: true,
    parse: redis,
  }),
  CARREL_INTERNAL: setting({
    fallback: '',
    meaning: 'where the other gateways of CARREL_REDIS reach this one, and nobody else does: a port, or ADDRESS:PORT',
    expected: 'a port such as "8889", or an address and a port such as "10.0.0.5:8889"',
    parse: internal,
  }),
  CARREL_WARDEN_SOCKET: setting({
    fallback: 'warden.sock',
    meaning: 'socket between gateway and warden, taken below the data folder',
    expected: 'a path',
    parse: (text) => (text === '' ? undefined : text),
  }),
  CARREL_KERNEL_IMAGE: setting({
    fallback: 'carrel-kernel',
    meaning: 'image that policies mean by "carrel-kernel"',
    expected: 'the name of an image, such as "carrel-kernel:1.0"',
    parse: (text) => (/^[a-z0-9][\w./:@-]*$/.test(text) ? text : undefined),
  }),
  CARREL_POLICIES: setting({
    fallback: './policies',
    meaning: 'folder of the policies',
    expected: 'a path',
    parse: (text) => (text === '' ? undefined : resolve(text)),
  }),
  CARREL_BASE_URL: setting({
    fallback: '/',
    meaning: 'path that all addresses begin with, for a proxy that serves other things beside',
    expected: 'a path such as "/" or "/carrel/"',
    parse: basePath,
  }),
  CARREL_PUBLIC_URL: setting({
    fallback: '',
    meaning: 'address that people use, where a proxy stands in front',
    expected: 'an origin such as "https://notebooks.example.org"',
    parse: (text) => (text === '' ? '' : origin(text)),
  }),
  CARREL_HOSTS: setting({
    fallback: '',
    meaning: 'further host names that the gateway answers to, separated by commas',
    expected: 'host names separated by commas',
    parse: hostNames,
  }),
  CARREL_PROXIES: setting({
    fallback: '127.0.0.1,::1',
    meaning: 'addresses or ranges (10.0.0.0/8) of proxies whose X-Forwarded-For is believed, separated by commas',
    expected: 'IP addresses or ranges of them separated by commas',
    parse: addresses,
  }),
  CARREL_REQUESTS_PER_PERSON: setting({
    fallback: '6000',
    meaning: 'requests that one person may make in a minute; what is beyond is answered 429',
    expected: 'a number from 60 to 1000000',
    parse: (text) => whole(text, 60, 1_000_000),
  }),
  CARREL_REQUESTS_PER_ADDRESS: setting({
    fallback: '60000',
    meaning: 'requests that may come from one address in a minute; a whole building may have one address',
    expected: 'a number from 60 to 10000000',
    parse: (text) => whole(text, 60, 10_000_000),
  }),
  CARREL_FILES_PER_PERSON: setting({
    fallback: '2 GiB',
    meaning:
      'what the files of all worksheets of one person may take together; a policy bounds those of each worksheet',
    expected: 'a size such as "500 MiB" or "2 GiB"',
    parse: parseSize,
  }),
  CARREL_SIGN_UP: setting({
    fallback: 'off',
    meaning: 'open: everybody who reaches the sign-in page may make an account; off: administrators invite',
    expected: `one of ${SIGN_UPS.join(', ')}`,
    parse: (text) => SIGN_UPS.find((choice) => choice === text),
  }),
  CARREL_PLAIN_HTTP: setting({
    fallback: 'refuse',
    meaning:
      'allow: start though others than this machine come by plain HTTP, for a test on a network that is trusted: refuse, allow',
    expected: `one of ${PLAIN.join(', ')}`,
    parse: (text) => PLAIN.find((choice) => choice === text),
  }),
  CARREL_TOKENLESS_SOCKETS: setting({
    fallback: 'loopback',
    meaning:
      'from where a WebSocket without a token may follow its own kernel start (nbclient): off, loopback, network',
    expected: `one of ${REACHES.join(', ')}`,
    parse: (text) => REACHES.find((reach) => reach === text),
  }),
  CARREL_ORPHAN: setting({
    fallback: '10 min',
    meaning: 'a sandbox that hears nothing for this long ends itself; less than 2 min only for tests',
    expected: 'a duration of at least 10 s, such as "10 min"',
    parse: (text) => {
      const ms = parseDuration(text);
      return ms !== undefined && ms >= 10_000 ? ms : undefined;
    },
  }),
  CARREL_METRICS: setting({
    fallback: 'off',
    meaning:
      'metrics for Prometheus on a port of their own: off; loopback, for this machine alone; token, for whoever has CARREL_METRICS_TOKEN',
    expected: `one of ${METRICS.join(', ')}`,
    parse: (text) => METRICS.find((choice) => choice === text),
  }),
  CARREL_METRICS_PORT: setting({
    fallback: '9464',
    meaning: 'port of the metrics',
    expected: 'a port from 1 to 65535',
    parse: (text) => whole(text, 1, 65_535),
  }),
  CARREL_METRICS_TOKEN: setting({
    fallback: '',
    meaning: 'what Prometheus sends as its bearer token; needed with CARREL_METRICS=token',
    expected: 'at least 16 letters, digits, "-", "_", ".", "~", "+", "/" or "="',
    secret: true,
    parse: (text) => (text === '' || /^[\w.~+/=-]{16,512}$/.test(text) ? text : undefined),
  }),
  CARREL_LOG: setting({
    fallback: 'info',
    meaning: `least weight of what is logged: ${LEVELS.join(', ')}`,
    expected: `one of ${LEVELS.join(', ')}`,
    parse: (text) => LEVELS.find((level) => level === text),
  }),
  CARREL_LOG_FILE: setting({
    fallback: 'carrel.log',
    meaning: 'file of the log, taken below the data folder; "-" for standard error',
    expected: 'a path or "-"',
    parse: (text) => (text === '' ? undefined : text),
  }),
};

/** Of the engine's own client; `engine/docker/address` gives them their meaning. */
const ENGINE_ENTRIES = {
  DOCKER_HOST: { fallback: 'the first socket found', meaning: 'the engine: unix:///PATH or tcp://HOST:PORT' },
  DOCKER_TLS_VERIFY: { fallback: '', meaning: 'not empty: TLS with verification on TCP' },
  DOCKER_CERT_PATH: { fallback: '~/.docker', meaning: 'folder of ca.pem, cert.pem and key.pem for TLS' },
} as const;

/** All that `readSettings` knows; the engine's are not ours. */
export const SETTING_NAMES: readonly string[] = Object.keys(ENTRIES);

export type LogLevel = (typeof LEVELS)[number];

export interface Settings {
  readonly bind: string;
  readonly port: number;
  /** Absolute. */
  readonly dataFolder: string;
  /** The address of a PostgreSQL, or the absolute path of a file that holds it; undefined for the embedded database. */
  readonly database?: string;
  /** The address of a Redis, or the absolute path of a file that holds it; undefined where there is one gateway alone. */
  readonly redis?: string;
  /** Where other gateways reach this one; without a host, at its first address that is not loopback. */
  readonly internal?: { readonly host?: string; readonly port: number };
  /** Absolute. */
  readonly policyFolder: string;
  /** Absolute. */
  readonly wardenSocket: string;
  readonly kernelImage: string;
  /** Empty, or `/base`. */
  readonly base: string;
  /** As `URL.origin` has it. */
  readonly publicUrl?: string;
  /** Lower case, without port. */
  readonly hosts: readonly string[];
  /** Addresses, and ranges such as `10.0.0.0/8`. */
  readonly proxies: readonly string[];
  /** In a minute, like the next. */
  readonly requestsPerPerson: number;
  readonly requestsPerAddress: number;
  /** Bytes. */
  readonly filesPerPerson: number;
  readonly signUp: (typeof SIGN_UPS)[number];
  readonly plainHttp: (typeof PLAIN)[number];
  /** What to do where another gateway has the database. */
  readonly standBy: (typeof STAND_BY)[number];
  readonly tokenlessSockets: (typeof REACHES)[number];
  /** Who may read the metrics. */
  readonly metrics: (typeof METRICS)[number];
  readonly metricsPort: number;
  readonly metricsToken?: string;
  readonly orphanSeconds: number;
  readonly logLevel: LogLevel;
  /** Absolute path; undefined for standard error. */
  readonly logFile?: string;
  readonly docker: {
    readonly DOCKER_HOST?: string | undefined;
    readonly DOCKER_TLS_VERIFY?: string | undefined;
    readonly DOCKER_CERT_PATH?: string | undefined;
    readonly XDG_RUNTIME_DIR?: string | undefined;
  };
}

/** Throws `invalid_settings` with one line per problem. A CARREL_ name that is not known is a problem too. */
export function readSettings(given: Readonly<Record<string, string | undefined>>): Settings {
  const { environment, problems } = readFromFiles(given, SETTING_NAMES);
  for (const name of Object.keys(environment))
    if (name.startsWith('CARREL_') && !Object.hasOwn(ENTRIES, name))
      problems.push(`expected only known settings (${SETTING_NAMES.join(', ')}), got ${name}`);
  const read = <T>(name: keyof typeof ENTRIES, entry: Setting<T>): T => {
    const text = environment[name] ?? entry.fallback;
    const value = entry.parse(text);
    if (value !== undefined) return value;
    problems.push(
      `expected ${name} to be ${entry.expected}, got ${entry.secret ? 'something else' : JSON.stringify(text)}`,
    );
    return entry.parse(entry.fallback) as T;
  };
  const publicUrl = read('CARREL_PUBLIC_URL', ENTRIES.CARREL_PUBLIC_URL);
  const dataFolder = read('CARREL_DATA', ENTRIES.CARREL_DATA);
  const address = read('CARREL_DATABASE', ENTRIES.CARREL_DATABASE);
  const redisAddress = read('CARREL_REDIS', ENTRIES.CARREL_REDIS);
  const inside = read('CARREL_INTERNAL', ENTRIES.CARREL_INTERNAL);
  if (redisAddress !== '' && address === '')
    problems.push('expected CARREL_DATABASE with CARREL_REDIS: several gateways share a PostgreSQL');
  if (redisAddress !== '' && inside === 'none')
    problems.push('expected CARREL_INTERNAL with CARREL_REDIS: the other gateways have to reach this one');
  const logFile = read('CARREL_LOG_FILE', ENTRIES.CARREL_LOG_FILE);
  const metricsToken = read('CARREL_METRICS_TOKEN', ENTRIES.CARREL_METRICS_TOKEN);
  const settings: Settings = {
    bind: read('CARREL_BIND', ENTRIES.CARREL_BIND),
    port: read('CARREL_PORT', ENTRIES.CARREL_PORT),
    dataFolder,
    ...(address === '' ? {} : { database: address }),
    ...(redisAddress === '' ? {} : { redis: redisAddress }),
    ...(inside === 'none' ? {} : { internal: inside }),
    policyFolder: read('CARREL_POLICIES', ENTRIES.CARREL_POLICIES),
    wardenSocket: resolve(dataFolder, read('CARREL_WARDEN_SOCKET', ENTRIES.CARREL_WARDEN_SOCKET)),
    kernelImage: read('CARREL_KERNEL_IMAGE', ENTRIES.CARREL_KERNEL_IMAGE),
    base: read('CARREL_BASE_URL', ENTRIES.CARREL_BASE_URL),
    ...(publicUrl === '' ? {} : { publicUrl }),
    hosts: read('CARREL_HOSTS', ENTRIES.CARREL_HOSTS),
    proxies: read('CARREL_PROXIES', ENTRIES.CARREL_PROXIES),
    requestsPerPerson: read('CARREL_REQUESTS_PER_PERSON', ENTRIES.CARREL_REQUESTS_PER_PERSON),
    requestsPerAddress: read('CARREL_REQUESTS_PER_ADDRESS', ENTRIES.CARREL_REQUESTS_PER_ADDRESS),
    filesPerPerson: read('CARREL_FILES_PER_PERSON', ENTRIES.CARREL_FILES_PER_PERSON),
    signUp: read('CARREL_SIGN_UP', ENTRIES.CARREL_SIGN_UP),
    plainHttp: read('CARREL_PLAIN_HTTP', ENTRIES.CARREL_PLAIN_HTTP),
    standBy: read('CARREL_STANDBY', ENTRIES.CARREL_STANDBY),
    tokenlessSockets: read('CARREL_TOKENLESS_SOCKETS', ENTRIES.CARREL_TOKENLESS_SOCKETS),
    orphanSeconds: Math.round(read('CARREL_ORPHAN', ENTRIES.CARREL_ORPHAN) / 1000),
    metrics: read('CARREL_METRICS', ENTRIES.CARREL_METRICS),
    metricsPort: read('CARREL_METRICS_PORT', ENTRIES.CARREL_METRICS_PORT),
    ...(metricsToken === '' ? {} : { metricsToken }),
    logLevel: read('CARREL_LOG', ENTRIES.CARREL_LOG),
    ...(logFile === '-' ? {} : { logFile: resolve(dataFolder, logFile) }),
    docker: {
      DOCKER_HOST: environment['DOCKER_HOST'],
      DOCKER_TLS_VERIFY: environment['DOCKER_TLS_VERIFY'],
      DOCKER_CERT_PATH: environment['DOCKER_CERT_PATH'],
      XDG_RUNTIME_DIR: environment['XDG_RUNTIME_DIR'],
    },
  };
  if (problems.length > 0) throw new CarrelError('invalid_settings', problems.join('\n'));
  return settings;
}

/** One line per setting: name, default, meaning. */
export function settingsHelp(): string {
  const rows = Object.entries({ ...ENTRIES, ...ENGINE_ENTRIES });
  const width = Math.max(...rows.map(([name]) => name.length));
  const defaults = Math.max(...rows.map(([, { fallback }]) => fallback.length));
  return rows
    .map(([name, { fallback, meaning }]) => `  ${name.padEnd(width)}  ${fallback.padEnd(defaults)}  ${meaning}`)
    .join('\n');
}

function whole(text: string, min: number, max: number): number | undefined {
  const value = Number(text);
  return /^\d+$/.test(text) && value >= min && value <= max ? value : undefined;
}

/** The address itself is read when it is used. */
function database(text: string): string | undefined {
  if (text === '' || (/^postgres(?:ql)?:\/\//.test(text) && URL.canParse(text.replace('@/', '@host/')))) return text;
  return text.includes('://') ? undefined : resolve(text);
}

/** The address itself is read when it is used. */
function redis(text: string): string | undefined {
  if (text === '' || (/^rediss?:\/\//.test(text) && URL.canParse(text))) return text;
  return text.includes('://') ? undefined : resolve(text);
}

function internal(text: string): 'none' | { readonly host?: string; readonly port: number } | undefined {
  if (text === '') return 'none';
  const [, address, digits = ''] = /^(?:([\d.]+|\[[\da-f:]+\]):)?(\d+)$/i.exec(text) ?? [];
  const port = whole(digits, 1, 65_535);
  const host = address?.replace(/^\[(.*)\]$/, '$1');
  if (port === undefined || (host !== undefined && isIP(host) === 0)) return undefined;
  return host === undefined ? { port } : { host, port };
}

function basePath(text: string): string | undefined {
  return /^\/([A-Za-z0-9_~-][\w.~-]*(\/|$))*$/.test(text) ? text.replace(/\/$/, '') : undefined;
}

function origin(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) return undefined;
  return url.pathname === '/' && url.search === '' && url.hash === '' && url.username === '' ? url.origin : undefined;
}

const listed = (text: string): readonly string[] =>
  text
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');

function addresses(text: string): readonly string[] | undefined {
  const all = listed(text);
  return all.every(isAddressOrRange) ? all : undefined;
}

function isAddressOrRange(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const version = isIP(address);
  if (version === 0 || more.length > 0) return false;
  return bits === undefined || whole(bits, 0, version === 4 ? 32 : 128) !== undefined;
}

function hostNames(text: string): readonly string[] | undefined {
  const names = listed(text);
  return names.every((name) => /^([a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:]+\])$/.test(name)) ? names : undefined;
}
