/**
 * How often a sandbox is asked what it uses (docs/spec/relay.md, RL42): often while it works and for a while after, seldom at rest, for
 * of thousands of open worksheets few do anything. Pure.
 */
import type { Stats } from '../wire/agent-control.ts';

/** Seconds between two `stats`. */
const OFTEN = 2;
const SELDOM = 30;
/** Milliseconds of rest before they become seldom. */
const CALM = 10_000;
/** Less of one processor is rest, where memory does not grow by that part of its limit either, between two `stats`. */
const WORKS = 0.05;
const GROWS = 1 / 256;

export class StatsPace {
  #asked: number | undefined;
  #workedAt = Number.NEGATIVE_INFINITY;
  #last: { readonly cpu: number; readonly used: number; readonly at: number } | undefined;

  /** `now` in milliseconds. */
  heard({ memory, cpu }: Stats, now: number): void {
    const last = this.#last;
    this.#last = { cpu: cpu.usec, used: memory.used, at: now };
    if (last === undefined) return;
    const spent = (cpu.usec - last.cpu) / 1000;
    if (spent > WORKS * (now - last.at) || memory.used - last.used > GROWS * memory.limit) this.#workedAt = now;
  }

  /** Somebody begins to look. */
  watched(now: number): void {
    this.#workedAt = now;
  }

  /** The stream is another one: whatever was asked is not known there. */
  attached(): void {
    this.#asked = undefined;
  }

  /** Seconds to ask for, 0 for not at all; undefined where nothing has to be asked. */
  next(looking: boolean, busy: boolean, now: number): number | undefined {
    if (busy) this.#workedAt = now;
    const wanted = !looking ? 0 : now - this.#workedAt < CALM ? OFTEN : SELDOM;
    if (wanted === (this.#asked ?? 0)) return undefined;
    this.#asked = wanted;
    return wanted;
  }
}
