/** What the commands do to people and their tokens. They work on the store, whether or not the gateway runs. */
import { Accounts } from '../auth/accounts.ts';
import { BrowserSessions } from '../auth/browser-sessions.ts';
import { MemoryRates, Rates } from '../auth/rates.ts';
import { Tokens } from '../auth/tokens.ts';
import type { AuditEntry } from '../base/audit.ts';
import { systemClock } from '../base/clock.ts';
import { CarrelError } from '../base/errors.ts';
import type { Settings } from '../config/settings.ts';
import { loadSecrets } from '../store/secrets.ts';
import { openStore, type Store } from '../store/store.ts';
import type { User } from '../store/users.ts';
import { inviteAddress } from './places.ts';

const DAY = 86_400_000;
/** A Jupyter server's token lives as long as its run; ours ends with the run too, and after a week at the latest. */
const PRINTED = { label: 'printed at start', ms: 7 * DAY };
const ADMIN = 'admin';

export interface People extends AsyncDisposable {
  readonly store: Store;
  readonly tokens: Tokens;
  readonly accounts: Accounts;
}

export async function openPeople(settings: Settings): Promise<People> {
  const { tokens: key } = await loadSecrets(settings.dataFolder);
  const store = await openStore(settings.dataFolder, settings.database);
  const tokens = new Tokens({ key, users: store.users, tokens: store.tokens, clock: systemClock });
  const browsers = new BrowserSessions({ users: store.users, webSessions: store.webSessions, clock: systemClock });
  const accounts = new Accounts({
    store,
    browsers,
    clock: systemClock,
    signUp: 'off',
    rates: new Rates(new MemoryRates()),
  });
  return { store, tokens, accounts, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() };
}

/**
 * Makes the user `admin` at the first start, and a fresh token for the address that is printed; the one of the run before
 * ends. Undefined where the administrator has disabled `admin`.
 */
export async function printedToken({ store, tokens }: Pick<People, 'store' | 'tokens'>): Promise<string | undefined> {
  const now = Date.now();
  await store.tokens.revokeLabelled(PRINTED.label, now);
  const admin = (await store.users.byName(ADMIN)) ?? (await store.users.add(ADMIN, 'admin', now));
  return admin.disabled ? undefined : tokens.issue(admin, PRINTED.label, PRINTED.ms);
}

/** Ends what `printedToken` made. */
export const endPrintedToken = ({ store }: Pick<People, 'store'>): Promise<void> =>
  store.tokens.revokeLabelled(PRINTED.label, Date.now());

/** Milliseconds in which a link that another gateway has just made is left alone. */
const JUST_MADE = 10_000;

/**
 * For an installation that nobody administers yet: the link by which the first administrator sets a password, once. A gateway that is
 * not supervised prints it at every start until it is used. Undefined afterwards, and where another gateway prints it.
 */
export async function firstLink(people: Pick<People, 'store' | 'accounts'>): Promise<FirstLink | undefined> {
  const { users, passwords, invitations } = people.store;
  const administrators = (await users.list()).filter((user) => user.role === 'admin');
  for (const { id, disabled } of administrators)
    if (!disabled && (await passwords.of(id)) !== undefined) return undefined;
  const user = administrators[0] ?? (await addFirst(people.store));
  if (user === undefined || user.disabled) return undefined;
  const present = (await invitations.list(Date.now())).find((each) => each.user === user.id);
  if (present !== undefined && Date.now() - present.createdAt < JUST_MADE) return undefined;
  const { key, endsAt } = await people.accounts.makeLink(user);
  return { name: user.name, key, endsAt };
}

export interface FirstLink {
  readonly name: string;
  readonly key: string;
  /** Milliseconds since the epoch. */
  readonly endsAt: number;
}

/** Undefined where another gateway has been quicker. */
async function addFirst({ users }: Store): Promise<User | undefined> {
  try {
    return await users.add(ADMIN, 'admin', Date.now());
  } catch (error) {
    if (error instanceof CarrelError && error.code === 'conflict') return undefined;
    throw error;
  }
}

export async function requireUser({ store }: People, name: string): Promise<User> {
  const user = await store.users.byName(name);
  if (user === undefined)
    throw new CarrelError('not_found', `there is no user ${JSON.stringify(name)}; \`user list\` shows all`);
  return user;
}

/** The address by which this person sets a password, once, and when it ends; the one that was made before ends. */
export async function passwordLink(people: People, name: string, settings: Settings, days: number) {
  const user = await requireEnabled(people, name);
  const { key, endsAt } = await people.accounts.makeLink(user, days);
  await commandAudit(people, { event: 'person.link-made', subject: `person:${user.id}` });
  return { address: inviteAddress(settings, key), endsAt };
}

export async function issueToken(people: People, name: string, days: number, label: string): Promise<string> {
  const user = await requireEnabled(people, name);
  const text = await people.tokens.issue(user, label, days * DAY);
  await commandAudit(people, { event: 'token.made', subject: `person:${user.id}`, details: { days } });
  return text;
}

/** What was done by a command of `carrel`; who sat there, the operating system knows. */
export const commandAudit = (
  { store }: Pick<People, 'store'>,
  entry: Pick<AuditEntry, 'event' | 'subject' | 'details'>,
): Promise<void> => store.audit.append([{ ...entry, via: 'command', at: Date.now() }]);

async function requireEnabled(people: People, name: string): Promise<User> {
  const user = await requireUser(people, name);
  if (user.disabled)
    throw new CarrelError('forbidden', `user ${name} is disabled; \`user enable ${name}\` comes first`);
  return user;
}
