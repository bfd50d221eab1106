/**
 * Shares a worksheet with people by name and by links, and takes it back. Whatever changes is true for open sockets as well
 * when the call returns (docs/spec/worksheet-sharing.md).
 */
import { createHash, randomBytes } from 'node:crypto';
import type { Person } from '../../auth/principal.ts';
import type { Clock } from '../../base/clock.ts';
import { CarrelError } from '../../base/errors.ts';
import type { UserId, WorksheetId } from '../../base/ids.ts';
import { SHARE_ROLES, type Share, type ShareLink, type ShareRole, type Shares } from '../../store/shares.ts';
import type { User, Users } from '../../store/users.ts';
import {
  type LinkModel,
  MOST_GUESTS,
  MOST_LINKS,
  MOST_SHARES,
  type NewLinkModel,
  type ShareModel,
  type SharingModel,
} from '../../wire/sharing-rest.ts';
import type { Access } from './access.ts';
import { NameGuesses } from './name-guesses.ts';

export interface SharingOptions {
  readonly shares: Shares;
  readonly users: Pick<Users, 'byTypedName'>;
  readonly access: Access;
  /** Brings what is open in line with what the store says now. */
  readonly rooms: { recheck(id: WorksheetId): Promise<void> };
  readonly clock: Clock;
}

/** Bytes of a link's key; nobody guesses it. */
const KEY = 24;

export class Sharing {
  readonly #options: SharingOptions;
  readonly #guesses = new NameGuesses();

  constructor(options: SharingOptions) {
    this.#options = options;
  }

  async get(person: Person, id: string): Promise<SharingModel> {
    const { shares, access } = this.#options;
    const { id: worksheet } = await access.require(person, id, 'manage');
    const all = await shares.ofWorksheet(worksheet);
    const links = await shares.links(worksheet);
    return { people: peopleOf(all), links: links.map((link) => linkModel(link, all)) };
  }

  /** The name as it is typed to sign in. Throws `not_found` where nobody has it. */
  async share(person: Person, id: string, name: string, role: ShareRole): Promise<ShareModel> {
    const { shares, access, rooms, clock } = this.#options;
    const worksheet = await access.require(person, id, 'manage');
    const user = await this.#personOf(person, name);
    if (user.id === worksheet.owner)
      throw new CarrelError('bad_request', 'the worksheet is yours; you have every right');
    const all = await shares.ofWorksheet(worksheet.id);
    const named = new Set(all.filter(({ link }) => link === undefined).map((share) => share.user));
    if (!named.has(user.id) && named.size >= MOST_SHARES)
      throw tooMany(`${named.size} of ${MOST_SHARES} people have been named; remove one, or make a link`);
    await shares.set(worksheet.id, user.id, role, clock.now());
    await rooms.recheck(worksheet.id);
    return { name: user.name, role, named: true };
  }

  /** Ends every right of the person, also one that came by a link. */
  async unshare(person: Person, id: string, name: string): Promise<void> {
    const { shares, access, rooms } = this.#options;
    const { id: worksheet } = await access.require(person, id, 'manage');
    const share = (await shares.ofWorksheet(worksheet)).find((each) => each.name === name);
    if (share === undefined || !(await shares.remove(worksheet, share.user)))
      throw new CarrelError('not_found', `the worksheet is not shared with ${JSON.stringify(name.slice(0, 64))}`);
    await rooms.recheck(worksheet);
  }

  /** A person gives up what they have of somebody else's worksheet. */
  async leave(person: Person, id: string): Promise<void> {
    const { shares, access, rooms } = this.#options;
    const { id: worksheet, owner } = await access.require(person, id, 'read');
    if (owner === person.user)
      throw new CarrelError('bad_request', 'the worksheet is yours; move it to the trash to be rid of it');
    await shares.remove(worksheet, person.user);
    await rooms.recheck(worksheet);
  }

  async makeLink(person: Person, id: string, role: ShareRole): Promise<NewLinkModel> {
    const { shares, access, clock } = this.#options;
    const { id: worksheet } = await access.require(person, id, 'manage');
    const count = (await shares.links(worksheet)).length;
    if (count >= MOST_LINKS)
      throw tooMany(`${count} of ${MOST_LINKS} links lead to this worksheet; withdraw one first`);
    const key = randomBytes(KEY).toString('base64url');
    const link: ShareLink = { id: randomBytes(8).toString('hex'), worksheet, role, createdAt: clock.now() };
    await shares.addLink(link, hash(key));
    return { ...linkModel(link, []), path: `s/${key}` };
  }

  /** Nobody comes by it any more, and who came by it has only what they have otherwise. */
  async withdrawLink(person: Person, id: string, link: string): Promise<void> {
    const { shares, access, rooms } = this.#options;
    const { id: worksheet } = await access.require(person, id, 'manage');
    if ((await shares.withdraw(worksheet, link)) === undefined)
      throw new CarrelError('not_found', 'the worksheet has no such link');
    await rooms.recheck(worksheet);
  }

  /** The worksheet to which the key leads, which the person may open from now on; undefined where it leads nowhere. */
  async enter(person: Person, key: string): Promise<WorksheetId | undefined> {
    const { shares, rooms, clock } = this.#options;
    const found = await shares.byKey(hash(key));
    if (found === undefined || found.worksheet.trashedAt !== null) return undefined;
    const { worksheet, link } = found;
    if (worksheet.owner === person.user) return worksheet.id;
    const guests = new Set((await shares.ofWorksheet(worksheet.id)).map(({ user }) => user));
    if (!guests.has(person.user) && guests.size >= MOST_GUESTS)
      throw tooMany(`${guests.size} people share this worksheet already, and it takes no more`);
    await shares.join(link, person.user, clock.now());
    await rooms.recheck(worksheet.id);
    return worksheet.id;
  }

  async #personOf(person: Person, name: string): Promise<User> {
    await this.#guesses.require(person.user);
    const user = await this.#options.users.byTypedName(name);
    if (user !== undefined && !user.disabled) return user;
    await this.#guesses.missed(person.user);
    const message = `nobody here has the whole name ${JSON.stringify(name.slice(0, 64))}`;
    throw new CarrelError('not_found', message);
  }
}

function peopleOf(all: readonly Share[]): ShareModel[] {
  const people = new Map<UserId, Share[]>();
  for (const share of all) people.set(share.user, [...(people.get(share.user) ?? []), share]);
  return [...people.values()].map((shares) => ({
    name: shares[0]?.name ?? '',
    role: SHARE_ROLES.find((role) => shares.some((share) => share.role === role)) ?? 'viewer',
    named: shares.some(({ link }) => link === undefined),
  }));
}

const linkModel = ({ id, role, createdAt }: ShareLink, all: readonly Share[]): LinkModel => ({
  ...{ id, role, created_at: new Date(createdAt).toISOString() },
  guests: all.filter(({ link }) => link === id).length,
});

const hash = (key: string): string => createHash('sha256').update(key).digest('hex');
const tooMany = (message: string): CarrelError => new CarrelError('quota_reached', message);
