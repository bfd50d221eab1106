/**
 * How people come to have an account and get into it: name and password, the link that sets a password, and making an account
 * oneself where the site allows that. Everything that ends a right tells `onEnded`'s listeners, who close what is open by it.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import { CarrelError } from '../base/errors.ts';
import type { UserId } from '../base/ids.ts';
import { LONGEST_PASSWORD, type PasswordProblem, passwordProblem, SHORTEST_PASSWORD } from '../base/password-rules.ts';
import type { InvitationPurpose } from '../store/invitations.ts';
import type { Store } from '../store/store.ts';
import type { User } from '../store/users.ts';
import { Attempts } from './attempts.ts';
import type { BrowserSessions } from './browser-sessions.ts';
import { hashPassword, verifyPassword } from './password-hash.ts';
import type { Person, Principal } from './principal.ts';
import type { Rates } from './rates.ts';

const DAY = 86_400_000;
/** Bytes; more than anybody can guess. */
const KEY = 32;
/** Characters. A longer name is nobody's, and a longer password no person's: neither costs any work. */
const LONGEST_TYPED = 1000;
export const LINK_DAYS = 7;

export type SignUp = 'off' | 'open';

export interface AccountsDeps {
  readonly store: Pick<Store, 'users' | 'passwords' | 'invitations'>;
  readonly browsers: BrowserSessions;
  readonly clock: Clock;
  readonly signUp: SignUp;
  readonly rates: Rates;
}

/** `disabled` is said to who knows the password only. */
export type Entry = { readonly person: Person } | { readonly refused: 'wrong' | 'disabled'; readonly user?: UserId };

export interface PasswordLink {
  readonly key: string;
  readonly purpose: InvitationPurpose;
  /** Milliseconds since the epoch. */
  readonly endsAt: number;
}

export class Accounts {
  readonly #deps: AccountsDeps;
  readonly #attempts: Attempts;
  readonly #listeners = new Set<() => void>();
  #nobodys: string | undefined;

  constructor(deps: AccountsDeps) {
    this.#deps = deps;
    this.#attempts = new Attempts(deps.rates);
  }

  get signUpOpen(): boolean {
    return this.#deps.signUp === 'open';
  }

  /** Whether anybody can sign in with a password. */
  usesPasswords(): Promise<boolean> {
    return this.#deps.store.passwords.any();
  }

  hasPassword = async (user: UserId): Promise<boolean> => (await this.#deps.store.passwords.of(user)) !== undefined;

  /** Throws `too_many_attempts`. */
  async enter(name: string, password: string, address: string): Promise<Entry> {
    const { users, passwords } = this.#deps.store;
    if (name.length > LONGEST_TYPED || password.length > LONGEST_TYPED) return { refused: 'wrong' };
    await this.#attempts.count(name, address);
    const user = await users.byTypedName(name);
    const known = user && (await passwords.of(user.id));
    const { right, stale } = await verifyPassword(known ?? (await this.#hashOfNobody()), password);
    if (user === undefined || known === undefined || !right)
      return { refused: 'wrong', ...(user === undefined ? {} : { user: user.id }) };
    await this.#attempts.succeeded(name, address);
    if (user.disabled) return { refused: 'disabled', user: user.id };
    if (stale) await passwords.renew(user.id, known, await hashPassword(password));
    return { person: personOf(user) };
  }

  /**
   * Changes a person's password and ends all of their browsers' sessions, this one too: the browser gets a new one. Who has no
   * password yet needs no present one. Answers how many other browsers were signed out.
   */
  async changePassword(person: Principal, present: string, wanted: string, address: string): Promise<number> {
    const { passwords } = this.#deps.store;
    const known = await passwords.of(person.user);
    if (known !== undefined) {
      await this.#attempts.count(person.name, address);
      if (present.length > LONGEST_TYPED || !(await verifyPassword(known, present)).right)
        throw new CarrelError('forbidden', 'the present password is not right');
      await this.#attempts.succeeded(person.name, address);
    }
    requirePassword(wanted, person.name);
    await passwords.set(person.user, await hashPassword(wanted), this.#deps.clock.now());
    const ended = await this.#deps.browsers.endOthers(person.user);
    this.ended();
    return person.via.kind === 'session' ? ended - 1 : ended;
  }

  /** Makes the link by which this person sets a password, once; one that was made before ends. */
  async makeLink(user: Pick<User, 'id'>, days = LINK_DAYS): Promise<PasswordLink> {
    const key = randomBytes(KEY).toString('base64url');
    const createdAt = this.#deps.clock.now();
    const endsAt = createdAt + days * DAY;
    const purpose = (await this.hasPassword(user.id)) ? 'reset' : 'invite';
    await this.#deps.store.invitations.put({ user: user.id, purpose, createdAt, endsAt }, hash(key));
    return { key, purpose, endsAt };
  }

  /** Whose link it is; undefined for one that is no longer good, and for one of somebody who is disabled. */
  async behindLink(key: string): Promise<{ person: Person; purpose: InvitationPurpose } | undefined> {
    const { invitations, users } = this.#deps.store;
    const found = await invitations.byHash(hash(key), this.#deps.clock.now());
    const user = found && (await users.byId(found.user));
    return found === undefined || user === undefined || user.disabled
      ? undefined
      : { person: personOf(user), purpose: found.purpose };
  }

  /** Sets the password of a link's person and ends their sessions. Undefined where the link is no longer good. Throws `bad_request`. */
  async redeemLink(key: string, password: string): Promise<Person | undefined> {
    const found = await this.behindLink(key);
    if (found === undefined) return undefined;
    requirePassword(password, found.person.name);
    const phc = await hashPassword(password);
    const used = await this.#deps.store.invitations.use(hash(key), phc, this.#deps.clock.now());
    if (used === undefined) return undefined;
    await this.#deps.browsers.endOthers(used);
    this.ended();
    return found.person;
  }

  /** Throws `forbidden` where the site allows it to nobody, `bad_request`, `conflict`, `too_many_attempts`. */
  async signUp(name: string, password: string, address: string): Promise<Person> {
    if (!this.signUpOpen) throw new CarrelError('forbidden', 'accounts are made by an administrator here');
    requirePassword(password, name);
    await this.#attempts.signUp(address);
    const phc = await hashPassword(password);
    const now = this.#deps.clock.now();
    const user = await this.#deps.store.users.add(name, 'member', now);
    await this.#deps.store.passwords.set(user.id, phc, now);
    return personOf(user);
  }

  /** Called whenever a sign-in may have ended. The answer takes the listener away again. */
  onEnded(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Says that sessions, tokens or people have ended. */
  ended(): void {
    for (const listener of this.#listeners) listener();
  }

  /** What a password is compared with where there is none, so that an unknown name takes as long to refuse as a known one. */
  async #hashOfNobody(): Promise<string> {
    this.#nobodys ??= await hashPassword(randomBytes(KEY).toString('base64'));
    return this.#nobodys;
  }
}

const PROBLEMS: Record<PasswordProblem, string> = {
  short: `a password has at least ${SHORTEST_PASSWORD} characters`,
  long: `a password has at most ${LONGEST_PASSWORD} characters`,
  name: 'the password is the name, which is what others try first',
  common: 'this password is one of those that others try first',
};

function requirePassword(password: string, name: string): void {
  const problem = passwordProblem(password, name);
  if (problem !== undefined) throw new CarrelError('bad_request', PROBLEMS[problem]);
}

const personOf = ({ id, name, role }: User): Person => ({ user: id, name, role });
const hash = (key: string): string => createHash('sha256').update(key).digest('hex');
