/**
 * Links by which a person sets a password: an invitation, or a new link for who has forgotten theirs. A person has one at most.
 * It is gone as soon as it was used, and only the hash of its key is here.
 */
import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import { storedUserId, type UserId } from '../base/ids.ts';
import type { InvitationRow, Tables } from './tables.ts';

export type InvitationPurpose = 'invite' | 'reset';

export interface Invitation {
  readonly user: UserId;
  readonly purpose: InvitationPurpose;
  readonly createdAt: number;
  readonly endsAt: number;
}

export class Invitations {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  /** The link that the person had before ends. */
  async put(invitation: Invitation, keyHash: string): Promise<void> {
    const row: InvitationRow = {
      id: randomUUID(),
      user_id: invitation.user,
      key_hash: keyHash,
      purpose: invitation.purpose,
      created_at: invitation.createdAt,
      ends_at: invitation.endsAt,
    };
    await this.#db.transaction().execute(async (db) => {
      await db.deleteFrom('invitations').where('user_id', '=', invitation.user).execute();
      await db.insertInto('invitations').values(row).execute();
    });
  }

  /** Undefined for one that was used, was withdrawn, has ended or never was. */
  async byHash(keyHash: string, now: number): Promise<Invitation | undefined> {
    const row = await this.#db
      .selectFrom('invitations')
      .selectAll()
      .where('key_hash', '=', keyHash)
      .where('ends_at', '>', now)
      .executeTakeFirst();
    return row && toInvitation(row);
  }

  /** Uses the link up and sets the password, both or neither; answers whose it is, undefined where it is no longer good. */
  async use(keyHash: string, phc: string, now: number): Promise<UserId | undefined> {
    return await this.#db.transaction().execute(async (db) => {
      const used = await db
        .deleteFrom('invitations')
        .where('key_hash', '=', keyHash)
        .where('ends_at', '>', now)
        .returning('user_id')
        .executeTakeFirst();
      if (used === undefined) return undefined;
      const user = used.user_id;
      await db
        .insertInto('passwords')
        .values({ user_id: user, phc, changed_at: now })
        .onConflict((conflict) => conflict.column('user_id').doUpdateSet({ phc, changed_at: now }))
        .execute();
      return storedUserId(user);
    });
  }

  /** Whether there was one. */
  async withdraw(user: UserId): Promise<boolean> {
    const { numDeletedRows } = await this.#db.deleteFrom('invitations').where('user_id', '=', user).executeTakeFirst();
    return numDeletedRows > 0n;
  }

  /** Those that are good still. */
  async list(now: number): Promise<Invitation[]> {
    const rows = await this.#db.selectFrom('invitations').selectAll().where('ends_at', '>', now).execute();
    return rows.map(toInvitation);
  }
}

const toInvitation = (row: InvitationRow): Invitation => ({
  user: storedUserId(row.user_id),
  purpose: row.purpose === 'reset' ? 'reset' : 'invite',
  createdAt: row.created_at,
  endsAt: row.ends_at,
});
