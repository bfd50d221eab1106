/**
 * Deletes a person with all that is theirs. Lines of the audit log stay: they name the person by an id that means nobody any more, and
 * the addresses in them are forgotten. What happens to worksheets that others use is said before (`removalOf`).
 */
import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { CarrelError } from '../base/errors.ts';
import type { Store } from '../store/store.ts';
import type { User } from '../store/users.ts';
import type { StoredWorksheet } from '../store/worksheets.ts';
import type { RemovalModel } from '../wire/privacy-rest.ts';

export interface Remover {
  readonly store: Store;
  /** Of the contents of files. */
  readonly folder: string;
  /** Ends what is open of a worksheet before it is removed or given away; of a program without open worksheets nothing. */
  readonly end: (worksheet: StoredWorksheet) => Promise<void>;
  /** Ends the person's further kernels and whatever is open by their sign-ins. */
  readonly endOthers: (user: User) => Promise<void>;
}

/** What deleting this person would do. */
export async function removalOf(store: Store, user: User): Promise<RemovalModel> {
  const own = await allWorksheets(store, user);
  const shared: { title: string; people: number }[] = [];
  for (const { id, title } of own) {
    const people = new Set((await store.shares.ofWorksheet(id)).map((share) => share.user)).size;
    if (people > 0) shared.push({ title, people });
  }
  const kernels = (await store.kernels.all()).filter(({ owner }) => owner === user.id).length;
  const leaves = (await store.shares.sharedWith(user.id)).length;
  return { name: user.name, worksheets: own.length, shared, kernels, leaves };
}

/** `heir` gets the worksheets that others use; without one they are removed with the rest. Throws `conflict` for the last administrator. */
export async function deletePerson(remover: Remover, user: User, heir?: User): Promise<void> {
  const { store } = remover;
  if (heir?.id === user.id) throw new CarrelError('bad_request', 'a person cannot be given their own worksheets');
  await requireAnotherAdmin(store, user);
  await store.users.setDisabled(user.id, true);
  await store.webSessions.removeOf(user.id);
  await remover.endOthers(user);
  const contents = new Set<string>();
  for (const worksheet of await allWorksheets(store, user)) {
    await remover.end(worksheet);
    if (heir !== undefined && worksheet.trashedAt === null && (await isShared(store, worksheet)))
      await store.worksheets.give(worksheet.id, heir.id);
    else for (const { blob } of await store.files.list(worksheet.id)) contents.add(blob);
  }
  await store.versions.forgetName(user.name, `deleted person ${user.id.slice(0, 8)}`);
  await store.users.remove(user.id);
  await store.audit.forgetAddresses(user.id);
  for (const blob of contents)
    if (!(await store.files.uses(blob))) await unlink(join(remover.folder, blob)).catch(() => {});
}

async function requireAnotherAdmin({ users }: Store, user: User): Promise<void> {
  if (user.role !== 'admin') return;
  const others = (await users.list()).filter(
    ({ id, role, disabled }) => role === 'admin' && !disabled && id !== user.id,
  );
  if (others.length === 0)
    throw new CarrelError('conflict', `${user.name} is the only administrator; make another one first`);
}

const isShared = async ({ shares }: Store, { id }: StoredWorksheet) => (await shares.ofWorksheet(id)).length > 0;

const allWorksheets = async ({ worksheets }: Store, { id }: User): Promise<StoredWorksheet[]> => [
  ...(await worksheets.list(id, { trashed: false })),
  ...(await worksheets.list(id, { trashed: true })),
];
