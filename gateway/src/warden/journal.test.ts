import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newSandboxId, type PolicyName, type SandboxId, type WorksheetId } from '../base/ids.ts';
import { silentLogger } from '../base/ports.ts';
import { Journal } from './journal.ts';
import type { JournalRecord } from './journal-records.ts';

let folder: string;
const path = () => join(folder, 'claims.ndjson');
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'carrel-journal-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const created = (id: SandboxId, uid: number): JournalRecord => ({
  type: 'created',
  id,
  policy: 'standard' as PolicyName,
  uid,
  memory: 1024,
  life: 1000,
  print: 'p',
  at: 7,
});
const write = (...records: JournalRecord[]) => {
  const { journal } = Journal.open(path(), silentLogger);
  for (const record of records) journal.append(record);
  journal.close();
};
const read = () => {
  const { journal, content } = Journal.open(path(), silentLogger);
  journal.close();
  return content;
};

describe('the claims journal', () => {
  const [a, b, c] = [newSandboxId(), newSandboxId(), newSandboxId()];
  const worksheet = 'w1' as WorksheetId;

  it('SB30 what was appended is there for the next warden, without any orderly end', () => {
    const { journal } = Journal.open(path(), silentLogger);
    journal.append(created(a, 200_000));
    journal.append({ type: 'ready', id: a });
    journal.append({ type: 'claimed', id: a, worksheet, pooled: true, at: 9 });
    expect(read().entries.get(a)).toMatchObject({ ready: true, claimed: { worksheet }, ending: false });
    journal.close();
  });

  it('SB31 tells ready, half-made, ending and ended ones apart', () => {
    write(created(a, 1), { type: 'ready', id: a }, created(b, 2), created(c, 3), { type: 'ended', id: c });
    write({ type: 'ending', id: a, reason: 'closed' });
    const { entries } = read();
    expect([...entries.keys()]).toEqual([a, b]);
    expect(entries.get(a)).toMatchObject({ ready: true, ending: true });
    expect(entries.get(b)).toMatchObject({ ready: false, ending: false });
  });

  it('keeps the next user id when every sandbox has ended', () => {
    write(created(a, 200_041), { type: 'ended', id: a });
    read();
    expect(read().nextUid).toBe(200_042);
  });

  it('is short after it was opened', () => {
    for (let count = 0; count < 100; count += 1) write(created(a, 1), { type: 'ended', id: a });
    read();
    expect(readFileSync(path(), 'utf8').trim().split('\n')).toHaveLength(1);
  });

  it('SB34 lines that cannot be read are left out, and a torn one does not spoil the next', () => {
    write(created(a, 1));
    appendFileSync(path(), '{"type":"ended","id":"nonsense"}\nnot json\n{"type":"crea');
    expect([...read().entries.keys()]).toEqual([a]);
    write(created(b, 2));
    expect([...read().entries.keys()]).toEqual([a, b]);
  });

  it('is shortened while it is open, and loses nothing by it', () => {
    const { journal } = Journal.open(path(), silentLogger);
    journal.append(created(a, 1));
    for (let count = 0; count < 9000; count += 1) journal.append({ type: 'uids', next: count });
    journal.append({ type: 'ready', id: a });
    journal.close();
    expect(readFileSync(path(), 'utf8').split('\n').length).toBeLessThan(2000);
    expect(read().entries.get(a)).toMatchObject({ ready: true });
  });

  it('SB30 a record that cannot be written is an error with the reason', () => {
    const { journal } = Journal.open(path(), silentLogger);
    journal.close();
    expect(() => journal.append({ type: 'uids', next: 1 })).toThrow(/claims journal .* cannot be written/);
  });

  it('is readable by its owner only', () => {
    writeFileSync(path(), '', { mode: 0o644 });
    write();
    expect(statSync(path()).mode & 0o777).toBe(0o600);
  });
});
