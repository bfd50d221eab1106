/** People. A name is unique and never changes its person; a disabled user keeps everything and may do nothing. */
import type { Kysely } from 'kysely';
import { CarrelError } from '../base/errors.ts';
import { newUserId, storedUserId, type UserId } from '../base/ids.ts';
import type { Tables, UserRow } from './tables.ts';

export const ROLES = ['admin', 'instructor', 'member'] as const;
export type Role = (typeof ROLES)[number];

export interface User {
  readonly id: UserId;
  readonly name: string;
  readonly role: Role;
  readonly disabled: boolean;
  readonly createdAt: number;
}

/** Letters of any script, digits and what e-mail addresses and account names carry; nothing that could break a line of a log. */
const NAME = /^[\p{L}\p{N}][\p{L}\p{N}._@+-]{0,63}$/u;

export class Users {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  /** Fails with `bad_request` for an unusable name and with `conflict` for one that is taken. */
  async add(name: string, role: Role, now: number): Promise<User> {
    if (!NAME.test(name)) {
      const expected = '1 to 64 letters, digits and "._@+-", beginning with a letter or digit';
      throw new CarrelError('bad_request', `expected a user name of ${expected}, got ${JSON.stringify(name)}`);
    }
    if ((await this.byName(name)) !== undefined) throw new CarrelError('conflict', `there is a user "${name}" already`);
    const row: UserRow = { id: newUserId(), name, role, disabled: 0, created_at: now };
    await this.#db.insertInto('users').values(row).execute();
    return toUser(row);
  }

  async byName(name: string): Promise<User | undefined> {
    const row = await this.#db.selectFrom('users').selectAll().where('name', '=', name).executeTakeFirst();
    return row && toUser(row);
  }

  async byId(id: UserId): Promise<User | undefined> {
    const row = await this.#db.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst();
    return row && toUser(row);
  }

  async list(): Promise<User[]> {
    const rows = await this.#db.selectFrom('users').selectAll().orderBy('created_at').orderBy('name').execute();
    return rows.map(toUser);
  }

  async setDisabled(id: UserId, disabled: boolean): Promise<void> {
    await this.#db
      .updateTable('users')
      .set({ disabled: disabled ? 1 : 0 })
      .where('id', '=', id)
      .execute();
  }
}

const toUser = (row: UserRow): User => ({
  id: storedUserId(row.id),
  name: row.name,
  role: ROLES.find((role) => role === row.role) ?? 'member',
  disabled: row.disabled !== 0,
  createdAt: row.created_at,
});
