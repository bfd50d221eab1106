/** What administrators do to people: invite, list, disable, change the role, make a new link. */
import { CarrelError } from '../base/errors.ts';
import { storedUserId } from '../base/ids.ts';
import type { Store } from '../store/store.ts';
import type { Role, User } from '../store/users.ts';
import type { Accounts, PasswordLink } from './accounts.ts';
import type { BrowserSessions } from './browser-sessions.ts';
import type { Person } from './principal.ts';

export interface PeopleDeps {
  readonly store: Pick<Store, 'users' | 'passwords' | 'invitations'>;
  readonly accounts: Accounts;
  readonly browsers: BrowserSessions;
  readonly now: () => number;
}

export interface KnownPerson extends User {
  readonly hasPassword: boolean;
  /** When the link ends by which they can set a password; undefined where there is none. */
  readonly linkEndsAt?: number;
}

export interface ChangedPeople {
  readonly changed: number;
  readonly failed: readonly { readonly id: string; readonly message: string }[];
}

const SELF = 'you cannot disable yourself';

export class People {
  readonly #deps: PeopleDeps;

  constructor(deps: PeopleDeps) {
    this.#deps = deps;
  }

  async list(): Promise<KnownPerson[]> {
    const { users, passwords, invitations } = this.#deps.store;
    const holders = await passwords.holders();
    const links = new Map((await invitations.list(this.#deps.now())).map((link) => [link.user, link.endsAt]));
    return (await users.list()).map((user) => {
      const linkEndsAt = links.get(user.id);
      return { ...user, hasPassword: holders.has(user.id), ...(linkEndsAt === undefined ? {} : { linkEndsAt }) };
    });
  }

  byName(name: string): Promise<User | undefined> {
    return this.#deps.store.users.byTypedName(name);
  }

  async get(id: string): Promise<KnownPerson> {
    const found = (await this.list()).find((person) => person.id === id);
    if (found === undefined) throw new CarrelError('not_found', `there is no person ${id.slice(0, 64)}`);
    return found;
  }

  /** Throws `bad_request` for an unusable name, `conflict` for one that is taken. */
  async invite(name: string, role: Role, days?: number): Promise<{ person: KnownPerson; link: PasswordLink }> {
    const user = await this.#deps.store.users.add(name, role, this.#deps.now());
    const link = await this.#deps.accounts.makeLink(user, days);
    return { person: await this.get(user.id), link };
  }

  /** Throws `conflict` for somebody who is disabled: the link would lead nowhere. */
  async makeLink(id: string, days?: number): Promise<PasswordLink> {
    const person = await this.get(id);
    if (person.disabled) throw new CarrelError('conflict', `${person.name} is disabled; enable them first`);
    return this.#deps.accounts.makeLink(person, days);
  }

  /** Ends the link. Whoever was never here and has nothing is forgotten with it, so that the name is free again. */
  async withdraw(id: string): Promise<void> {
    const person = await this.get(id);
    if (!(await this.#deps.store.invitations.withdraw(person.id)))
      throw new CarrelError('not_found', `${person.name} has no link that could be withdrawn`);
    await this.#deps.store.users.removeUnused(person.id);
  }

  /** Throws `conflict` where administrators would lock themselves out. */
  async change(by: Person, id: string, change: { role?: Role | undefined; disabled?: boolean | undefined }) {
    const person = await this.get(id);
    const { users } = this.#deps.store;
    const self = person.id === by.user;
    if (self && change.disabled === true) throw new CarrelError('conflict', SELF);
    if (self && change.role !== undefined && change.role !== 'admin')
      throw new CarrelError('conflict', 'you cannot take the role of administrator from yourself; another one can');
    if (change.role !== undefined && change.role !== person.role) await users.setRole(person.id, change.role);
    if (change.disabled !== undefined && change.disabled !== person.disabled) {
      await this.#setDisabled(person, change.disabled);
      if (change.disabled) this.#deps.accounts.ended();
    }
    return this.get(id);
  }

  /** Disables or enables all of them, each by itself; answers how many, and why not the others. Nobody disables themselves. */
  async setDisabled(by: Person, ids: readonly string[], disabled: boolean): Promise<ChangedPeople> {
    const known = new Map((await this.list()).map((person) => [person.id as string, person]));
    const failed: { id: string; message: string }[] = [];
    let changed = 0;
    for (const id of new Set(ids)) {
      const person = known.get(id);
      const why = person === undefined ? 'there is no such person' : disabled && id === by.user ? SELF : undefined;
      if (person === undefined || why !== undefined) failed.push({ id, message: why ?? '' });
      else if (person.disabled !== disabled) {
        await this.#setDisabled(person, disabled);
        changed += 1;
      }
    }
    if (disabled) this.#deps.accounts.ended();
    return { changed, failed };
  }

  async #setDisabled(person: KnownPerson, disabled: boolean): Promise<void> {
    await this.#deps.store.users.setDisabled(person.id, disabled);
    if (!disabled) return;
    await this.#deps.browsers.endOthers(storedUserId(person.id));
    await this.#deps.store.invitations.withdraw(person.id);
  }
}
