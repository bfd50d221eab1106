/** What each cell's run looks like, and what is worth being announced, from two statuses that follow each other: pure. */
import type { WorksheetStatus } from '../../../src/wire/worksheet-protocol.ts';

export type RunState = 'idle' | 'waiting' | 'running';

/** `asked`: cells whose run this page has asked for without an answer yet. */
export function runState(cell: string, status: WorksheetStatus | undefined, asked: readonly string[]): RunState {
  if (status?.running === cell) return 'running';
  return status?.queue.includes(cell) === true || asked.includes(cell) ? 'waiting' : 'idle';
}

export type Announcement = { readonly say: 'runs' | 'ended' | 'asks'; readonly cell: string };

/**
 * Statuses may come after several steps: a short cell was waiting in one and is gone in the next. Cells that leave the queue
 * because the kernel ended have not been run.
 */
export function announcements(before: WorksheetStatus | undefined, now: WorksheetStatus | undefined): Announcement[] {
  const said: Announcement[] = [];
  const ran = now?.kernel === 'idle' || now?.kernel === 'busy' ? (before?.queue ?? []) : [];
  const present = new Set([now?.running, ...(now?.queue ?? [])]);
  for (const cell of [before?.running, ...ran])
    if (cell !== undefined && !present.has(cell)) said.push({ say: 'ended', cell });
  if (now?.running !== undefined && now.running !== before?.running) said.push({ say: 'runs', cell: now.running });
  if (now?.question !== undefined && now.question.id !== before?.question?.id)
    said.push({ say: 'asks', cell: now.question.cell });
  return said;
}
