/**
 * Settings with which nobody should run: `carrel serve`, `carrel gateway` and `carrel doctor` say the same about them. Pure, and
 * loads nothing, since every start asks.
 */
import { CarrelError } from '../../base/errors.ts';
import type { Settings } from '../../config/settings.ts';
import { type Check, type Family, failed, type Outcome, passed, unknown, warning } from '../check.ts';
import { type Facts, isSeen } from '../facts.ts';

const LOOPBACK = /^(127(\.\d+){3}|::1|localhost)$/;
/** RFC 2606 §3: names that exist for examples alone. */
const EXAMPLE = /(^|\.)example\.(com|net|org)$/;
const SHORT_ORPHAN = 120;
/** What examples, images and tutorials set, and what a hurried person types. */
const DEFAULT_PASSWORDS = new Set(
  (
    'admin carrel change_me changeme changeit changethis default docker example letmein pass passwd password ' +
    'postgres root secret test user 1234 12345 123456'
  ).split(' '),
);

const isLocal = (host: string): boolean => LOOPBACK.test(host.replace(/^\[|\]$/g, ''));

const hostOf = (origin: string | undefined): string | undefined =>
  origin === undefined ? undefined : URL.parse(origin)?.hostname;

/** Whether people come by a line that others can read along. The gateway answers to the host of its public address. */
function isPlain({ bind, publicUrl }: Settings): boolean {
  if (publicUrl === undefined) return !isLocal(bind);
  return !publicUrl.startsWith('https:') && !isLocal(hostOf(publicUrl) ?? '');
}

interface Rule extends Omit<Check, 'look'> {
  readonly judge: (settings: Settings) => Outcome;
}

export const RULES: readonly Rule[] = [
  {
    id: 'plain-http',
    title: 'people come by HTTPS',
    why: 'Over plain HTTP everybody on the way reads passwords, sessions and worksheets, and may change them.',
    expected:
      'CARREL_BIND is this machine alone, or CARREL_PUBLIC_URL begins with https://; plain HTTP only where CARREL_PLAIN_HTTP=allow says so, for a test',
    mend: 'CARREL_PUBLIC_URL=https://NAME behind a proxy with a certificate; for a test on a network that you trust CARREL_PLAIN_HTTP=allow',
    judge: (settings) => {
      const where = `CARREL_BIND=${settings.bind}, CARREL_PUBLIC_URL=${settings.publicUrl ?? ''}`;
      if (!isPlain(settings)) {
        if (settings.publicUrl?.startsWith('http:') && !isLocal(settings.bind))
          return warning(`${where}: a test on this machine`);
        return passed(settings.publicUrl ?? `only this machine reaches ${settings.bind}`);
      }
      return settings.plainHttp === 'allow'
        ? warning(`${where}: plain HTTP, allowed by CARREL_PLAIN_HTTP`)
        : failed(`${where}: others reach it by plain HTTP`);
    },
  },
  {
    id: 'tokenless-sockets',
    title: 'sockets without a token',
    why: 'Behind one address of a campus are thousands of people; each of them could open the kernel that another has just started.',
    expected:
      'CARREL_TOKENLESS_SOCKETS is loopback or off; network only over HTTPS and where nobody can make an account alone',
    mend: 'CARREL_TOKENLESS_SOCKETS=off; give nbclient a token instead',
    judge: (settings) => {
      const { tokenlessSockets, signUp } = settings;
      if (tokenlessSockets !== 'network') return passed(`CARREL_TOKENLESS_SOCKETS=${tokenlessSockets}`);
      const shown = 'CARREL_TOKENLESS_SOCKETS=network';
      if (isPlain(settings)) return failed(`${shown} over plain HTTP`);
      return signUp === 'open' ? failed(`${shown} with CARREL_SIGN_UP=open`) : warning(shown);
    },
  },
  {
    id: 'sign-up',
    title: 'who may make an account',
    why: 'Where everybody may, strangers use the machine: to compute for money, first of all.',
    expected: 'CARREL_SIGN_UP is off; open over plain HTTP fails',
    mend: 'CARREL_SIGN_UP=off; carrel user invite NAME',
    judge: (settings) => {
      if (settings.signUp === 'off') return passed('administrators invite');
      const shown = 'CARREL_SIGN_UP=open';
      if (isPlain(settings)) return failed(`${shown} over plain HTTP`);
      return isLocal(settings.bind) && settings.publicUrl === undefined
        ? passed(`${shown}; only this machine reaches the page`)
        : warning(`${shown}: everybody who reaches the page may make an account`);
    },
  },
  {
    id: 'default-passwords',
    title: 'passwords that everybody knows',
    why: 'They are what is tried first.',
    expected: 'the password in CARREL_DATABASE is none that examples use; on this machine alone it is a warning',
    mend: 'openssl rand -hex 24, for the database user and for the file that CARREL_DATABASE names',
    judge: ({ database }) => {
      if (database === undefined) return passed('the embedded database has none');
      const url = URL.parse(database);
      if (url === null || !/^postgres/.test(url.protocol)) return passed(`kept in the file ${database}`);
      if (url.password === '') return passed('CARREL_DATABASE holds none');
      const password = decode(url.password).toLowerCase();
      if (!DEFAULT_PASSWORDS.has(password) && password !== decode(url.username).toLowerCase())
        return passed('CARREL_DATABASE holds one that is not known');
      const shown = 'CARREL_DATABASE holds a password that examples use';
      return isLocal(url.hostname) ? warning(`${shown}; the database is on this machine`) : failed(shown);
    },
  },
  {
    id: 'example-values',
    title: 'values of the example',
    why: 'A setting that was copied and not filled in leads people nowhere, or to somebody else.',
    expected: 'CARREL_PUBLIC_URL and CARREL_HOSTS name no example',
    mend: 'CARREL_PUBLIC_URL=https://the name that people use',
    judge: ({ publicUrl, hosts }) => {
      const examples = [hostOf(publicUrl), ...hosts].filter((name) => name !== undefined && EXAMPLE.test(name));
      return examples.length === 0 ? passed('none') : failed(examples.join(', '));
    },
  },
  {
    id: 'orphan-time',
    title: 'time for which kernels wait',
    why: 'With less than two minutes a restart of the gateway ends what people compute.',
    expected: 'CARREL_ORPHAN is at least 2 min',
    mend: 'CARREL_ORPHAN="10 min"',
    judge: ({ orphanSeconds }) =>
      orphanSeconds >= SHORT_ORPHAN ? passed(`${orphanSeconds} s`) : warning(`${orphanSeconds} s`),
  },
  {
    id: 'log-level',
    title: 'log',
    why: 'Who has lost the log cannot tell what happened.',
    expected: 'CARREL_LOG is not silent',
    mend: 'CARREL_LOG=info',
    judge: ({ logLevel }) => (logLevel === 'silent' ? warning('CARREL_LOG=silent') : passed(`CARREL_LOG=${logLevel}`)),
  },
];

export const settings: Family = {
  id: 'settings',
  title: 'Settings',
  checks: [
    {
      id: 'settings-known',
      title: 'settings can be read',
      why: 'Carrel does not start with a setting that it does not understand.',
      expected: 'each CARREL_ variable is known and has a value of its kind',
      mend: 'npm start -- --help lists all settings',
      look: ({ settings: read }) => (isSeen(read) ? passed('all') : failed(read.unseen.replaceAll('\n', '; '))),
    },
    ...RULES.map(
      ({ judge, ...rule }): Check => ({
        ...rule,
        look: ({ settings: read }: Facts) => (isSeen(read) ? judge(read) : unknown('the settings cannot be read')),
      }),
    ),
  ],
};

/** Throws `invalid_settings` with what `carrel doctor` says about each setting that fails. */
export function refuseUnsafe(read: Settings): void {
  const unsafe = RULES.flatMap((rule) => {
    const { verdict, found, mend } = rule.judge(read);
    return verdict === 'failed' ? [`${rule.id}: ${found}\n  ${rule.why}\n  mend: ${mend ?? rule.mend}`] : [];
  });
  if (unsafe.length > 0)
    throw new CarrelError(
      'invalid_settings',
      `these settings are not safe, so Carrel does not start:\n${unsafe.join('\n')}`,
    );
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
