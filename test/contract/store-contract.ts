/** What every store does, run on SQLite and on Postgres. One function for each subject, so that a failure says where it is. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  isPolicyName,
  kernelOfWorksheet,
  newKernelId,
  newSandboxId,
  newSessionId,
  newTokenId,
  newWorksheetId,
  type PolicyName,
  type UserId,
} from '../../gateway/src/base/ids.ts';
import type { Store } from '../../gateway/src/store/store.ts';
import type { StoredWorksheet } from '../../gateway/src/store/worksheets.ts';
import { accountsContract } from './accounts-contract.ts';
import { auditContract } from './audit-contract.ts';
import { filesContract } from './files-contract.ts';
import { sharingContract } from './sharing-contract.ts';
import { versionsContract } from './versions-contract.ts';

const policy = (text: string): PolicyName => {
  if (!isPolicyName(text)) throw new Error(text);
  return text;
};

/** `open` answers an empty store; it is closed after each test. */
export function storeContract(name: string, open: () => Promise<Store>): void {
  accountsContract(name, open);
  auditContract(name, open);
  filesContract(name, open);
  sharingContract(name, open);
  versionsContract(name, open);
  describe(`ST1 store contract on ${name}`, () => {
    let store: Store;
    beforeEach(async () => {
      store = await open();
    });
    afterEach(() => store[Symbol.asyncDispose]());

    test('a user is found by name and by id, and can be disabled', async () => {
      const ada = await store.users.add('ada@example.org', 'instructor', 1);
      expect(await store.users.byName('ada@example.org')).toEqual(ada);
      expect(ada).toMatchObject({ name: 'ada@example.org', role: 'instructor', disabled: false, createdAt: 1 });
      await store.users.setDisabled(ada.id, true);
      expect((await store.users.byId(ada.id))?.disabled).toBe(true);
      expect(await store.users.byName('nobody')).toBeUndefined();
      expect(await store.users.list()).toHaveLength(1);
    });

    test('a name is taken once and has no characters that could forge a log line', async () => {
      await store.users.add('ada', 'member', 1);
      await expect(store.users.add('ada', 'admin', 2)).rejects.toMatchObject({ code: 'conflict' });
      for (const name of ['', ' ada', 'a\nb', 'a\u202eb', 'a/b', 'x'.repeat(65)])
        await expect(store.users.add(name, 'member', 1)).rejects.toMatchObject({ code: 'bad_request' });
    });

    test('a token is known until it is revoked; its link works once', async () => {
      const { id: user } = await store.users.add('ada', 'member', 1);
      const id = newTokenId();
      await store.tokens.add({ id, user, label: 'laptop', createdAt: 1, expiresAt: 100 });
      expect(await store.tokens.byId(id)).toEqual({
        id,
        user,
        label: 'laptop',
        createdAt: 1,
        expiresAt: 100,
        revoked: false,
        linkUsed: false,
      });
      expect(await Promise.all([store.tokens.useLink(id), store.tokens.useLink(id)])).toEqual([true, false]);
      await store.tokens.markUsed(id, '2026-01-02');
      expect(await store.tokens.revoke(id)).toBe(true);
      expect(await store.tokens.revoke(newTokenId())).toBe(false);
      expect(await store.tokens.ofUser(user)).toMatchObject([
        { revoked: true, linkUsed: true, lastUsedDay: '2026-01-02' },
      ]);
    });

    test('tokens are revoked by label, and forgotten a month after their end', async () => {
      const { id: user } = await store.users.add('ada', 'member', 1);
      const [printed, other, old] = [newTokenId(), newTokenId(), newTokenId()];
      const day = 86_400_000;
      await store.tokens.add({ id: printed, user, label: 'printed', createdAt: 1, expiresAt: 90 * day });
      await store.tokens.add({ id: other, user, label: 'other', createdAt: 2, expiresAt: 90 * day });
      await store.tokens.add({ id: old, user, label: 'old', createdAt: 3, expiresAt: day });
      await store.tokens.revokeLabelled('printed', 40 * day);
      expect((await store.tokens.ofUser(user)).map((token) => [token.id, token.revoked])).toEqual([
        [printed, true],
        [other, false],
      ]);
    });

    test('a web session is swept when it has ended or was not seen for long', async () => {
      const { id: user } = await store.users.add('ada', 'member', 1);
      const session = (idHash: string, seenAt: number, endsAt: number) => ({
        idHash,
        user,
        csrf: 'c',
        createdAt: 0,
        seenAt,
        endsAt,
        userAgent: 'Mozilla/5.0',
        address: '::1',
      });
      await store.webSessions.add(session('live', 50, 200));
      await store.webSessions.add(session('idle', 10, 200));
      await store.webSessions.add(session('ended', 50, 90));
      await store.webSessions.sweep(100, 40);
      expect(await store.webSessions.byHash('live')).toEqual(session('live', 50, 200));
      expect(await store.webSessions.byHash('idle')).toBeUndefined();
      expect(await store.webSessions.byHash('ended')).toBeUndefined();
      await store.webSessions.touch('live', 60);
      expect((await store.webSessions.byHash('live'))?.seenAt).toBe(60);
      await store.webSessions.remove('live');
      expect(await store.webSessions.byHash('live')).toBeUndefined();
    });

    test('a person has one Jupyter session per path; other people’s are separate', async () => {
      const { id: ada } = await store.users.add('ada', 'member', 1);
      const { id: bob } = await store.users.add('bob', 'member', 1);
      const session = (owner: typeof ada, path: string, createdAt: number) => ({
        id: newSessionId(),
        owner,
        path,
        name: 'ü',
        type: 'notebook',
        kernel: newKernelId(),
        createdAt,
      });
      const [first, second, other] = [
        session(ada, 'a.ipynb', 1),
        session(ada, 'a.ipynb', 2),
        session(bob, 'a.ipynb', 3),
      ];
      for (const each of [first, second, other]) await store.jupyterSessions.put(each);
      expect(await store.jupyterSessions.ofUser(ada)).toEqual([second]);
      await store.jupyterSessions.put({ ...second, path: 'b.ipynb' });
      expect(await store.jupyterSessions.ofUser(ada)).toEqual([{ ...second, path: 'b.ipynb' }]);
      await store.jupyterSessions.removeOfKernel(second.kernel);
      expect(await store.jupyterSessions.ofUser(ada)).toEqual([]);
      await store.jupyterSessions.remove(other.id);
      expect(await store.jupyterSessions.ofUser(bob)).toEqual([]);
    });

    const kernelOf = (owner: UserId, createdAt: number) => ({
      id: newKernelId(),
      owner,
      policy: policy('standard'),
      kernel: 'python3',
      name: 'python3',
      env: { KERNEL_A: 'a=b\nc "ü"' },
      sandbox: newSandboxId(),
      generation: 1,
      createdAt,
      lastActivity: createdAt,
    });

    test('kernels come back as they were put, in order of creation', async () => {
      const { id: owner } = await store.users.add('ada', 'member', 1);
      const [late, early] = [kernelOf(owner, 20), kernelOf(owner, 10)];
      await store.kernels.put(late);
      await store.kernels.put(early);
      await store.kernels.put({ ...late, generation: 2 });
      expect(await store.kernels.all()).toEqual([early, { ...late, generation: 2 }]);
      await store.kernels.remove(early.id);
      expect(await store.kernels.all()).toHaveLength(1);
    });

    test('the last activity of many kernels is stored at once, and of one that is gone not at all', async () => {
      const { id: owner } = await store.users.add('ada', 'member', 1);
      const kernels = Array.from({ length: 1203 }, (_, i) => kernelOf(owner, i));
      for (const kernel of kernels) await store.kernels.put(kernel);
      const [first, ...others] = kernels;
      if (first === undefined) throw new Error('no kernel');
      await store.kernels.remove(first.id);
      await store.kernels.touch(kernels.slice(0, -1).map(({ id }, i) => ({ id, lastActivity: 1_764_000_000_000 + i })));
      const expected = others.map((kernel, i) => ({ ...kernel, lastActivity: 1_764_000_000_001 + i }));
      expect(await store.kernels.all()).toEqual([...expected.slice(0, -1), kernels.at(-1)]);
      await store.kernels.touch([]);
    });

    const worksheet = (owner: UserId, more: Partial<StoredWorksheet> = {}): StoredWorksheet => ({
      id: newWorksheetId(),
      owner,
      title: 'Waves',
      policy: policy('standard'),
      kernel: 'python3',
      kernelspec: 'python3-standard',
      createdAt: 10,
      changedAt: 10,
      trashedAt: null,
      ...more,
    });
    const bytes = (...values: number[]) => new Uint8Array(values);

    test('WS4 worksheets are listed by their last change, and the trash by itself', async () => {
      const { id: owner } = await store.users.add('ada', 'member', 1);
      const { id: other } = await store.users.add('bob', 'member', 1);
      const [one, two, three] = [worksheet(owner), worksheet(owner, { changedAt: 20 }), worksheet(other)];
      for (const each of [one, two, three]) await store.worksheets.create(each, bytes(0, 0));
      const titles = async (trashed: boolean) => (await store.worksheets.list(owner, { trashed })).map(({ id }) => id);
      expect(await titles(false)).toEqual([two.id, one.id]);
      expect(await store.worksheets.get(one.id)).toEqual(one);
      expect(await store.worksheets.rename(one.id, 'Tides', 30)).toBe(true);
      expect(await store.worksheets.get(one.id)).toEqual({ ...one, title: 'Tides', changedAt: 30 });
      expect(await titles(false)).toEqual([one.id, two.id]);
      await store.worksheets.touch(two.id, 40);
      expect(await titles(false)).toEqual([two.id, one.id]);
      await store.worksheets.trash(one.id, 50);
      expect([await titles(false), await titles(true)]).toEqual([[two.id], [one.id]]);
      expect(await store.worksheets.count(owner)).toBe(2);
      await store.worksheets.restore(one.id);
      expect(await titles(false)).toEqual([two.id, one.id]);
      expect(await store.worksheets.rename(newWorksheetId(), 'x', 1)).toBe(false);
    });

    test('WS1 updates come back byte for byte, in the order in which they were appended', async () => {
      const { id: owner } = await store.users.add('ada', 'member', 1);
      const [one, two] = [worksheet(owner), worksheet(owner)];
      await store.worksheets.create(one, bytes(1, 0, 255));
      await store.worksheets.create(two, bytes(9));
      const seqs = await Promise.all([
        store.worksheets.append(one.id, bytes(2), 11),
        store.worksheets.append(two.id, bytes(8), 11),
      ]);
      expect([...seqs, await store.worksheets.append(one.id, bytes(), 12)]).toEqual([2, 2, 3]);
      const updates = await store.worksheets.updates(one.id);
      expect(updates.map(({ seq, data }) => [seq, [...data]])).toEqual([
        [1, [1, 0, 255]],
        [2, [2]],
        [3, []],
      ]);
    });

    test('WS5 compaction replaces the first updates by one and leaves the later ones', async () => {
      const { id: owner } = await store.users.add('ada', 'member', 1);
      const one = worksheet(owner);
      await store.worksheets.create(one, bytes(1));
      for (const value of [2, 3, 4]) await store.worksheets.append(one.id, bytes(value), 11);
      await store.worksheets.compact(one.id, bytes(123), 3, 12);
      const left = (await store.worksheets.updates(one.id)).map(({ seq, data }) => [seq, [...data]]);
      expect(left).toEqual([
        [3, [123]],
        [4, [4]],
      ]);
      expect(await store.worksheets.append(one.id, bytes(5), 13)).toBe(5);
    });

    test('WS5 a worksheet that is removed takes its updates along, and takes no more', async () => {
      const { id: owner } = await store.users.add('ada', 'member', 1);
      const one = worksheet(owner);
      await store.worksheets.create(one, bytes(1));
      expect(await store.worksheets.remove(one.id)).toBe(true);
      expect(await store.worksheets.updates(one.id)).toEqual([]);
      await expect(store.worksheets.append(one.id, bytes(2), 11)).rejects.toThrow();
      expect(await store.worksheets.remove(one.id)).toBe(false);
    });

    test('HE2 a beat is written each time', async () => {
      expect(await store.liveness.last()).toBeUndefined();
      await store.liveness.beat(1000);
      await store.liveness.beat(2000);
      expect(await store.liveness.last()).toBe(2000);
    });

    test('WS7 worksheets whose kernel may be at work are found', async () => {
      const { id: owner } = await store.users.add('ada', 'member', 1);
      const [one, two, three] = [worksheet(owner), worksheet(owner), worksheet(owner, { trashedAt: 5 })];
      for (const each of [one, two, three]) await store.worksheets.create(each, bytes(0, 0));
      const kernel = { owner, policy: policy('standard'), kernel: 'python3', name: 'python3', env: {} };
      const more = { sandbox: newSandboxId(), generation: 1, createdAt: 1, lastActivity: 1 };
      for (const { id } of [one, three]) await store.kernels.put({ id: kernelOfWorksheet(id), ...kernel, ...more });
      expect(await store.worksheets.withKernel()).toEqual([one]);
    });
  });
}
