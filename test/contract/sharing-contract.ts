/** What every store does about sharing: people who are named, links, and who came by them. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isPolicyName, newWorksheetId, type PolicyName, type WorksheetId } from '../../gateway/src/base/ids.ts';
import type { ShareRole } from '../../gateway/src/store/shares.ts';
import type { Store } from '../../gateway/src/store/store.ts';
import type { User } from '../../gateway/src/store/users.ts';

const standard = (): PolicyName => {
  const name = 'standard';
  if (!isPolicyName(name)) throw new Error(name);
  return name;
};

export function sharingContract(name: string, open: () => Promise<Store>): void {
  describe(`store contract of sharing on ${name}`, () => {
    let store: Store;
    let ada: User;
    let bob: User;
    let eve: User;
    let id: WorksheetId;
    beforeEach(async () => {
      store = await open();
      ada = await store.users.add('ada', 'member', 1);
      bob = await store.users.add('bob', 'member', 1);
      eve = await store.users.add('eve', 'member', 1);
      id = await worksheet(10);
    });
    afterEach(() => store[Symbol.asyncDispose]());

    async function worksheet(changedAt: number): Promise<WorksheetId> {
      const made = newWorksheetId();
      const about = { title: 'T', policy: standard(), kernel: 'python3', kernelspec: 'python3' };
      const times = { createdAt: 1, changedAt, trashedAt: null };
      await store.worksheets.create({ id: made, owner: ada.id, ...about, ...times }, new Uint8Array([1]));
      return made;
    }
    const link = async (key: string, role: ShareRole, of = id) => {
      await store.shares.addLink({ id: `link ${key}`, worksheet: of, role, createdAt: 5 }, key);
      return `link ${key}`;
    };
    const roles = async () => [await store.shares.roleOf(id, bob.id), await store.shares.roleOf(id, eve.id)];

    test('a person has the role that was set last, and none when it is removed', async () => {
      expect(await roles()).toEqual([undefined, undefined]);
      await store.shares.set(id, bob.id, 'viewer', 1);
      await store.shares.set(id, bob.id, 'editor', 2);
      expect(await roles()).toEqual(['editor', undefined]);
      expect(await store.shares.remove(id, bob.id)).toBe(true);
      expect(await store.shares.remove(id, bob.id)).toBe(false);
      expect(await roles()).toEqual([undefined, undefined]);
    });

    test('WH2 the strongest counts; WH6 a link that is withdrawn takes what came by it', async () => {
      const [one, two] = [await link('a', 'editor'), await link('b', 'viewer')];
      await store.shares.set(id, bob.id, 'runner', 1);
      for (const by of [one, two, one]) await store.shares.join(by, eve.id, 3);
      await store.shares.join(one, bob.id, 3);
      expect(await roles()).toEqual(['editor', 'editor']);
      expect(await store.shares.withdraw(await worksheet(1), one)).toBeUndefined();
      expect((await store.shares.withdraw(id, one))?.sort()).toEqual([bob.id, eve.id].sort());
      expect(await roles()).toEqual(['runner', 'viewer']);
      expect(await store.shares.byKey('a')).toBeUndefined();
      expect(await store.shares.byKey('b')).toMatchObject({ link: two, worksheet: { id, owner: ada.id } });
      expect(await store.shares.links(id)).toEqual([{ id: two, worksheet: id, role: 'viewer', createdAt: 5 }]);
    });

    test('WH7 naming a person replaces what they came by, in this worksheet only', async () => {
      const other = await worksheet(1);
      await store.shares.join(await link('a', 'editor'), bob.id, 3);
      await store.shares.join(await link('b', 'editor', other), bob.id, 3);
      await store.shares.set(id, bob.id, 'viewer', 1);
      expect(await store.shares.roleOf(id, bob.id)).toBe('viewer');
      expect(await store.shares.roleOf(other, bob.id)).toBe('editor');
    });

    test('every right is listed, by name', async () => {
      const by = await link('a', 'editor');
      await store.shares.join(by, eve.id, 3);
      await store.shares.set(id, bob.id, 'runner', 1);
      await store.shares.join(by, bob.id, 3);
      expect(await store.shares.ofWorksheet(id)).toEqual([
        { user: bob.id, name: 'bob', role: 'runner', link: undefined },
        { user: bob.id, name: 'bob', role: 'editor', link: by },
        { user: eve.id, name: 'eve', role: 'editor', link: by },
      ]);
    });

    test('WH11 what is shared with a person is listed once, the last changed one first; WH8 not from the trash', async () => {
      const [newer, trashed] = [await worksheet(20), await worksheet(30)];
      for (const one of [id, newer, trashed]) await store.shares.set(one, bob.id, 'viewer', 1);
      await store.shares.join(await link('a', 'runner'), bob.id, 3);
      await store.worksheets.trash(trashed, 40);
      const listed = (await store.shares.sharedWith(bob.id)).map(({ worksheet: { id: one }, role, owner }) => [
        one,
        role,
        owner,
      ]);
      expect(listed).toEqual([
        [newer, 'viewer', 'ada'],
        [id, 'runner', 'ada'],
      ]);
      expect(await store.shares.sharedWith(ada.id)).toEqual([]);
      await store.worksheets.remove(id);
      expect((await store.shares.sharedWith(bob.id)).length).toBe(1);
      expect(await store.shares.byKey('a')).toBeUndefined();
    });
  });
}
