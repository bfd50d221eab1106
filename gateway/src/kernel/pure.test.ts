/** The parts of the relay that are functions of facts: limits, acknowledgements, lifetimes, activity. */
import { describe, expect, it } from 'vitest';
import { policy } from '../../../test/support/kernel-world.ts';
import { RateBucket } from '../sandbox/rate.ts';
import { makeMessage } from '../wire/wire-message.ts';
import { Activity } from './activity.ts';
import { FrameLedger } from './frame-ledger.ts';
import { decide, type LifeFacts } from './lifetimes.ts';
import { OutputLimits } from './output-limits.ts';
import { RetentionBudget } from './retention.ts';

describe('acknowledgements', () => {
  it('RL18 stop at the first frame that is not done', () => {
    const ledger = new FrameLedger(1000);
    for (const frame of [1, 2, 3]) ledger.add(frame, 10);
    ledger.done(2);
    expect(ledger.advance()).toBeUndefined();
    ledger.done(1);
    expect(ledger.advance()).toBe(2);
    ledger.done(3);
    expect([ledger.advance(), ledger.advance()]).toEqual([3, undefined]);
  });

  it('RL18 go on without that where more waits than may', () => {
    const ledger = new FrameLedger(25);
    for (const frame of [1, 2, 3]) ledger.add(frame, 10);
    expect(ledger.advance()).toBe(1);
    ledger.done(1);
    ledger.done(2);
    expect(ledger.advance()).toBe(2);
  });

  it('RL18 parts are done with the frame that ends their message', () => {
    const ledger = new FrameLedger(1000);
    ledger.add(1, 10, true);
    ledger.add(2, 10, true);
    expect(ledger.advance()).toBeUndefined();
    ledger.add(3, 10);
    expect(ledger.advance()).toBeUndefined();
    ledger.done(3);
    expect(ledger.advance()).toBe(3);
  });
});

describe('limits', () => {
  it('RL23 counts per cell, says the first cut once, forgets at the end', () => {
    const limits = new OutputLimits(100);
    const judge = (cell: string, bytes: number) => limits.judge(cell, 'stream', bytes);
    expect([judge('a', 60), judge('b', 100), judge('a', 40)]).toEqual(['pass', 'pass', 'pass']);
    expect([judge('a', 1), judge('a', 7)]).toEqual([{ firstCut: { shown: 100 } }, 'cut']);
    expect(limits.end('a')).toEqual({ messages: 2, bytes: 8 });
    expect(limits.end('b')).toBeUndefined();
    expect(judge('a', 100)).toBe('pass');
  });

  it('RL23 never cuts what is not output', () => {
    const limits = new OutputLimits(1);
    for (const type of ['status', 'execute_input', 'comm_msg', 'comm_open', 'clear_output'])
      expect(limits.judge('a', type, 1000)).toBe('pass');
  });

  it('RL22 a second’s worth at once, then as fast as the rate', () => {
    const bucket = new RateBucket(1000, 0);
    expect(bucket.take(1000, 0)).toBe(0);
    expect(bucket.take(500, 0)).toBe(500);
    expect(bucket.take(500, 500)).toBe(500);
    expect(bucket.take(500, 10_000)).toBe(0);
  });

  it('RL16 cuts the kernel that keeps most when all keep too much', () => {
    const budget = new RetentionBudget(100);
    const trimmed: string[] = [];
    const retainer = (name: string, retainedBytes: number) => ({
      retainedBytes,
      trim(bytes: number) {
        trimmed.push(`${name} to ${bytes}`);
        budget.changed(bytes - this.retainedBytes);
        this.retainedBytes = bytes;
      },
    });
    for (const each of [retainer('small', 40), retainer('large', 70)]) {
      budget.join(each);
      budget.changed(each.retainedBytes);
      budget.enforce();
    }
    expect(trimmed).toEqual(['large to 35']);
  });
});

describe('lifetimes', () => {
  const facts: LifeFacts = { state: 'idle', lastActivity: 0, createdAt: 0, cell: undefined };
  it.each<[string, Partial<LifeFacts>, number, string]>([
    ['idle for less than the limit', {}, 59_999, 'nothing'],
    ['idle', {}, 60_000, 'cull'],
    ['dead and left', { state: 'dead' }, 60_000, 'cull'],
    ['busy is not idle', { state: 'busy' }, 500_000, 'nothing'],
    ['starting is not idle', { state: 'starting' }, 500_000, 'nothing'],
    ['life ends the busy too', { state: 'busy' }, 3_600_000, 'cull'],
    ['a cell of its longest', { state: 'busy', cell: { since: 0, interrupts: 0 } }, 600_000, 'interrupt'],
    ['an interrupt has 30 s', { state: 'busy', cell: { since: 0, interrupts: 1 } }, 629_999, 'nothing'],
    ['then another', { state: 'busy', cell: { since: 0, interrupts: 2 } }, 660_000, 'interrupt'],
    ['three are enough', { state: 'busy', cell: { since: 0, interrupts: 3 } }, 690_000, 'restart'],
  ])('RL37 %s', (_, change, now, expected) => {
    expect(decide(policy, { ...facts, ...change }, now).do).toBe(expected);
  });
});

describe('activity', () => {
  const status = (state: string, id: string, type = 'execute_request') =>
    makeMessage(
      'iopub',
      { msg_id: 'x', msg_type: 'status' },
      { msg_id: id, msg_type: type },
      { execution_state: state },
    );

  it('RL36 an idle of one request does not end another’s busy', () => {
    const activity = new Activity(0);
    activity.heard(status('busy', 'a'), 1);
    activity.heard(status('busy', 'b'), 2);
    activity.heard(status('idle', 'b'), 3);
    expect([activity.state, activity.lastActivity]).toEqual(['busy', 3]);
    activity.heard(status('idle', 'a'), 4);
    expect(activity.state).toBe('idle');
  });

  it('RL36 handshakes end `starting` and nothing else', () => {
    const activity = new Activity(0);
    activity.heard(status('busy', 'h', 'kernel_info_request'), 1);
    expect(activity.state).toBe('starting');
    activity.heard(status('idle', 'h', 'kernel_info_request'), 1);
    expect([activity.state, activity.lastActivity]).toEqual(['idle', 0]);
    activity.heard(status('busy', 'c'), 5);
    activity.heard(status('idle', 'h', 'comm_info_request'), 6);
    expect([activity.state, activity.cell?.id]).toEqual(['busy', 'c']);
  });
});
