/** What every store does about the files of worksheets: how much those of one owner are together. */
import { expect, test } from 'vitest';
import { isPolicyName, newWorksheetId, type UserId } from '../../gateway/src/base/ids.ts';
import type { Store } from '../../gateway/src/store/store.ts';

export function filesContract(name: string, open: () => Promise<Store>): void {
  test(`store contract of files on ${name}: WF22 the files of an owner are counted together, a shared content once`, async () => {
    await using store = await open();
    const policy = 'standard';
    if (!isPolicyName(policy)) throw new Error(policy);
    const [ada, bob] = [await store.users.add('ada', 'member', 1), await store.users.add('bob', 'member', 1)];
    const worksheetOf = async (owner: UserId) => {
      const id = newWorksheetId();
      const shape = { title: '', policy, kernel: 'python3', kernelspec: 'python3' };
      const times = { createdAt: 1, changedAt: 1, trashedAt: null };
      await store.worksheets.create({ id, owner, ...shape, ...times }, new Uint8Array([0, 0]));
      return id;
    };
    const [one, two, bobs] = [await worksheetOf(ada.id), await worksheetOf(ada.id), await worksheetOf(bob.id)];
    expect(await store.files.sizeOfOwner(ada.id)).toBe(0);
    const about = { mtime: 1, sha256: '0'.repeat(64), seenIn: undefined, changedAt: 1 };
    const large = 3 * 2 ** 30;
    await store.files.put(one, { path: 'a', size: large, blob: 'a', ...about });
    await store.files.put(one, { path: 'b', size: 5, blob: 'b', ...about });
    await store.files.put(bobs, { path: 'c', size: 7, blob: 'c', ...about });
    await store.files.copy(one, two);
    expect(await store.files.sizeOfOwner(ada.id)).toBe(large + 5);
    expect(await store.files.sizeOfOwner(ada.id, two)).toBe(large + 5);
    expect(await store.files.sizeOfOwner(ada.id, bobs)).toBe(large + 12);
    expect(await store.files.sizeOfOwner(bob.id)).toBe(7);
  });
}
