/** People. A name is unique and never changes its person; a disabled user keeps everything and may do nothing. */
import type { Kysely } from 'kysely';
import { CarrelError } from '../base/errors.ts';
import { newUserId, storedUserId, type UserId } from '../base/ids.ts';
import { nameKey } from '../base/name-key.ts';
import { isDuplicate } from './conflicts.ts';
import type { Tables, UserRow } from './tables.ts';

export const ROLES = ['admin', 'instructor', 'member'] as const;
export type Role = (typeof ROLES)[number];

export interface User {
  readonly id: UserId;
  readonly name: string;
  readonly role: Role;
  readonly disabled: boolean;
  readonly createdAt: number;
  /** Undefined for who has never signed in. */
  readonly signedInAt?: number;
}

/** Letters of any script, digits and what e-mail addresses and account names carry; nothing that could break a line of a log. */
const NAME = /^[\p{L}\p{N}][\p{L}\p{N}._@+-]{0,63}$/u;

export class Users {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  /** Fails with `bad_request` for an unusable name and with `conflict` for one that is taken, in this or in another writing. */
  async add(name: string, role: Role, now: number): Promise<User> {
    if (!NAME.test(name)) {
      const expected = '1 to 64 letters, digits and "._@+-", beginning with a letter or digit';
      throw new CarrelError('bad_request', `expected a user name of ${expected}, got ${JSON.stringify(name)}`);
    }
    const [taken] = await this.#byKey(name);
    if (taken !== undefined) throw new CarrelError('conflict', `there is a user "${taken.name}" already`);
    const id = newUserId();
    const row: UserRow = { id, name, role, disabled: 0, created_at: now, name_key: nameKey(name), signed_in_at: null };
    try {
      await this.#db.insertInto('users').values(row).execute();
    } catch (cause) {
      if (isDuplicate(cause)) throw new CarrelError('conflict', `there is a user "${name}" already`, { cause });
      throw cause;
    }
    return toUser(row);
  }

  async byName(name: string): Promise<User | undefined> {
    const row = await this.#db.selectFrom('users').selectAll().where('name', '=', name).executeTakeFirst();
    return row && toUser(row);
  }

  /** Whom somebody means who types this name: exactly that one, or the only one that differs in case alone. */
  async byTypedName(text: string): Promise<User | undefined> {
    const found = await this.#byKey(text.trim());
    return found.find(({ name }) => name === text.trim()) ?? (found.length === 1 ? found[0] : undefined);
  }

  async byId(id: UserId): Promise<User | undefined> {
    const row = await this.#db.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst();
    return row && toUser(row);
  }

  async list(): Promise<User[]> {
    const rows = await this.#db.selectFrom('users').selectAll().orderBy('created_at').orderBy('name').execute();
    return rows.map(toUser);
  }

  async setRole(id: UserId, role: Role): Promise<void> {
    await this.#db.updateTable('users').set({ role }).where('id', '=', id).execute();
  }

  async markSignedIn(id: UserId, now: number): Promise<void> {
    await this.#db.updateTable('users').set({ signed_in_at: now }).where('id', '=', id).execute();
  }

  /** Forgets a person who has never signed in and of whom there is nothing; false, and nothing changed, for anybody else. */
  async removeUnused(id: UserId): Promise<boolean> {
    const { numDeletedRows } = await this.#db
      .deleteFrom('users')
      .where('id', '=', id)
      .where('signed_in_at', 'is', null)
      .where(({ not, exists, selectFrom }) =>
        not(exists(selectFrom('passwords').select('user_id').where('user_id', '=', id))),
      )
      .where(({ not, exists, selectFrom }) =>
        not(exists(selectFrom('api_tokens').select('user_id').where('user_id', '=', id))),
      )
      .where(({ not, exists, selectFrom }) =>
        not(exists(selectFrom('worksheets').select('user_id').where('user_id', '=', id))),
      )
      .executeTakeFirst();
    return numDeletedRows > 0n;
  }

  async disabled(): Promise<UserId[]> {
    const rows = await this.#db.selectFrom('users').select('id').where('disabled', '=', 1).execute();
    return rows.map(({ id }) => storedUserId(id));
  }

  async setDisabled(id: UserId, disabled: boolean): Promise<void> {
    await this.#db
      .updateTable('users')
      .set({ disabled: disabled ? 1 : 0 })
      .where('id', '=', id)
      .execute();
  }

  /** For good, with all that refers to the person. */
  async remove(id: UserId): Promise<void> {
    await this.#db.deleteFrom('users').where('id', '=', id).execute();
  }

  async #byKey(name: string): Promise<User[]> {
    const rows = await this.#db.selectFrom('users').selectAll().where('name_key', '=', nameKey(name)).execute();
    return rows.map(toUser);
  }
}

const toUser = (row: UserRow): User => ({
  id: storedUserId(row.id),
  name: row.name,
  role: ROLES.find((role) => role === row.role) ?? 'member',
  disabled: row.disabled !== 0,
  createdAt: row.created_at,
  ...(row.signed_in_at === null ? {} : { signedInAt: row.signed_in_at }),
});
