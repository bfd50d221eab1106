import { expect, test } from 'vitest';
import { ManualClock } from '../../base/clock.ts';
import { Pulse } from './pulse.ts';

function pulseOf(clock: ManualClock) {
  const pings: string[] = [];
  let cut = false;
  const socket = {
    ping: (payload: Buffer) => void pings.push(payload.toString()),
    terminate: () => {
      cut = true;
    },
  };
  return { pulse: new Pulse(socket, clock), pings, cut: () => cut };
}

test('a ping every 30 s; a client that is silent for 90 s is cut', () => {
  const clock = new ManualClock();
  const { pulse, pings, cut } = pulseOf(clock);
  clock.advance(30_000);
  expect(pings).toEqual(['alive']);
  pulse.pong(Buffer.from('alive'));
  clock.advance(89_000);
  expect(cut()).toBe(false);
  clock.advance(31_000);
  expect(cut()).toBe(true);
  const before = pings.length;
  clock.advance(300_000);
  expect(pings).toHaveLength(before);
});

test('RL45 while a client is held back its silence does not count, and from its release on it does', () => {
  const clock = new ManualClock();
  const { pulse, pings, cut } = pulseOf(clock);
  clock.advance(60_000);
  pulse.hold(true);
  clock.advance(300_000);
  expect(cut()).toBe(false);
  expect(pings).toHaveLength(12);
  pulse.hold(false);
  clock.advance(89_000);
  expect(cut()).toBe(false);
  clock.advance(31_000);
  expect(cut()).toBe(true);
});

test('a sync ping waits a moment for what follows, and for nothing where much was written', () => {
  const clock = new ManualClock();
  const { pulse, pings } = pulseOf(clock);
  const called: number[] = [];
  pulse.wrote(1000);
  for (const number of [1, 2]) pulse.sync(() => void called.push(number));
  expect(pings).toEqual([]);
  clock.advance(5);
  expect(pings).toEqual(['s1']);
  pulse.pong(Buffer.from('s1'));
  expect(called).toEqual([1, 2]);
  pulse.wrote(2 ** 20);
  pulse.sync(() => {});
  expect(pings).toEqual(['s1', 's2']);
  pulse.pong(Buffer.from('s2'));
  clock.advance(5);
  expect(pings).toEqual(['s1', 's2']);
});

test('at most one sync ping is under way; later calls share the next one', () => {
  const clock = new ManualClock();
  const { pulse, pings } = pulseOf(clock);
  const called: number[] = [];
  pulse.sync(() => void called.push(1));
  clock.advance(5);
  for (const number of [2, 3]) pulse.sync(() => void called.push(number));
  clock.advance(5);
  expect(pings).toEqual(['s1']);
  pulse.pong(Buffer.from('alive'));
  pulse.pong(Buffer.from('s7'));
  expect(called).toEqual([]);
  pulse.pong(Buffer.from('s1'));
  clock.advance(5);
  expect([called, pings]).toEqual([[1], ['s1', 's2']]);
  pulse.pong(Buffer.from('s1'));
  expect(called).toEqual([1]);
  pulse.pong(Buffer.from('s2'));
  expect(called).toEqual([1, 2, 3]);
});

test('after the end nothing is called back or sent', () => {
  const clock = new ManualClock();
  const { pulse, pings } = pulseOf(clock);
  const called: string[] = [];
  pulse.sync(() => void called.push('x'));
  clock.advance(5);
  pulse.sync(() => void called.push('y'));
  pulse.stop();
  pulse.pong(Buffer.from('s1'));
  clock.advance(120_000);
  expect([called, pings]).toEqual([[], ['s1']]);
});
