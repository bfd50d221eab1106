import { beforeEach, describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { ManualClock } from '../../base/clock.ts';
import { newWorksheetId } from '../../base/ids.ts';
import { silentLogger } from '../../base/ports.ts';
import { Journal, type JournalRecords } from './journal.ts';

/** A store that keeps updates when it is let, one call at a time. */
class SlowRecords implements JournalRecords {
  rows: { seq: number; data: Uint8Array }[] = [];
  touched: number[] = [];
  compactions = 0;
  failure: Error | undefined;
  gate: Promise<void> | undefined;

  async append(_id: string, data: Uint8Array): Promise<number> {
    await this.gate;
    if (this.failure !== undefined) throw this.failure;
    const seq = (this.rows.at(-1)?.seq ?? 0) + 1;
    this.rows.push({ seq, data });
    return seq;
  }

  async updates() {
    return [...this.rows];
  }

  async compact(_id: string, state: Uint8Array, upTo: number): Promise<void> {
    this.compactions += 1;
    this.rows = [{ seq: upTo, data: state }, ...this.rows.filter(({ seq }) => seq > upTo)];
  }

  async touch(_id: string, at: number): Promise<boolean> {
    this.touched.push(at);
    return true;
  }
}

let records: SlowRecords;
let doc: Y.Doc;
let clock: ManualClock;
let failures: string[];
beforeEach(() => {
  records = new SlowRecords();
  doc = new Y.Doc();
  clock = new ManualClock(1000);
  failures = [];
});

const open = (of = doc) =>
  Journal.open({
    id: newWorksheetId(),
    doc: of,
    records,
    clock,
    logger: silentLogger,
    onFailure: (reason) => void failures.push(reason),
  });
const text = (of: Y.Doc) => of.getText('t').toString();
const type = (what: string) => doc.getText('t').insert(text(doc).length, what);

/** What another process would find. */
async function readAgain(): Promise<string> {
  const again = new Y.Doc();
  for (const { data } of await records.updates()) Y.applyUpdate(again, data);
  return text(again);
}

test('WS3 stored() resolves when every change before it is in the store, and is undefined where all is', async () => {
  const journal = await open();
  expect(journal.stored()).toBeUndefined();
  let release = () => {};
  records.gate = new Promise((done) => {
    release = done;
  });
  type('a');
  const first = journal.stored();
  let known = false;
  void first?.then(() => {
    known = true;
  });
  await new Promise((next) => setImmediate(next));
  type('b');
  expect([known, records.rows.length, journal.backlog > 0]).toEqual([false, 0, true]);
  const second = journal.stored();
  release();
  await first;
  expect(records.rows).toHaveLength(1);
  await second;
  expect(await readAgain()).toBe('ab');
  expect([journal.stored(), journal.backlog]).toEqual([undefined, 0]);
});

test('WS3 what changes in one turn, or while a write is under way, is one write', async () => {
  const journal = await open();
  for (const letter of 'abcdef') type(letter);
  await journal.stored();
  expect(records.rows).toHaveLength(1);
  expect(await readAgain()).toBe('abcdef');
});

test('WS1 the document is what its updates make, in their order', async () => {
  const journal = await open();
  for (const word of ['one ', 'two ', 'three']) {
    type(word);
    await journal.stored();
  }
  const again = new Y.Doc();
  await open(again);
  expect(text(again)).toBe('one two three');
  expect(records.rows.map(({ seq }) => seq)).toEqual([1, 2, 3]);
});

describe('WS5 compaction', () => {
  test('many updates become one, and what comes afterwards follows it', async () => {
    const journal = await open();
    for (let count = 0; count <= 501; count += 1) {
      type('x');
      await journal.stored();
    }
    await journal.close();
    expect([records.compactions, records.rows.length]).toEqual([1, 2]);
    expect(await readAgain()).toBe('x'.repeat(502));
  });

  test('much text becomes one update before many updates do', async () => {
    const journal = await open();
    for (let count = 0; count < 3; count += 1) {
      type('x'.repeat(500_000));
      await journal.stored();
    }
    await expect.poll(() => records.compactions).toBe(1);
    type('y');
    await journal.stored();
    expect(await readAgain()).toBe(`${'x'.repeat(1_500_000)}y`);
  });

  test('is done at the end too, where there is something to gain', async () => {
    const journal = await open();
    for (let count = 0; count < 30; count += 1) {
      type('x');
      await journal.stored();
    }
    await journal.close();
    expect([records.compactions, records.rows.length]).toEqual([1, 1]);
    expect(await readAgain()).toBe('x'.repeat(30));
  });

  test('one that fails costs nothing', async () => {
    const journal = await open();
    records.compact = async () => {
      throw new Error('no room');
    };
    for (let count = 0; count < 30; count += 1) {
      type('x');
      await journal.stored();
    }
    await journal.close();
    expect(await readAgain()).toBe('x'.repeat(30));
    expect(failures).toEqual([]);
  });
});

describe('WS6 a write that fails', () => {
  test('is told once; everybody who waits is refused, and nothing is stored afterwards', async () => {
    const journal = await open();
    records.failure = new Error('disk full');
    type('a');
    const waits = [journal.stored(), journal.stored()];
    await expect(Promise.all(waits.map((wait) => wait))).rejects.toThrow(/cannot be saved/);
    records.failure = undefined;
    type('b');
    await expect(journal.stored()).rejects.toThrow(/cannot be saved/);
    expect(failures).toEqual(['the worksheet cannot be saved']);
    expect(records.rows).toEqual([]);
    await journal.close();
  });

  test('refuses what waited for the write after it too', async () => {
    const journal = await open();
    let release = () => {};
    records.gate = new Promise((done) => {
      release = done;
    });
    type('a');
    await new Promise((next) => setImmediate(next));
    type('b');
    const second = journal.stored();
    records.failure = new Error('disk full');
    release();
    await expect(second).rejects.toThrow(/cannot be saved/);
  });
});

test('WS4 the time of the last change is stored now and then, and at the end', async () => {
  const journal = await open();
  type('a');
  await journal.stored();
  clock.advance(5000);
  type('b');
  await journal.stored();
  expect(records.touched).toEqual([1000]);
  await journal.close();
  expect(records.touched).toEqual([1000, 6000]);
});

test('a document that is only read is written nothing', async () => {
  records.rows = [{ seq: 4, data: Y.encodeStateAsUpdate(new Y.Doc()) }];
  const journal = await open();
  await journal.close();
  expect([records.compactions, records.touched]).toEqual([0, []]);
});
