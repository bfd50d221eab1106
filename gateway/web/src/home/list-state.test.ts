import { describe, expect, test } from 'vitest';
import type { WorksheetModel } from '../shared/api.ts';
import { timeAgo } from '../shared/time-ago.ts';
import { inTab, isWorksheetFile, shownWorksheets } from './list-state.ts';

const model = (title: string, changed: string, created = changed): WorksheetModel => ({
  id: title,
  title,
  kernelspec: 'python3',
  kernelspec_title: 'Python 3',
  created_at: created,
  changed_at: changed,
  trashed: false,
  role: 'owner',
  owner: 'ada',
  kernel: 'none',
  asleep_since: null,
});

const all = [
  model('Übung 10', '2026-01-03T00:00:00Z', '2026-01-01T00:00:00Z'),
  model('Übung 2', '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'),
  model('analysis', '2026-01-02T00:00:00Z', '2026-01-03T00:00:00Z'),
];
const titles = (...rest: [string, 'changed' | 'title' | 'created']) =>
  shownWorksheets(all, rest[0], rest[1], 'de').map(({ title }) => title);

describe('the list', () => {
  test('is ordered by change, creation, or title with numbers as numbers', () => {
    expect(titles('', 'changed')).toEqual(['Übung 10', 'analysis', 'Übung 2']);
    expect(titles('', 'created')).toEqual(['analysis', 'Übung 2', 'Übung 10']);
    expect(titles('', 'title')).toEqual(['analysis', 'Übung 2', 'Übung 10']);
  });

  test('finds all words, without case and accents', () => {
    expect(titles('10 ubung', 'title')).toEqual(['Übung 10']);
    expect(titles('nothing', 'title')).toEqual([]);
  });
});

test('WH11 what others share has its own tab, and the trash is the person’s', () => {
  const own = model('own', '2026-01-01T00:00:00Z');
  const shared = { ...own, role: 'viewer' as const };
  const trashed = { ...own, trashed: true };
  const tabs = (one: WorksheetModel) => (['mine', 'shared', 'trash'] as const).filter((tab) => inTab(one, tab));
  expect([tabs(own), tabs(shared), tabs(trashed)]).toEqual([['mine'], ['shared'], ['trash']]);
});

test('times are said in words, and a clock that goes ahead says now', () => {
  const now = Date.parse('2026-01-01T12:00:00Z');
  expect(timeAgo('2026-01-01T11:57:00Z', now, 'en')).toBe('3 minutes ago');
  expect(timeAgo('2025-12-31T12:00:00Z', now, 'de')).toBe('gestern');
  expect(timeAgo('2026-01-01T12:00:09Z', now, 'en')).toBe('now');
});

test('only notebooks and Sage worksheets are uploaded', () => {
  expect(['My work.v2.ipynb', 'OLD.SWS', 'x.py', '.ipynb'].map(isWorksheetFile)).toEqual([true, true, false, false]);
});
