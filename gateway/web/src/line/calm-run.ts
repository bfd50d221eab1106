/**
 * What runs, as cells, toolbar and header show it: a cell is marked at once when it is asked for, and as running where it still runs
 * a moment later. A short cell would be drawn three times in the time of two frames, and its output would wait for them.
 */
import type { WorksheetStatus } from '../../../src/wire/worksheet-protocol.ts';
import { Value } from '../shared/value.ts';

/** Milliseconds; nobody sees a shorter time. */
const MOMENT = 60;

export interface ShownRun {
  readonly status: WorksheetStatus | undefined;
  /** Cells whose run was asked for and not answered. */
  readonly waiting: readonly string[];
}

/** When the page shows `now` in place of `shown`: what begins at the server is held back, and what was answered with it. Pure. */
export function showRunWhen(shown: ShownRun, now: ShownRun): 'now' | 'soon' {
  const begins = now.status?.running !== undefined && now.status.running !== shown.status?.running;
  const asks = now.waiting.some((cell) => !shown.waiting.includes(cell));
  const answered = now.waiting.length < shown.waiting.length && now.status === shown.status;
  return !asks && (begins || answered) ? 'soon' : 'now';
}

export function calmRun(
  status: Value<WorksheetStatus | undefined>,
  waiting: Value<readonly string[]>,
): Value<ShownRun> {
  const now = (): ShownRun => ({ status: status.get(), waiting: waiting.get() });
  const shown = new Value(now());
  let soon: ReturnType<typeof setTimeout> | undefined;
  const show = () => {
    clearTimeout(soon);
    soon = undefined;
    shown.set(now());
  };
  const follow = () => {
    if (showRunWhen(shown.get(), now()) === 'now') show();
    else soon ??= setTimeout(show, MOMENT);
  };
  status.subscribe(follow);
  waiting.subscribe(follow);
  return shown;
}
