import { expect, it } from 'vitest';
import type { PolicyName, SandboxId } from '../base/ids.ts';
import { chooseStarts, type StartSituation, slotsFor } from './starts.ts';

const start = (id: string, policy: string, memory = 1) => ({
  id: id as SandboxId,
  policy: policy as PolicyName,
  memory,
});
const policies = (...names: string[]) => names as PolicyName[];
const situation = (change: Partial<StartSituation>): StartSituation => ({
  planned: [],
  running: [],
  waiting: [],
  slots: 3,
  room: 1000,
  ...change,
});

it('WP10 one and a half starts per processor', () => {
  expect([1, 2, 4, 16].map(slotsFor)).toEqual([2, 3, 6, 24]);
});

it('WP10 those that somebody waits for come first, in the order of arrival', () => {
  const planned = [start('a1', 'a'), start('a2', 'a'), start('b1', 'b'), start('c1', 'c')];
  expect(chooseStarts(situation({ planned, waiting: policies('c', 'b') }))).toEqual(['c1', 'b1', 'a1']);
  expect(chooseStarts(situation({ planned, waiting: policies('c', 'b'), slots: 1 }))).toEqual(['c1']);
});

it('WP10 a start that runs serves an open of its policy', () => {
  const planned = [start('a2', 'a'), start('b1', 'b')];
  expect(chooseStarts(situation({ planned, running: policies('a'), waiting: policies('a', 'b'), slots: 2 }))).toEqual([
    'b1',
  ]);
});

it('WP11 refills leave a slot free', () => {
  const planned = ['1', '2', '3', '4'].map((id) => start(id, 'a'));
  expect(chooseStarts(situation({ planned }))).toEqual(['1', '2']);
  expect(chooseStarts(situation({ planned, running: policies('a', 'a') }))).toEqual([]);
  expect(
    chooseStarts(situation({ planned: [start('b', 'b')], running: policies('a', 'a'), waiting: policies('b') })),
  ).toEqual(['b']);
});

it('WP12 nothing overtakes an open that waits for room', () => {
  const planned = [start('big', 'large', 10), start('small', 'small', 1)];
  expect(chooseStarts(situation({ planned, waiting: policies('large', 'small'), room: 5 }))).toEqual([]);
  expect(chooseStarts(situation({ planned, waiting: policies('small', 'large'), room: 5 }))).toEqual(['small']);
});
