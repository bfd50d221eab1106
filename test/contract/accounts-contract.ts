/** What every store does about accounts: names, passwords, links that set them, browsers that are signed in. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newTokenId } from '../../gateway/src/base/ids.ts';
import type { InvitationPurpose } from '../../gateway/src/store/invitations.ts';
import type { Store } from '../../gateway/src/store/store.ts';
import type { User } from '../../gateway/src/store/users.ts';

export function accountsContract(name: string, open: () => Promise<Store>): void {
  describe(`store contract of accounts on ${name}`, () => {
    let store: Store;
    let ada: User;
    beforeEach(async () => {
      store = await open();
      ada = await store.users.add('Ada.Müller', 'member', 1);
    });
    afterEach(() => store[Symbol.asyncDispose]());

    test('AC17 a name in other letters is the same name: it is taken, and found when somebody types it so', async () => {
      for (const other of ['ada.müller', 'ADA.MÜLLER', 'ａda.müller', 'ada.mu\u0308ller'])
        await expect(store.users.add(other, 'member', 2)).rejects.toMatchObject({ code: expect.any(String) });
      expect((await store.users.byTypedName(' ADA.müller '))?.id).toBe(ada.id);
      expect(await store.users.byTypedName('ada')).toBeUndefined();
      expect(await store.users.byName('ada.müller')).toBeUndefined();
    });

    test('role and last sign-in are kept', async () => {
      expect(ada.signedInAt).toBeUndefined();
      await store.users.setRole(ada.id, 'instructor');
      await store.users.markSignedIn(ada.id, 5);
      expect(await store.users.byId(ada.id)).toMatchObject({ role: 'instructor', signedInAt: 5 });
    });

    test('a password is set, changed, and renewed unless it was changed meanwhile', async () => {
      expect([await store.passwords.of(ada.id), await store.passwords.any()]).toEqual([undefined, false]);
      await store.passwords.set(ada.id, 'one', 1);
      await store.passwords.set(ada.id, 'two', 2);
      await store.passwords.renew(ada.id, 'one', 'stale');
      expect(await store.passwords.of(ada.id)).toBe('two');
      await store.passwords.renew(ada.id, 'two', 'stronger');
      expect(await store.passwords.of(ada.id)).toBe('stronger');
      expect([[...(await store.passwords.holders())], await store.passwords.any()]).toEqual([[ada.id], true]);
    });

    const link = (purpose: InvitationPurpose, endsAt = 100) => ({ user: ada.id, purpose, createdAt: 1, endsAt });

    test('AC19 a link sets a password once, for the first of those who come at once, and not after its end', async () => {
      await store.invitations.put(link('invite'), 'hash');
      expect(await store.invitations.byHash('hash', 99)).toEqual(link('invite'));
      expect(await store.invitations.byHash('hash', 100)).toBeUndefined();
      expect(await store.invitations.use('hash', 'phc', 100)).toBeUndefined();
      const used = await Promise.all(['one', 'two'].map((phc) => store.invitations.use('hash', phc, 50)));
      expect(used.filter((user) => user !== undefined)).toEqual([ada.id]);
      expect(await store.passwords.of(ada.id)).toBe(used[0] === undefined ? 'two' : 'one');
      expect(await store.invitations.byHash('hash', 50)).toBeUndefined();
    });

    test('AC19 a new link ends the one before; one that is withdrawn is gone', async () => {
      await store.invitations.put(link('invite'), 'first');
      await store.invitations.put(link('reset'), 'second');
      expect(await store.invitations.byHash('first', 1)).toBeUndefined();
      expect(await store.invitations.list(1)).toEqual([link('reset')]);
      expect(await store.invitations.list(100)).toEqual([]);
      expect([await store.invitations.withdraw(ada.id), await store.invitations.withdraw(ada.id)]).toEqual([
        true,
        false,
      ]);
      expect(await store.invitations.byHash('second', 1)).toBeUndefined();
    });

    test('only who was never here can be forgotten, the link with them', async () => {
      const bob = await store.users.add('bob', 'member', 1);
      await store.invitations.put(link('invite'), 'hash');
      await store.tokens.add({ id: newTokenId(), user: bob.id, label: '', createdAt: 1, expiresAt: 2 });
      expect([await store.users.removeUnused(ada.id), await store.users.removeUnused(bob.id)]).toEqual([true, false]);
      expect((await store.users.list()).map((user) => user.name)).toEqual(['bob']);
      expect(await store.invitations.list(1)).toEqual([]);
      const [eve, dan] = [await store.users.add('eve', 'member', 1), await store.users.add('dan', 'member', 1)];
      await store.users.markSignedIn(eve.id, 1);
      await store.passwords.set(dan.id, 'phc', 1);
      expect([await store.users.removeUnused(eve.id), await store.users.removeUnused(dan.id)]).toEqual([false, false]);
    });

    test('the sessions of a person are listed, the last seen one first, and ended but for one', async () => {
      const bob = await store.users.add('bob', 'member', 1);
      const session = (idHash: string, user: User, seenAt: number) => {
        const times = { createdAt: 1, seenAt, endsAt: 100 };
        return { idHash, user: user.id, csrf: 'c', ...times, userAgent: 'Mozilla/5.0', address: '10.0.0.7' };
      };
      const [one, two, three] = [session('1', ada, 5), session('2', ada, 9), session('3', ada, 7)];
      for (const each of [one, two, three, session('4', bob, 1)]) await store.webSessions.add(each);
      expect(await store.webSessions.ofUser(ada.id)).toEqual([two, three, one]);
      expect(await store.webSessions.removeOf(ada.id, '3')).toBe(2);
      expect(await store.webSessions.removeOf(ada.id)).toBe(1);
      expect(await store.webSessions.ofUser(bob.id)).toHaveLength(1);
    });
  });
}
