/** Versions of an open document, in a real store. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { ManualClock } from '../../base/clock.ts';
import { newWorksheetId, type WorksheetId } from '../../base/ids.ts';
import { silentLogger } from '../../base/ports.ts';
import { openMemoryStore, type Store } from '../../store/store.ts';
import type { Cell, Notebook, Output } from '../../wire/notebook.ts';
import { cellOf, cellsOf, fillDocument, makeCell, makeOutput } from '../document/document.ts';
import { decode } from './content.ts';
import { Recorder, type Recording } from './recorder.ts';

const MINUTE = 60_000;
let store: Store;
let clock: ManualClock;
let recorder: Recorder;
let recording: Recording;
let doc: Y.Doc;
let id: WorksheetId;
let warnings: string[];

const code = (name: string, source: string, outputs: readonly Output[] = []): Cell => ({
  ...{ cell_type: 'code', id: name, source, metadata: {}, outputs, execution_count: null },
});
const picture = (letter: string): Output => ({
  output_type: 'display_data',
  data: { 'image/png': letter.repeat(50_000), 'text/plain': `<${letter}>` },
  metadata: {},
});
const notebook = (...cells: Cell[]): Notebook => ({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells });

beforeEach(async () => {
  store = await openMemoryStore();
  clock = new ManualClock(Date.UTC(2026, 0, 1));
  warnings = [];
  const logger = { ...silentLogger, warn: (_: object, text: string) => void warnings.push(text) };
  recorder = new Recorder({ versions: store.versions, clock, logger });
  id = await newWorksheet();
  doc = new Y.Doc();
  fillDocument(doc, notebook(code('a', 'x = 1', [picture('p')]), code('b', 'y = 2')));
  recording = recorder.open(id, doc, (origin) => (typeof origin === 'string' ? origin : undefined));
});
afterEach(() => store[Symbol.asyncDispose]());

async function newWorksheet(): Promise<WorksheetId> {
  const owner = await store.users.add(`ada-${Math.random()}`, 'member', 0);
  const worksheet = { id: newWorksheetId(), owner: owner.id, title: 't', policy: 'standard', kernel: 'python3' };
  const more = { kernelspec: 'python3', createdAt: 0, changedAt: 0, trashedAt: null };
  await store.worksheets.create({ ...worksheet, ...more } as never, new Uint8Array([0, 0]));
  return worksheet.id;
}

const part = <T>(cell: string, key: string) => cellOf(doc, cell)?.get(key) as T;
const source = (cell = 'a') => part<Y.Text>(cell, 'source');
const metadata = (cell = 'a') => part<Y.Map<unknown>>(cell, 'metadata');
const type = (text: string, who: unknown = 'ada', cell = 'a') => doc.transact(() => source(cell).insert(0, text), who);
const run = (...outputs: Output[]) =>
  doc.transact(() => {
    const shared = part<Y.Array<unknown>>('a', 'outputs');
    shared.delete(0, shared.length);
    shared.insert(0, outputs.map(makeOutput));
    cellOf(doc, 'a')?.set('execution_count', 7);
    metadata().set('execution', { started: 'now' });
  });
/** No two at the same time. */
const named = (name: string) => {
  clock.advance(1);
  return recording.keep({ kind: 'named', name });
};
const versions = () => store.versions.list(id);
/** Time passes, and what begins then has ended. */
async function pass(ms: number): Promise<void> {
  clock.advance(ms);
  await recording.cells();
  await new Promise((next) => setTimeout(next, 20));
  await recording.cells();
}
const read = async (index: number): Promise<Notebook> => {
  const version = (await versions())[index];
  if (version === undefined) throw new Error('no such version');
  const content = await store.versions.content(id, version.id);
  return decode(content as Uint8Array, await store.versions.blobs(id, version.id));
};

describe('automatic versions', () => {
  test('WV1 ten minutes after an edit there is one, with who edited; none while nothing changes', async () => {
    await pass(60 * MINUTE);
    expect(await versions()).toEqual([]);
    type('# one\n');
    type('# two\n', 'bob', 'b');
    await pass(9 * MINUTE);
    expect(await versions()).toEqual([]);
    await pass(MINUTE);
    await expect.poll(versions).toMatchObject([{ kind: 'automatic', name: null, who: ['ada', 'bob'] }]);
    expect((await read(0)).cells).toMatchObject([{ source: '# one\nx = 1' }, { source: '# two\ny = 2' }]);
    await pass(60 * MINUTE);
    expect(await versions()).toHaveLength(1);
    type('# three\n');
    await pass(10 * MINUTE);
    await expect.poll(async () => (await versions()).length).toBe(2);
    expect((await versions())[0]?.who).toEqual(['ada']);
  });

  test('WV1 outputs, counts and times of runs are no edits; a cell that is added, removed or of another kind is one', async () => {
    run(picture('q'));
    expect(recording.edits).toBe(0);
    const edits: (() => void)[] = [
      () => cellsOf(doc).insert(0, [makeCell(code('c', ''))]),
      () => cellsOf(doc).delete(0, 1),
      () => void cellOf(doc, 'b')?.set('cell_type', 'raw'),
      () => metadata('b').set('tags', ['x']),
    ];
    for (const [index, edit] of edits.entries()) {
      doc.transact(edit, 'ada');
      expect(recording.edits).toBe(index + 1);
    }
    doc.transact(() => cellsOf(doc).delete(0, 1));
    expect(recording.edits).toBe(edits.length);
  });

  test('WV2 a worksheet that was edited has one when it is closed, another one has none', async () => {
    type('# last words\n');
    await recording.close();
    expect(await versions()).toMatchObject([{ kind: 'automatic', who: ['ada'] }]);
    recording = recorder.open(id, doc, () => 'ada');
    await recording.close();
    expect(await versions()).toHaveLength(1);
  });

  test('WV2 what was typed and taken back is no new version', async () => {
    type('#');
    await named('One');
    type('!');
    doc.transact(() => source().delete(0, 1), 'ada');
    await recording.close();
    expect(await versions()).toHaveLength(1);
  });

  test('WV3 one that cannot be kept costs a warning, and is kept when that is possible again, with who edited', async () => {
    type('#');
    const add = store.versions.add;
    store.versions.add = () => Promise.reject(new Error('the disk is full'));
    await pass(10 * MINUTE);
    await expect.poll(() => warnings).toEqual(['a version of a worksheet could not be kept']);
    store.versions.add = add;
    await pass(10 * MINUTE);
    await expect.poll(versions).toMatchObject([{ who: ['ada'] }]);
  });
});

describe('what versions share', () => {
  const stored = () => store.versions.bytes(id);

  test('WV4 equal outputs are kept once, though their cells were run again', async () => {
    await named('One');
    const [first, one] = [await read(0), await stored()];
    for (let round = 0; round < 5; round += 1) {
      type(`${round}`);
      run(picture('p'));
      await named(`Two ${round}`);
    }
    expect((await store.versions.hashes(id)).size).toBe(1);
    expect(await stored()).toBeLessThan(one + 5 * 1000);
    expect(first.cells[0]).toMatchObject({ outputs: [picture('p')] });
    expect((await read(0)).cells[0]).toMatchObject({ source: '43210x = 1', outputs: [picture('p')] });
  });

  test('WV4 what no version refers to any more is removed, what another one refers to stays', async () => {
    await named('One');
    run(picture('p'), picture('q'));
    await named('Two');
    const [two, one] = await versions();
    expect((await store.versions.hashes(id)).size).toBe(2);
    await store.versions.remove(id, [two?.id as never]);
    expect((await store.versions.hashes(id)).size).toBe(1);
    expect((await read(0)).cells[0]).toMatchObject({ outputs: [picture('p')] });
    /** Its texts were let go when it was stored; it is read from the document again. */
    await store.versions.remove(id, [one?.id as never]);
    expect(await stored()).toBe(0);
    await named('Three');
    expect((await read(0)).cells[0]).toMatchObject({ outputs: [picture('p'), picture('q')] });
  });

  test('WV4 a worksheet that is removed takes its versions with it, and no other worksheet’s', async () => {
    await named('One');
    const other = await newWorksheet();
    await recorder.imported(other, notebook(code('a', '', [picture('p')])), 'bob');
    await store.worksheets.remove(id);
    expect([await stored(), await versions()]).toEqual([0, []]);
    expect(await store.versions.list(other)).toMatchObject([{ kind: 'imported', who: ['bob'] }]);
    expect((await store.versions.hashes(other)).size).toBe(1);
  });

  test('WV7 a version is the notebook as it was: attachments, large metadata and unknown keys too', async () => {
    const whole: Notebook = {
      ...notebook(
        { ...code('a', 'print()', [{ output_type: 'stream', name: 'stdout', text: 'line\n'.repeat(1000) }]), odd: [1] },
        {
          ...{ cell_type: 'markdown', id: 'b', source: 'text', metadata: { tags: ['x'] } },
          attachments: { 'i.png': { 'image/png': 'A'.repeat(5000) } },
        },
        code('c', 'bad()', [{ output_type: 'error', ename: 'E', evalue: 'v', traceback: ['t'.repeat(3000)] }]),
      ),
      metadata: { widgets: { state: 'w'.repeat(5000) }, title: 't' },
      unknown: { deep: true },
    };
    fillDocument(doc, whole);
    await named('One');
    expect(await read(0)).toEqual(whole);
  });

  test('WV7 numbers that JSON does not have are kept, in small values and in large ones', async () => {
    const odd = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 'NaN', '"Infinity"'];
    const data = { 'application/json': { odd }, 'application/vnd.plot+json': { odd, large: 'number '.repeat(1000) } };
    const whole = {
      ...notebook(code('a', 'plot()', [{ output_type: 'display_data', data, metadata: { odd } } as never])),
      metadata: { odd },
    };
    fillDocument(doc, whole as never);
    await named('One');
    expect(await read(0)).toEqual(whole);
  });
});

test('WV8 a version before a restore is not made twice where nothing has changed', async () => {
  const { version } = await recording.keep({ kind: 'before-restore', who: 'ada' });
  expect((await recording.keep({ kind: 'before-restore', who: 'ada' })).version).toEqual(version);
  run(picture('q'));
  expect((await recording.keep({ kind: 'before-restore' })).version.id).not.toBe(version.id);
});
