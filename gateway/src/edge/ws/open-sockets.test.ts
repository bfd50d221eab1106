import { expect, test } from 'vitest';
import type { Principal } from '../../auth/principal.ts';
import { ManualClock } from '../../base/clock.ts';
import { newUserId } from '../../base/ids.ts';
import { silentLogger } from '../../base/ports.ts';
import { OpenSockets } from './open-sockets.ts';

const person = (idHash: string): Principal => {
  const via = { kind: 'session', idHash, csrf: '' } as const;
  return { user: newUserId(), name: idHash, role: 'member', via };
};

function world() {
  const ended = new Set<string>();
  const clock = new ManualClock();
  const stillValid = async (principal: Principal) => !ended.has(principal.name);
  const open = new OpenSockets({ stillValid }, clock, silentLogger);
  const closed: string[] = [];
  const add = (name: string, principal: Principal) => {
    const socket = { close: (code: number) => void closed.push(`${name} ${code}`) };
    open.add(socket, principal);
    return socket;
  };
  return { ended, clock, open, closed, add };
}

test('AC25 sockets of an ended sign-in are closed as soon as it is said, without waiting for the clock', async () => {
  const { ended, open, closed, add } = world();
  const [ada, bob] = [person('ada'), person('bob')];
  add('one of ada', ada);
  add('two of ada', ada);
  add('one of bob', bob);
  ended.add('ada');
  await open.recheck();
  expect(closed).toEqual(['one of ada 1008', 'two of ada 1008']);
});

test('AC14 what nobody says, a command of another process for instance, is found within a second', async () => {
  const { ended, clock, closed, add } = world();
  add('ada', person('ada'));
  ended.add('ada');
  clock.advance(999);
  expect(closed).toEqual([]);
  clock.advance(1);
  await expect.poll(() => closed).toEqual(['ada 1008']);
});
