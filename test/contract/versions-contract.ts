/** What every store does about versions of worksheets and the values that they share. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isPolicyName, newVersionId, newWorksheetId, type WorksheetId } from '../../gateway/src/base/ids.ts';
import type { Store } from '../../gateway/src/store/store.ts';
import type { StoredVersion } from '../../gateway/src/store/versions.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

export function versionsContract(name: string, open: () => Promise<Store>): void {
  describe(`store contract of versions on ${name}`, () => {
    let store: Store;
    let one: WorksheetId;
    let two: WorksheetId;
    beforeEach(async () => {
      store = await open();
      const owner = (await store.users.add('ada', 'member', 1)).id;
      const worksheet = async () => {
        const policy = 'standard';
        if (!isPolicyName(policy)) throw new Error(policy);
        const id = newWorksheetId();
        const times = { createdAt: 1, changedAt: 1, trashedAt: null };
        const about = { id, owner, title: 'T', policy, kernel: 'python3', kernelspec: 'python3', ...times };
        await store.worksheets.create(about, bytes('x'));
        return id;
      };
      [one, two] = [await worksheet(), await worksheet()];
    });
    afterEach(() => store[Symbol.asyncDispose]());

    const version = (at: number, more: Partial<StoredVersion> = {}): StoredVersion => ({
      ...{ id: newVersionId(), worksheet: one, at, kind: 'automatic', name: null, who: ['ada', 'bob'] },
      ...{ sources: 's', whole: 'w', bytes: 7 },
      ...more,
    });
    /** Each letter is a value to which it refers; capital ones come with it. */
    const add = (made: StoredVersion, letters: string) =>
      store.versions.add(
        made,
        bytes('content'),
        [...letters]
          .filter((letter) => letter !== letter.toLowerCase())
          .map((letter) => ({ hash: letter.toLowerCase(), data: bytes(letter) })),
        new Set(letters.toLowerCase()),
      );
    const hashes = async (of = one) => [...(await store.versions.hashes(of))].sort().join('');

    test('WV4 versions are listed, the newest first, and read as they were written', async () => {
      const [old, now] = [version(1, { kind: 'imported' }), version(2 ** 41, { kind: 'named', name: 'N' })];
      expect([await add(now, 'AB'), await add(old, 'a')]).toEqual([true, true]);
      expect(await store.versions.list(one)).toEqual([now, old]);
      expect(await store.versions.get(one, old.id)).toEqual(old);
      expect(Buffer.from((await store.versions.content(one, now.id)) ?? []).toString()).toBe('content');
      const blobs = await store.versions.blobs(one, now.id);
      expect(blobs.map(({ hash, data }) => `${hash}${Buffer.from(data)}`).sort()).toEqual(['aA', 'bB']);
      expect(await store.versions.bytes(one)).toBe(2 * 7 + 2);
    });

    test('WV30 a version of one worksheet is none of another', async () => {
      const made = version(1);
      await add(made, 'A');
      expect(await store.versions.get(two, made.id)).toBe(undefined);
      expect(await store.versions.content(two, made.id)).toBe(undefined);
      expect(await store.versions.blobs(two, made.id)).toEqual([]);
      expect(await store.versions.rename(two, made.id, 'N', 'named')).toBe(false);
      expect(await store.versions.remove(two, [made.id])).toBe(0);
      expect(await store.versions.list(one)).toEqual([made]);
    });

    test('a version is named and loses its name', async () => {
      const made = version(1);
      await add(made, '');
      expect(await store.versions.rename(one, made.id, 'N', 'named')).toBe(true);
      expect(await store.versions.get(one, made.id)).toEqual({ ...made, name: 'N', kind: 'named' });
      await store.versions.rename(one, made.id, null, 'automatic');
      expect(await store.versions.get(one, made.id)).toEqual(made);
    });

    test('WV4 nothing is added where a value is missing', async () => {
      await add(version(1), 'A');
      expect(await add(version(2), 'abC')).toBe(false);
      expect([(await store.versions.list(one)).length, await hashes()]).toEqual([1, 'a']);
      await add(version(3, { worksheet: two }), 'B');
      expect(await add(version(4), 'b')).toBe(false);
    });

    test('WV4 a value goes with the last version that refers to it', async () => {
      const [first, second, other] = [version(1), version(2), version(3, { worksheet: two })];
      await add(first, 'AB');
      await add(second, 'bC');
      await add(other, 'A');
      expect(await store.versions.remove(one, [first.id])).toBe(1);
      expect([await hashes(), await hashes(two)]).toEqual(['bc', 'a']);
      await store.versions.remove(one, [second.id, first.id]);
      expect([await hashes(), await store.versions.bytes(one)]).toEqual(['', 0]);
      await store.worksheets.remove(two);
      expect([await hashes(two), await store.versions.list(two)]).toEqual(['', []]);
    });

    test('WV4 a version that is added while another one is removed keeps what it refers to', async () => {
      for (let round = 0; round < 10; round += 1) {
        const [old, fresh] = [version(round), version(round + 1)];
        await add(old, 'A');
        const [, added] = await Promise.all([store.versions.remove(one, [old.id]), add(fresh, 'a')]);
        expect((await store.versions.blobs(one, fresh.id)).length).toBe(added ? 1 : 0);
        await store.versions.remove(one, [fresh.id]);
      }
    });
  });
}
