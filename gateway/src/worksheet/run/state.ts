/**
 * What a worksheet's execution is and how it goes on (docs/spec/worksheet-run.md): an operation and a state in, the next state and
 * the effects out. Operations are what people ask and what happens to the kernel; the runner performs effects. Pure.
 */
import type { Question, WorksheetKernelState } from '../../wire/worksheet-protocol.ts';
import type { Applied, ReplyStatus, State } from './state-steps.ts';

export type { Applied, Effect, ReplyStatus } from './state-steps.ts';
export { State } from './state-steps.ts';

/** What people ask. `cells` are code cells of the document, in the order in which they are to run. */
export type Ask =
  | { readonly op: 'run'; readonly cells: readonly string[] }
  | { readonly op: 'interrupt' }
  | { readonly op: 'restart'; readonly cells: readonly string[] }
  | { readonly op: 'clear'; readonly cells: readonly string[] }
  | { readonly op: 'answer'; readonly question: string; readonly value: string }
  /** `why`: what the status says of it. */
  | { readonly op: 'stop'; readonly why?: string };

export type Happening =
  /** `fresh`: the kernel was started for this; otherwise it was found alive and may be at work. */
  | { readonly op: 'opened'; readonly fresh: boolean }
  | { readonly op: 'failed'; readonly message: string }
  /** The kernel works on the request, has answered it, has published all of it. */
  | { readonly op: 'began'; readonly run: string }
  | { readonly op: 'replied'; readonly run: string; readonly status: ReplyStatus }
  | { readonly op: 'quiet'; readonly run: string }
  | { readonly op: 'asked'; readonly run: string; readonly question: Question }
  /** It works on a run that was never written down. */
  | { readonly op: 'found'; readonly cell: string; readonly run: string }
  /** A probe was answered; `run` is what ran when it was sent, where the line was gone meanwhile. */
  | { readonly op: 'answered'; readonly run: string | undefined }
  /** It died and another one is on its way; it is dead and none is; it was ended (by policy, by hand through the Jupyter API). */
  | { readonly op: 'died'; readonly reason: string }
  | { readonly op: 'dead'; readonly reason: string }
  | { readonly op: 'gone'; readonly reason: string }
  /** The shutdown that was asked for is done. */
  | { readonly op: 'stopped' }
  | { readonly op: 'deleted'; readonly cells: readonly string[] };

export type Operation = Ask | Happening;

const STOPPED = 'the kernel was stopped; variables are gone';
const LOST_RUN = 'the kernel that ran this cell has ended while the server was away; variables are lost';

export function apply(state: State, operation: Operation): Applied {
  const next = state.copy();
  switch (operation.op) {
    case 'run':
      return run(next, operation.cells);
    case 'interrupt':
      return interrupt(next);
    case 'restart':
      return restart(next, operation.cells);
    case 'clear':
      return next.effect({ do: 'clear', cells: operation.cells }).applied();
    case 'answer':
      return answer(next, operation.question, operation.value);
    case 'stop':
      return stop(next, operation.why ?? STOPPED);
    case 'deleted':
      return deleted(next, operation.cells);
    case 'opened':
      return opened(next, operation.fresh);
    case 'failed':
      return failed(next, operation.message);
    case 'found':
      return found(next, operation.cell, operation.run);
    case 'answered':
      return answered(next, operation.run);
    case 'died':
      return died(next, operation.reason);
    case 'dead':
    case 'gone':
      return ended(next, operation.op, operation.reason);
    case 'stopped':
      return stopped(next);
    default:
      return heard(next, operation);
  }
}

/** Cells that wait or run already stay where they are (WR2). */
function run(next: State, cells: readonly string[]): Applied {
  const known = new Set(next.queue);
  if (next.running !== undefined) known.add(next.running.cell);
  const fresh = [...new Set(cells)].filter((cell) => !known.has(cell));
  if (fresh.length === 0) return next.ignored();
  next.reason = '';
  next.skipped = [];
  return next.enqueue(fresh).openForQueue().advance().applied();
}

function interrupt(next: State): Applied {
  if (next.running === undefined && next.queue.length === 0) return next.ignored();
  next.dropQueue();
  if (next.running !== undefined) next.effect({ do: 'interrupt' });
  return next.applied();
}

/** WR5. The cell that runs may be among those that run in the new kernel; its own end comes first. */
function restart(next: State, cells: readonly string[]): Applied {
  if (next.phase === 'none' && cells.length === 0) return next.ignored();
  next.dropQueue();
  next.reason = '';
  next.skipped = [];
  if (next.phase === 'ready' || next.phase === 'checking') {
    next.phase = 'restarting';
    next.effect({ do: 'restart' });
  }
  return next
    .enqueue([...new Set(cells)])
    .openForQueue()
    .applied();
}

/** The first of several answers counts. */
function answer(next: State, id: string, value: string): Applied {
  const { question, running } = next;
  if (question?.id !== id || running === undefined) return next.ignored();
  next.question = undefined;
  return next.effect({ do: 'answer', run: running.run, question, value }).applied();
}

function stop(next: State, why: string): Applied {
  if (next.phase === 'none') return next.ignored();
  next.dropQueue();
  next.reason = why;
  if (next.phase === 'stopping') return next.applied();
  next.phase = 'stopping';
  return next.effect({ do: 'shutdown' }).applied();
}

function deleted(next: State, cells: readonly string[]): Applied {
  const gone = new Set(cells);
  const left = next.queue.filter((cell) => !gone.has(cell));
  if (left.length === next.queue.length) return next.ignored();
  next.queue = left;
  return next.applied();
}

function opened(next: State, fresh: boolean): Applied {
  if (next.phase !== 'starting') return next.ignored();
  const { restartDue } = next;
  next.restartDue = false;
  if (!fresh && restartDue) {
    next.phase = 'restarting';
    return next.effect({ do: 'restart' }).applied();
  }
  /** What waits, waits for the new kernel, not for the cell that ran in the old one. */
  if (restartDue) next.lose('KernelLost', LOST_RUN);
  if (!fresh) {
    next.phase = 'checking';
    return next.effect({ do: 'probe', run: undefined }).applied();
  }
  next.phase = 'ready';
  return next.lose('KernelLost', LOST_RUN).advance().applied();
}

function found(next: State, cell: string, run: string): Applied {
  if (next.phase !== 'checking' || next.running !== undefined) return next.ignored();
  next.running = { cell, run, began: true, replied: undefined, quiet: false };
  next.queue = next.queue.filter((each) => each !== cell);
  return next
    .effect({ do: 'mark', cells: [cell], as: 'running' })
    .effect({ do: 'adopt', cell, run })
    .applied();
}

/** The first cell that waits says why nothing runs (WR7). */
function failed(next: State, message: string): Applied {
  if (next.phase !== 'starting') return next.ignored();
  next.phase = 'none';
  next.restartDue = false;
  next.reason = message;
  next.lose('KernelLost', LOST_RUN);
  const [first] = next.queue;
  if (first !== undefined) next.effect({ do: 'fail', cell: first, fresh: true, ename: 'KernelNotStarted', message });
  return next.dropQueue().applied();
}

/**
 * Requests are answered in their order: an answer to a probe that was sent behind a cell, without one to the cell, says that this
 * kernel never had the cell's request or is not the one that had it (WR11).
 */
function answered(next: State, run: string | undefined): Applied {
  const { phase, running } = next;
  if (phase === 'lost' || phase === 'restarting') {
    next.lose('KernelLost', LOST_RUN);
    next.phase = 'ready';
    return next.advance().applied();
  }
  const awaited = phase === 'checking' || (phase === 'ready' && running !== undefined && running.run === run);
  if (!awaited) return next.ignored();
  next.phase = 'ready';
  if (running === undefined) return next.advance().applied();
  if (running.replied !== undefined) return next.end(running.replied).advance().applied();
  if (!running.began) return next.effect({ do: 'resend', cell: running.cell, run: running.run }).applied();
  return next.lose('KernelLost', LOST_RUN).advance().applied();
}

/** What waited for the kernel that died is dropped; what waits for its successor already goes on waiting (WR6). */
function died(next: State, reason: string): Applied {
  const { phase } = next;
  if (phase === 'none' || phase === 'starting' || phase === 'stopping') return next.ignored();
  next.lose('KernelDied', reason);
  if (phase === 'ready' || phase === 'checking') next.dropQueue();
  next.phase = 'lost';
  next.reason = reason;
  return next.effect({ do: 'probe', run: undefined }).applied();
}

/** A dead kernel is put away first, so that the next run finds its place free. */
function ended(next: State, how: 'dead' | 'gone', reason: string): Applied {
  const { phase } = next;
  if (phase === 'none' || phase === 'starting') return next.ignored();
  next.lose('KernelEnded', reason);
  if (phase === 'stopping') return next.applied();
  next.dropQueue();
  next.reason = reason;
  next.phase = how === 'dead' ? 'stopping' : 'none';
  if (how === 'dead') next.effect({ do: 'shutdown' });
  return next.applied();
}

/** Cells that were asked for meanwhile open another one. */
function stopped(next: State): Applied {
  if (next.phase !== 'stopping') return next.ignored();
  next.lose('KernelEnded', STOPPED);
  next.phase = 'none';
  return next.openForQueue().applied();
}

/** What the kernel says about the cell that runs; what it says about others is history. */
function heard(next: State, operation: Extract<Happening, { op: 'began' | 'replied' | 'quiet' | 'asked' }>): Applied {
  const { running } = next;
  if (running === undefined || operation.run !== running.run) return next.ignored();
  if (operation.op === 'began') next.running = { ...running, began: true };
  if (operation.op === 'asked') next.question = operation.question;
  if (operation.op === 'replied') {
    next.question = undefined;
    next.running = { ...running, began: true, replied: operation.status };
  }
  if (operation.op === 'quiet') next.running = { ...running, quiet: true };
  const { replied, quiet } = next.running ?? running;
  if (replied !== undefined && quiet) next.end(replied).advance();
  return next.applied();
}

/** As the page shows it. */
export function kernelStateOf({ phase, running, queue }: State): WorksheetKernelState {
  if (phase === 'ready') return running === undefined ? 'idle' : 'busy';
  if (phase === 'checking') return running === undefined ? 'starting' : 'busy';
  if (phase === 'stopping') return queue.length === 0 ? 'none' : 'starting';
  return phase;
}
