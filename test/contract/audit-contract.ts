/** What every store does about the audit log: one chain, whoever appends, and people who are forgotten or give what they have away. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isPolicyName, newVersionId, newWorksheetId, type UserId } from '../../gateway/src/base/ids.ts';
import type { Store } from '../../gateway/src/store/store.ts';
import { checkAudit } from '../../gateway/src/telemetry/audit-check.ts';

export function auditContract(name: string, open: () => Promise<Store>): void {
  describe(`store contract of the audit log on ${name}`, () => {
    let store: Store;
    beforeEach(async () => {
      store = await open();
    });
    afterEach(() => store[Symbol.asyncDispose]());

    const entry = (actor?: UserId) => ({
      ...{ event: 'token.made' as const, via: 'token' as const, at: Date.now(), actor, address: '192.0.2.1' },
      details: { 'a "name"': 'ä\u0000\n' },
    });

    test('AU4 many that append at once make one chain without a gap', async () => {
      await Promise.all(
        Array.from({ length: 40 }, (_, n) => store.audit.append(Array.from({ length: n % 3 }, () => entry()))),
      );
      const { lines, flaws, head } = await checkAudit(store.audit);
      expect([lines, flaws, head]).toEqual([39, [], await store.audit.head()]);
      expect((await store.audit.find({ limit: 2 })).map(({ seq }) => seq)).toEqual([39, 38]);
    });

    test('BK12 the last line of an event is found, also behind a line', async () => {
      const made = (at: number) => ({ event: 'backup.made' as const, via: 'command' as const, at });
      expect(await store.audit.newest('backup.made')).toBeUndefined();
      await store.audit.append([entry(), made(5), entry(), made(7), entry()]);
      expect(await store.audit.newest('backup.made')).toEqual({ seq: 4, at: 7 });
      expect(await store.audit.newest('backup.made', 4)).toBeUndefined();
    });

    test('AU5 addresses of a person are forgotten, and nothing else', async () => {
      const [ada, bob] = [await store.users.add('ada', 'member', 1), await store.users.add('bob', 'member', 1)];
      await store.audit.append([entry(ada.id), entry(bob.id), entry(ada.id)]);
      expect(await store.audit.forgetAddresses(ada.id)).toBe(2);
      const { flaws, forgotten } = await checkAudit(store.audit);
      expect([flaws, forgotten]).toEqual([[], 2]);
      expect((await store.audit.find({ actor: bob.id, limit: 9 }))[0]?.address).toBe('192.0.2.1');
    });

    test('PR4 a worksheet that is given away has another owner, and names in histories can be replaced', async () => {
      const [ada, bob] = [await store.users.add('ada_.x', 'member', 1), await store.users.add('bob', 'member', 1)];
      const id = newWorksheetId();
      const policy = 'standard';
      if (!isPolicyName(policy)) throw new Error('no policy name');
      const made = {
        title: '',
        policy,
        kernel: 'python3',
        kernelspec: 'python3',
        createdAt: 1,
        changedAt: 1,
        trashedAt: null,
      };
      await store.worksheets.create({ id, owner: ada.id, ...made }, new Uint8Array([0, 0]));
      const version = { id: newVersionId(), worksheet: id, at: 1, kind: 'automatic' as const, name: null };
      const about = { who: ['ada_.x', 'ada__x'], sources: 's', whole: 'w', bytes: 1 };
      await store.versions.add({ ...version, ...about }, new Uint8Array([1]), [], new Set());
      await store.shares.set(id, bob.id, 'viewer', 1);
      expect(await store.worksheets.give(id, bob.id)).toBe(true);
      expect(await store.shares.ofWorksheet(id)).toEqual([]);
      await store.versions.forgetName('ada_.x', 'somebody');
      expect((await store.versions.list(id))[0]?.who).toEqual(['somebody', 'ada__x']);
      await store.users.remove(ada.id);
      expect((await store.worksheets.get(id))?.owner).toBe(bob.id);
      await store.users.remove(bob.id);
      expect(await store.worksheets.get(id)).toBeUndefined();
    });
  });
}
