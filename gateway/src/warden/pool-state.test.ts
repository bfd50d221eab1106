import { describe, expect, it } from 'vitest';
import { claimed, crowded, failed, filled, newPool, type PoolState, wish } from './pool-state.ts';

const rule = { min: 2, max: 8, refillAt: 3 };
const withClaims = (count: number, at: number): PoolState =>
  Array.from({ length: count }).reduce<PoolState>((pool) => claimed(pool, at), newPool(rule));
const MINUTE = 60_000;

describe('a pool', () => {
  it('WP2 wants its minimum at first', () => {
    expect(wish(newPool(rule), 0, 0)).toBe(2);
    expect(wish(newPool(rule), 2, 0)).toBe(0);
  });

  it('WP2 grows with the claims of the last minutes up to its maximum, and shrinks when they are over', () => {
    expect(wish(withClaims(5, 0), 2, MINUTE)).toBe(3);
    expect(wish(withClaims(100, 0), 0, MINUTE)).toBe(8);
    expect(wish(withClaims(5, 0), 5, 6 * MINUTE)).toBe(-3);
  });

  it('WP3 is filled when no more than refillAt are there, and rests in between', () => {
    expect(wish(withClaims(8, 0), 4, 1)).toBe(0);
    expect(wish(withClaims(8, 0), 3, 1)).toBe(5);
  });

  it('WP3 keeps its minimum whatever refillAt says', () => {
    expect(wish(newPool({ min: 2, max: 8, refillAt: 0 }), 1, 0)).toBe(1);
  });

  it('WP4 gives up what is more than the target', () => {
    expect(wish(newPool(rule), 5, 0)).toBe(-3);
    expect(wish(newPool({ min: 0, max: 0, refillAt: 0 }), 1, 0)).toBe(-1);
  });

  it('WP5 waits twice as long after each failure, at most a minute, and tells why until one succeeds', () => {
    let pool = newPool(rule);
    const waits: number[] = [];
    for (let count = 0; count < 8; count += 1) {
      pool = failed(pool, 'the image is missing', 0);
      waits.push(pool.retryAt / 1000);
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
    expect(wish(pool, 0, 59_999)).toBe(0);
    expect(wish(pool, 0, 60_000)).toBe(2);
    expect(pool.trouble).toBe('the image is missing');
    expect(filled(pool)).toEqual(newPool(rule));
  });

  it('WP20 looks again soon when there was no room', () => {
    const pool = crowded(newPool(rule), 'memory for worksheets: full', 0);
    expect(wish(pool, 0, 999)).toBe(0);
    expect(wish(pool, 0, 1000)).toBe(2);
  });

  it('a policy without a pool is not prepared for, however often it is asked for', () => {
    const none = newPool({ min: 0, max: 0, refillAt: 0 });
    expect(wish(claimed(claimed(none, 0), 0), 0, 1)).toBe(0);
  });
});
