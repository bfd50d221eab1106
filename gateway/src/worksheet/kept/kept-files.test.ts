/** The files of a worksheet with a real store and folder, and a sandbox in memory. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../base/clock.ts';
import { isPolicyName, kernelOfWorksheet, newSandboxId, newWorksheetId } from '../../base/ids.ts';
import { silentLogger } from '../../base/ports.ts';
import { type OpenSandbox, SandboxFileError, type SandboxFiles } from '../../kernel/contract.ts';
import { openMemoryStore, type Store } from '../../store/store.ts';
import type { StoredWorksheet } from '../../store/worksheets.ts';
import { KeptFiles } from './kept-files.ts';

const START = 1_700_000_000_000;
const clock = new ManualClock(START);

class MemorySandbox implements SandboxFiles, OpenSandbox {
  readonly id = newSandboxId();
  readonly content = new Map<string, { body: string; mtime: number }>();
  readonly calls: string[] = [];
  /** Calls that are answered before the stream breaks. */
  breaksAfter = Number.POSITIVE_INFINITY;
  /** Of the files that are written, the refused one. */
  refuses = '';
  changes = '';

  get files(): SandboxFiles {
    return this;
  }

  write_(path: string, body: string, age = 1_000_000): void {
    this.content.set(path, { body, mtime: clock.now() * 1000 - age });
  }

  async list() {
    this.#called('list');
    const files = [...this.content].map(([path, { body, mtime }]) => ({ path, size: body.length, mtime }));
    return { files, cut: false, odd: 0, now: clock.now() * 1000 };
  }

  async read(path: string, begin: Parameters<SandboxFiles['read']>[1], take: (piece: Buffer) => unknown) {
    this.#called(`read ${path}`);
    const file = this.content.get(path);
    if (file === undefined) throw new SandboxFileError('missing', 'there is no such file');
    const facts = { size: file.body.length, mtime: file.mtime };
    begin(facts);
    await take(Buffer.from(file.body));
    if (this.changes === path) throw new SandboxFileError('changed', 'it is being written at this moment');
    return facts;
  }

  async write(path: string, { mtime }: { mtime: number }, source: AsyncIterable<Buffer>) {
    this.#called(`write ${path}`);
    if (path === this.refuses) throw new SandboxFileError('full', 'the home folder is full');
    const pieces: Buffer[] = [];
    for await (const piece of source) pieces.push(piece);
    this.content.set(path, { body: Buffer.concat(pieces).toString(), mtime });
  }

  async remove(path: string) {
    this.#called(`remove ${path}`);
    this.content.delete(path);
  }

  #called(what: string): void {
    if (this.calls.length >= this.breaksAfter) throw new SandboxFileError('lost', 'the connection was lost');
    this.calls.push(what);
  }
}

let store: Store;
let folder: string;
let worksheet: StoredWorksheet;
let sandbox: MemorySandbox | undefined;
let files: KeptFiles;
let changes: number;

/** Another process of the gateway, with what the one before has stored. */
function startAgain(): void {
  files?.close();
  files = new KeptFiles({
    ...{ folder, records: store.files, worksheets: store.worksheets, clock, logger: silentLogger },
    bound: () => ({ size: 100, count: 5 }),
    perPerson: 250,
    users: store.users,
    sandbox: () => sandbox,
  });
  files.onChange(() => {
    changes += 1;
  });
}

beforeEach(async () => {
  store = await openMemoryStore();
  folder = join(await mkdtemp(join(tmpdir(), 'carrel-files-')), 'files');
  const user = await store.users.add('ada', 'member', 0);
  const policy = 'standard';
  if (!isPolicyName(policy)) throw new Error(policy);
  worksheet = {
    ...{ id: newWorksheetId(), owner: user.id, title: 'x', policy, kernel: 'python3', kernelspec: 'python3' },
    ...{ createdAt: 0, changedAt: 0, trashedAt: null },
  };
  await store.worksheets.create(worksheet, new Uint8Array());
  sandbox = undefined;
  changes = 0;
  startAgain();
});
afterEach(async () => {
  files.close();
  await store[Symbol.asyncDispose]();
  await rm(join(folder, '..'), { recursive: true });
});

const kernel = () => kernelOfWorksheet(worksheet.id);
const put = (path: string, body: string, size = body.length) =>
  files.put(
    worksheet,
    path,
    size,
    (async function* () {
      yield Buffer.from(body);
    })(),
    worksheet.owner,
  );
async function read(path: string): Promise<string> {
  const { content, done } = await files.read(worksheet, path, worksheet.owner);
  const body = await text(content);
  await done();
  return body;
}
const blobs = () => readdir(folder).catch(() => []);
const open = async () => {
  sandbox = new MemorySandbox();
  await files.prepare(kernel(), sandbox);
  return sandbox;
};
const shown = async () =>
  Object.fromEntries((await files.list(worksheet)).files.map((file) => [file.path, describeFile(file)]));
const describeFile = ({ kept, in_sandbox, problem }: { kept: boolean; in_sandbox: boolean; problem?: string }) =>
  `${kept ? 'kept' : 'not kept'}${in_sandbox ? ', in the sandbox' : ''}${problem === undefined ? '' : `: ${problem}`}`;

describe('without a sandbox', () => {
  it('WF1 WF10 keeps what is uploaded, and another process finds it', async () => {
    await put('data/a.csv', 'a,b');
    startAgain();
    expect(await read('data/a.csv')).toBe('a,b');
    expect(await files.list(worksheet)).toMatchObject({
      ...{ used: { size: 3, count: 1 }, bound: { size: 100, count: 5 }, sandbox: 'none' },
      files: [{ path: 'data/a.csv', size: 3, kept: true, in_sandbox: false }],
    });
  });

  it('WF2 WF11 refuses what does not fit, with the sizes and before a byte is read', async () => {
    await put('a', 'x'.repeat(60));
    const never = (async function* () {
      yield Promise.reject(new Error('it was read')) as never;
    })();
    await expect(files.put(worksheet, 'b', 41, never, worksheet.owner)).rejects.toThrow(
      '41 B are not kept: 60 B of 100 B are used',
    );
    await put('a', 'x'.repeat(100));
    expect(await blobs()).toHaveLength(1);
    await expect(put('../x', 'x')).rejects.toThrow('this file cannot be kept');
  });

  it('WF11 a body of another length than announced changes nothing', async () => {
    await put('a', 'before');
    for (const size of [3, 30]) await expect(put('a', 'another', size)).rejects.toThrow('nothing changed');
    expect(await read('a')).toBe('before');
    expect(await blobs()).toHaveLength(1);
  });

  it('WF12 uploads at the same time count together, and those that have failed no more', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const slow = files.put(
      worksheet,
      'slow',
      60,
      (async function* () {
        yield Buffer.from('x');
        await promise;
        throw new Error('the line broke');
      })(),
      worksheet.owner,
    );
    await expect(put('b', 'x'.repeat(41))).rejects.toThrow('60 B of 100 B are used');
    const broke = expect(slow).rejects.toThrow('the line broke');
    resolve();
    await broke;
    await put('b', 'x'.repeat(41));
  });

  it('WF17 removes content that nothing refers to, at once and after a crash, and no other', async () => {
    await put('a', 'first');
    await put('a', 'second');
    await put('b', 'b');
    expect(await blobs()).toHaveLength(2);
    const copy = { ...worksheet, id: newWorksheetId() };
    await store.worksheets.create(copy, new Uint8Array());
    await files.copy(worksheet.id, copy.id);
    await files.remove(worksheet, 'a');
    await store.worksheets.remove(worksheet.id);
    await files.sweep();
    expect(await blobs()).toHaveLength(2);
    const { content, done } = await files.read(copy, 'a', copy.owner);
    expect(await text(content)).toBe('second');
    await done();
    await store.worksheets.remove(copy.id);
    await files.sweep();
    expect(await blobs()).toEqual([]);
  });

  it('WF14 removes', async () => {
    await put('a', 'a');
    await files.remove(worksheet, 'a');
    await expect(files.read(worksheet, 'a', worksheet.owner)).rejects.toThrow('no such file');
    await expect(files.remove(worksheet, 'a')).rejects.toThrow('no such file');
  });
});

describe('with a sandbox', () => {
  it('WF4 WF5 WF18 puts in what is kept, takes out what is new, and tells', async () => {
    await put('a', 'kept');
    const one = await open();
    expect(one.content.get('a')).toEqual({ body: 'kept', mtime: START * 1000 });
    one.write_('new', 'of code');
    expect(await shown()).toEqual({ a: 'kept, in the sandbox', new: 'not kept, in the sandbox' });
    changes = 0;
    await files.rescue(kernel(), one);
    expect(changes).toBe(1);
    expect(await shown()).toEqual({ a: 'kept, in the sandbox', new: 'kept, in the sandbox' });
    const two = await open();
    expect([...two.content.keys()]).toEqual(['a', 'new']);
  });

  it('WF7 WF8 what is uploaded goes in at once; what code removes is kept no longer', async () => {
    const one = await open();
    await put('a', 'uploaded');
    expect(one.content.get('a')?.body).toBe('uploaded');
    one.content.delete('a');
    await files.rescue(kernel(), one);
    expect(await shown()).toEqual({});
    expect(await blobs()).toEqual([]);
  });

  it('WF7 loses nothing where stream or gateway break, after whatever step', async () => {
    for (let steps = 0; steps < 12; steps += 1) {
      clock.advance(5000);
      await put('a', 'aaa');
      await put('b', 'bbb');
      sandbox = new MemorySandbox();
      sandbox.breaksAfter = steps;
      await files.prepare(kernel(), sandbox).catch(() => {});
      startAgain();
      sandbox.breaksAfter = Number.POSITIVE_INFINITY;
      await files.prepare(kernel(), sandbox);
      expect([...sandbox.content.values()].map(({ body }) => body).slice(0, 2)).toEqual(['aaa', 'bbb']);
      sandbox.write_('c', `c of ${steps}`);
      sandbox.write_('a', `a of ${steps}`);
      sandbox.breaksAfter = sandbox.calls.length + (steps % 4);
      await files.rescue(kernel(), sandbox).catch(() => {});
      startAgain();
      sandbox.breaksAfter = Number.POSITIVE_INFINITY;
      await files.rescue(kernel(), sandbox);
      sandbox = undefined;
      expect(await Promise.all(['a', 'b', 'c'].map(read))).toEqual([`a of ${steps}`, 'bbb', `c of ${steps}`]);
      await files.sweep();
      expect(await blobs()).toHaveLength(3);
    }
  });

  it('WF2 says what does not fit, and keeps the rest', async () => {
    const one = await open();
    one.write_('large', 'x'.repeat(101));
    one.write_('small', 'x');
    await files.rescue(kernel(), one);
    expect(await shown()).toEqual({
      large: 'not kept, in the sandbox: 101 B are not kept: 0 B of 100 B are used',
      small: 'kept, in the sandbox',
    });
  });

  it('WF4 says what the sandbox does not take', async () => {
    await put('a', 'a');
    await put('b', 'b');
    sandbox = new MemorySandbox();
    sandbox.refuses = 'a';
    await files.prepare(kernel(), sandbox);
    expect(await shown()).toEqual({
      a: 'kept: it is kept, but the sandbox has not got it: the home folder is full',
      b: 'kept, in the sandbox',
    });
  });

  it('WF6 looks again at what is being written, and at what was written a moment ago', async () => {
    const one = await open();
    one.write_('moving', 'half');
    one.write_('young', 'now', 1000);
    one.changes = 'moving';
    files.look(kernel(), one);
    await expect.poll(shown).toEqual({ moving: 'not kept, in the sandbox', young: 'kept, in the sandbox' });
    one.changes = '';
    one.content.set('young', { body: 'new', mtime: one.content.get('young')?.mtime ?? 0 });
    clock.advance(1000);
    await expect.poll(shown).toEqual({ moving: 'kept, in the sandbox', young: 'kept, in the sandbox' });
    sandbox = undefined;
    await expect.poll(() => read('young')).toBe('new');
  });

  it('WF13 gives the file as it is in the sandbox, and as it is kept where that cannot be had', async () => {
    await put('a', 'kept');
    const one = await open();
    one.write_('a', 'newer');
    one.write_('only', 'there');
    expect([await read('a'), await read('only')]).toEqual(['newer', 'there']);
    one.changes = 'a';
    expect(await read('a')).toBe('kept');
    one.changes = 'only';
    await expect(read('only')).rejects.toThrow('it is being written at this moment');
    await expect(read('none')).rejects.toThrow('no such file');
    expect(await blobs()).toHaveLength(1);
  });

  it('WF14 does not remove what the sandbox would bring back', async () => {
    await put('a', 'a');
    const one = await open();
    one.breaksAfter = 0;
    await expect(files.remove(worksheet, 'a')).rejects.toThrow('was not deleted: the connection was lost');
    one.breaksAfter = Number.POSITIVE_INFINITY;
    expect(await shown()).toEqual({ a: 'kept, in the sandbox' });
    await files.remove(worksheet, 'a');
    await files.rescue(kernel(), one);
    expect(await shown()).toEqual({});
  });

  it('WF10 lists what is kept where the sandbox is silent, and says so', async () => {
    await put('a', 'a');
    const one = await open();
    one.breaksAfter = 0;
    expect(await files.list(worksheet)).toMatchObject({
      ...{ sandbox: 'silent', trouble: 'the connection was lost' },
      files: [{ path: 'a', kept: true }],
    });
  });
});

describe('the bound of all files of a person', () => {
  const another = async (owner = worksheet.owner) => {
    const made = { ...worksheet, id: newWorksheetId(), owner };
    await store.worksheets.create(made, new Uint8Array());
    return made;
  };
  const send = (to: StoredWorksheet, path: string, size: number, person = to.owner) =>
    files.put(
      to,
      path,
      size,
      (async function* () {
        yield Buffer.alloc(size);
      })(),
      person,
    );

  it('WF22 counts the worksheets of one owner together, whoever uploads, and names the owner', async () => {
    const [second, third] = [await another(), await another()];
    const bob = await store.users.add('bob', 'member', 0);
    await send(worksheet, 'a', 100);
    await send(second, 'a', 100, bob.id);
    await expect(send(third, 'a', 51, bob.id)).rejects.toThrow('51 B are not kept: files of ada: 200 of 250 B');
    await send(third, 'a', 50);
    await expect(send(third, 'a', 51)).rejects.toThrow('files of ada: 250 of 250 B');
    await send(third, 'a', 20);
    await send(await another(bob.id), 'a', 100);
    await files.remove(second, 'a');
    await send(third, 'b', 80);
  });

  it('WF22 what code writes is kept within it too', async () => {
    await send(await another(), 'a', 100);
    await send(await another(), 'a', 100);
    const here = await open();
    here.write_('one', 'x'.repeat(40));
    here.write_('two', 'x'.repeat(40));
    files.look(kernel(), here);
    await expect.poll(shown).toEqual({
      one: 'kept, in the sandbox',
      two: 'not kept, in the sandbox: 40 B are not kept: files of ada: 240 of 250 B',
    });
  });

  it('WF22 a copy adds nothing for whom the content is kept already, and is refused where it does not fit', async () => {
    const bob = await store.users.add('bob', 'member', 0);
    await send(worksheet, 'a', 100);
    for (let copies = 0; copies < 4; copies += 1) {
      await files.requireRoomForCopy(worksheet.id, worksheet.owner);
      await files.copy(worksheet.id, (await another()).id);
    }
    await send(await another(bob.id), 'a', 100);
    await files.requireRoomForCopy(worksheet.id, bob.id);
    await send(await another(bob.id), 'a', 80);
    await expect(files.requireRoomForCopy(worksheet.id, bob.id)).rejects.toThrow('files of bob: 180 of 250 B');
  });

  it('WF23 one person has at most 16 uploads under way, in whatever worksheets, and others go on', async () => {
    const bob = await store.users.add('bob', 'member', 0);
    const { promise, resolve } = Promise.withResolvers<void>();
    const worksheets = [worksheet, await another(), await another(), await another(bob.id)];
    const slow = async function* () {
      await promise;
      yield Buffer.from('x');
    };
    const begun = Array.from({ length: 16 }, (_, n) =>
      files.put(worksheets[n % 4] ?? worksheet, `f${n}`, 1, slow(), worksheet.owner),
    );
    await expect(send(await another(), 'x', 1)).rejects.toMatchObject({
      ...{ code: 'quota_reached', http: 429 },
      message: '16 of 16 uploads of one person are under way; wait for one of them',
    });
    await send(await another(bob.id), 'x', 1);
    resolve();
    await Promise.all(begun);
    await send(await another(), 'x', 1);
  });
});

describe('downloads', () => {
  const get = (path: string, person = worksheet.owner) => files.read(worksheet, path, person);

  it('WF24 one person has at most 8 at once, and others go on; one that has ended or failed is free again', async () => {
    const bob = await store.users.add('bob', 'member', 0);
    await put('a', 'a');
    await open();
    for (let failed = 0; failed < 9; failed += 1) await expect(get('none')).rejects.toThrow('no such file');
    const begun = await Promise.all(Array.from({ length: 8 }, () => get('a')));
    expect(await blobs()).toHaveLength(9);
    await expect(get('a')).rejects.toMatchObject({
      ...{ code: 'quota_reached', http: 429 },
      message: 'at most 8 downloads of one person at once; wait until one has ended',
    });
    begun.push(await get('a', bob.id));
    const [first] = begun;
    first?.content.destroy();
    await Promise.all([first?.done(), first?.done()]);
    begun.push(await get('a'));
    await expect(get('a')).rejects.toThrow('at most 8 downloads');
    for (const { content, done } of begun) {
      content.destroy();
      await done();
    }
    expect(await blobs()).toHaveLength(1);
  });

  it('WF24 what is copied for one person out of sandboxes is bounded, and nothing stays of what is refused', async () => {
    const one = await open();
    one.write_('large', 'x'.repeat(150));
    one.write_('lies', 'x'.repeat(251));
    await expect(get('lies')).rejects.toThrow(
      'downloads of one person: 0 B of 250 B are under way, this one has 251 B',
    );
    const first = await get('large');
    await expect(get('large')).rejects.toMatchObject({
      ...{ code: 'quota_reached', http: 429 },
      message: 'downloads of one person: 150 B of 250 B are under way, this one has 150 B',
    });
    expect(await blobs()).toHaveLength(1);
    first.content.destroy();
    await first.done();
    expect(await read('large')).toHaveLength(150);
    expect(await blobs()).toEqual([]);
  });
});
