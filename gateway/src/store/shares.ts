/**
 * With whom worksheets are shared: with people by name, and by links, of which the hash of the key is stored. A link that is
 * withdrawn is deleted with the rights of all who came by it.
 */
import type { Kysely } from 'kysely';
import { storedUserId, type UserId, type WorksheetId } from '../base/ids.ts';
import type { Tables } from './tables.ts';
import { type StoredWorksheet, toWorksheet } from './worksheets.ts';

/** From the most to the least. */
export const SHARE_ROLES = ['editor', 'runner', 'viewer'] as const;
export type ShareRole = (typeof SHARE_ROLES)[number];

/** One right of one person; who came by two links and was named as well has three. */
export interface Share {
  readonly user: UserId;
  readonly name: string;
  readonly role: ShareRole;
  /** The link by which they came, undefined where the owner named them. */
  readonly link: string | undefined;
}

export interface ShareLink {
  readonly id: string;
  readonly worksheet: WorksheetId;
  readonly role: ShareRole;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

export interface SharedWorksheet {
  readonly worksheet: StoredWorksheet;
  readonly role: ShareRole;
  /** The owner's name. */
  readonly owner: string;
}

export class Shares {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  /** The strongest role of a person who is not the owner; undefined for one with whom it is not shared. */
  async roleOf(worksheet: WorksheetId, user: UserId): Promise<ShareRole | undefined> {
    const named = this.#db
      .selectFrom('worksheet_shares')
      .select('role')
      .where('worksheet_id', '=', worksheet)
      .where('user_id', '=', user);
    const rows = await this.#db
      .selectFrom('worksheet_link_guests as guest')
      .innerJoin('worksheet_links as link', 'link.id', 'guest.link_id')
      .select('link.role')
      .where('link.worksheet_id', '=', worksheet)
      .where('guest.user_id', '=', user)
      .unionAll(named)
      .execute();
    return strongest(rows.map(({ role }) => toRole(role)));
  }

  /** Every right that there is, by name. */
  async ofWorksheet(worksheet: WorksheetId): Promise<Share[]> {
    const named = await this.#db
      .selectFrom('worksheet_shares as share')
      .innerJoin('users', 'users.id', 'share.user_id')
      .select(['users.id', 'users.name', 'share.role'])
      .where('share.worksheet_id', '=', worksheet)
      .execute();
    const came = await this.#db
      .selectFrom('worksheet_link_guests as guest')
      .innerJoin('worksheet_links as link', 'link.id', 'guest.link_id')
      .innerJoin('users', 'users.id', 'guest.user_id')
      .select(['users.id', 'users.name', 'link.role', 'link.id as link'])
      .where('link.worksheet_id', '=', worksheet)
      .execute();
    return [...named.map((row) => ({ ...row, link: undefined })), ...came]
      .map(({ id, name, role, link }) => ({ user: storedUserId(id), name, role: toRole(role), link }))
      .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  }

  /** What others share with a person and is not in the trash; the last changed one first. */
  async sharedWith(user: UserId): Promise<SharedWorksheet[]> {
    const named = this.#db.selectFrom('worksheet_shares').select(['worksheet_id', 'role']).where('user_id', '=', user);
    const rights = this.#db
      .selectFrom('worksheet_link_guests as guest')
      .innerJoin('worksheet_links as link', 'link.id', 'guest.link_id')
      .select(['link.worksheet_id', 'link.role'])
      .where('guest.user_id', '=', user)
      .unionAll(named);
    const rows = await this.#db
      .selectFrom('worksheets')
      .innerJoin(rights.as('right'), 'right.worksheet_id', 'worksheets.id')
      .innerJoin('users', 'users.id', 'worksheets.user_id')
      .selectAll('worksheets')
      .select(['right.role', 'users.name as owner'])
      .where('worksheets.trashed_at', 'is', null)
      .where('worksheets.user_id', '<>', user)
      .orderBy('worksheets.changed_at', 'desc')
      .orderBy('worksheets.id')
      .execute();
    const found = new Map<WorksheetId, SharedWorksheet>();
    for (const row of rows)
      for (const worksheet of toWorksheet(row)) {
        const role = strongest([toRole(row.role), ...(found.has(worksheet.id) ? [found.get(worksheet.id)?.role] : [])]);
        found.set(worksheet.id, { worksheet, role: role ?? 'viewer', owner: row.owner });
      }
    return [...found.values()];
  }

  /** From now on the person has this right and no other: what they came by links with ends. */
  async set(worksheet: WorksheetId, user: UserId, role: ShareRole, at: number): Promise<void> {
    await this.#db.transaction().execute(async (db) => {
      await removeGuest(db, worksheet, user);
      await db
        .insertInto('worksheet_shares')
        .values({ worksheet_id: worksheet, user_id: user, role, created_at: at })
        .onConflict((conflict) => conflict.columns(['worksheet_id', 'user_id']).doUpdateSet({ role }))
        .execute();
    });
  }

  /** All rights of the person. False where they had none. */
  async remove(worksheet: WorksheetId, user: UserId): Promise<boolean> {
    return this.#db.transaction().execute(async (db) => {
      const came = await removeGuest(db, worksheet, user);
      const { numDeletedRows } = await db
        .deleteFrom('worksheet_shares')
        .where('worksheet_id', '=', worksheet)
        .where('user_id', '=', user)
        .executeTakeFirst();
      return came || numDeletedRows > 0n;
    });
  }

  async addLink(link: ShareLink, keyHash: string): Promise<void> {
    const { id, worksheet, role, createdAt } = link;
    const row = { id, worksheet_id: worksheet, role, key_hash: keyHash, created_at: createdAt };
    await this.#db.insertInto('worksheet_links').values(row).execute();
  }

  /** The oldest first. */
  async links(worksheet: WorksheetId): Promise<ShareLink[]> {
    const rows = await this.#db
      .selectFrom('worksheet_links')
      .select(['id', 'role', 'created_at'])
      .where('worksheet_id', '=', worksheet)
      .orderBy('created_at')
      .orderBy('id')
      .execute();
    return rows.map(({ id, role, created_at }) => ({
      ...{ id, worksheet, role: toRole(role), createdAt: Number(created_at) },
    }));
  }

  /** The link with this key and its worksheet. */
  async byKey(keyHash: string): Promise<{ link: string; worksheet: StoredWorksheet } | undefined> {
    const row = await this.#db
      .selectFrom('worksheet_links as link')
      .innerJoin('worksheets', 'worksheets.id', 'link.worksheet_id')
      .selectAll('worksheets')
      .select('link.id as link')
      .where('link.key_hash', '=', keyHash)
      .executeTakeFirst();
    const [worksheet] = row === undefined ? [] : toWorksheet(row);
    return row === undefined || worksheet === undefined ? undefined : { link: row.link, worksheet };
  }

  /** The person came by this link; again is no difference. */
  async join(link: string, user: UserId, at: number): Promise<void> {
    await this.#db
      .insertInto('worksheet_link_guests')
      .values({ link_id: link, user_id: user, came_at: at })
      .onConflict((conflict) => conflict.columns(['link_id', 'user_id']).doNothing())
      .execute();
  }

  /** Answers who had come by it; undefined where the worksheet has no such link. */
  async withdraw(worksheet: WorksheetId, link: string): Promise<UserId[] | undefined> {
    return this.#db.transaction().execute(async (db) => {
      const guests = await db
        .selectFrom('worksheet_link_guests')
        .select('user_id')
        .where('link_id', '=', link)
        .execute();
      const { numDeletedRows } = await db
        .deleteFrom('worksheet_links')
        .where('worksheet_id', '=', worksheet)
        .where('id', '=', link)
        .executeTakeFirst();
      return numDeletedRows === 0n ? undefined : guests.map(({ user_id }) => storedUserId(user_id));
    });
  }
}

/** Answers whether there was one. */
async function removeGuest(db: Kysely<Tables>, worksheet: WorksheetId, user: UserId): Promise<boolean> {
  const links = db.selectFrom('worksheet_links').select('id').where('worksheet_id', '=', worksheet);
  const { numDeletedRows } = await db
    .deleteFrom('worksheet_link_guests')
    .where('user_id', '=', user)
    .where('link_id', 'in', links)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

const strongest = (roles: readonly (ShareRole | undefined)[]): ShareRole | undefined =>
  SHARE_ROLES.find((role) => roles.includes(role));

/** What an unknown version has written gives the least. */
const toRole = (role: string): ShareRole => SHARE_ROLES.find((known) => known === role) ?? 'viewer';
