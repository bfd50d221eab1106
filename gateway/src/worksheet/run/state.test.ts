/** docs/spec/worksheet-run.md: the execution of a worksheet as lists of operations. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apply, type Effect, kernelStateOf, type Operation, State } from './state.ts';

const question = { id: 'q', cell: 'a', prompt: 'name? ', password: false };

/** The state after the operations, and the effects of the last one in short. */
function following(...operations: Operation[]): { state: State; last: string[]; all: string[]; outcome: string } {
  let state = State.initial(1);
  let outcome = 'done';
  const all: string[] = [];
  let last: string[] = [];
  for (const operation of operations) {
    const applied = apply(state, operation);
    state = applied.state;
    outcome = applied.outcome;
    last = applied.effects.map(inShort);
    all.push(...last);
  }
  return { state, last, all, outcome };
}

function inShort(effect: Effect): string {
  if (effect.do === 'mark') return `${effect.as} ${effect.cells.join()}`;
  if (effect.do === 'fail') return `fail ${effect.cell} ${effect.ename}`;
  if (effect.do === 'clear') return `clear ${effect.cells.join()}`;
  if (effect.do === 'answer') return `answer ${effect.value}`;
  if (effect.do === 'probe') return `probe ${effect.run ?? ''}`.trim();
  return 'run' in effect ? `${effect.do} ${effect.run}` : effect.do;
}

const run = (...cells: string[]): Operation => ({ op: 'run', cells });
const restart = (...cells: string[]): Operation => ({ op: 'restart', cells });
const opened: Operation = { op: 'opened', fresh: true };
const ends = (id: string, status: 'ok' | 'error' | 'aborted' = 'ok'): Operation[] => [
  { op: 'began', run: id },
  { op: 'replied', run: id, status },
  { op: 'quiet', run: id },
];
const died: Operation = { op: 'died', reason: 'out of memory' };
const answered: Operation = { op: 'answered', run: undefined };

describe('running', () => {
  it('WR1 the first run opens the kernel, then cells run one after the other in the order asked', () => {
    expect(following(run('a', 'b')).last).toEqual(['pending a,b', 'open']);
    expect(following(run('a', 'b'), opened).last).toEqual(['running a', 'execute a_1']);
    const { last, state } = following(run('a', 'b'), opened, ...ends('a_1'));
    expect(last).toEqual(['ended a_1', 'idle a', 'running b', 'execute b_2']);
    expect(state.queue).toEqual([]);
  });

  it('WR1 a cell has ended when its reply and its idle have come, in either order', () => {
    const began = [run('a'), opened, { op: 'began', run: 'a_1' }] as const;
    const reply = { op: 'replied', run: 'a_1', status: 'ok' } as const;
    const quiet = { op: 'quiet', run: 'a_1' } as const;
    for (const first of [reply, quiet]) expect(following(...began, first).state.running?.cell).toBe('a');
    expect(following(...began, quiet, reply).last).toEqual(['ended a_1', 'idle a']);
    expect(following(...began, reply, quiet).last).toEqual(['ended a_1', 'idle a']);
  });

  it('WR2 a cell that waits or runs is not queued twice', () => {
    expect(following(run('a'), opened, run('a')).outcome).toBe('ignored');
    expect(following(run('a', 'b', 'b'), opened, run('b', 'a', 'c')).state.queue).toEqual(['b', 'c']);
    expect(following(run('a'), opened, ...ends('a_1'), run('a')).last).toEqual([
      'pending a',
      'running a',
      'execute a_2',
    ]);
  });

  it('WR3 the first error empties the queue', () => {
    for (const status of ['error', 'aborted'] as const) {
      const { last, state } = following(run('a', 'b', 'c'), opened, ...ends('a_1', status));
      expect(last).toEqual(['ended a_1', 'idle b,c', 'idle a']);
      expect(state.queue).toEqual([]);
    }
  });

  it('WR4 an interrupt empties the queue and reaches the cell that runs', () => {
    expect(following(run('a', 'b'), opened, { op: 'interrupt' }).last).toEqual(['idle b', 'interrupt']);
    expect(following(run('a', 'b'), { op: 'interrupt' }).last).toEqual(['idle a,b']);
    expect(following({ op: 'interrupt' }).outcome).toBe('ignored');
  });

  it('WR12 what comes too late is ignored', () => {
    const done = [run('a'), opened, ...ends('a_1')] as const;
    for (const late of [...ends('a_1'), { op: 'asked', run: 'a_1', question }, opened, answered] as const)
      expect(following(...done, late)).toMatchObject({ outcome: 'ignored', last: [] });
    expect(following(...done, { op: 'answer', question: 'q', value: '' }).outcome).toBe('ignored');
    expect(following({ op: 'stop' }).outcome).toBe('ignored');
    expect(following({ op: 'restart', cells: [] }).outcome).toBe('ignored');
    expect(following(run(), { op: 'deleted', cells: ['a'] }).outcome).toBe('ignored');
  });

  it('WR12 a cell that is deleted waits no longer; one that runs goes on', () => {
    const gone = following(run('a', 'b', 'c'), opened, { op: 'deleted', cells: ['b', 'a'] });
    expect(gone.state.queue).toEqual(['c']);
    expect(gone.state.running?.cell).toBe('a');
  });

  it('WR13 the first answer to a question counts, the end of its cell takes it away', () => {
    const asked = [run('a'), opened, { op: 'asked', run: 'a_1', question }] as const;
    expect(following(...asked).state.question).toEqual(question);
    expect(following(...asked, { op: 'answer', question: 'q', value: 'x' }).last).toEqual(['answer x']);
    const second = { op: 'answer', question: 'q', value: 'y' } as const;
    expect(following(...asked, { op: 'answer', question: 'q', value: 'x' }, second).outcome).toBe('ignored');
    expect(following(...asked, ...ends('a_1')).state.question).toBeUndefined();
  });
});

describe('the kernel', () => {
  it('WR5 a restart forgets the queue and runs the given cells in the new kernel, the running one among them', () => {
    const asked = following(run('a', 'b'), opened, restart('a', 'c'));
    expect(asked.last).toEqual(['idle b', 'restart', 'pending a,c']);
    const told = [run('a', 'b'), opened, restart('a', 'c'), ...ends('a_1', 'error')] as const;
    expect(following(...told).last).toEqual(['ended a_1', 'pending a']);
    expect(following(...told, answered).last).toEqual(['running a', 'execute a_2']);
  });

  it('WR5 a cell of which the old kernel said nothing more ends with the restart', () => {
    const { last } = following(run('a'), opened, restart('c'), answered);
    expect(last).toEqual(['fail a KernelLost', 'ended a_1', 'idle a', 'running c', 'execute c_2']);
  });

  it('WR5 a restart without a kernel is a run', () => {
    expect(following(restart('a')).last).toEqual(['pending a', 'open']);
    expect(following(run('a'), restart('b')).all).toEqual(['pending a', 'open', 'idle a', 'pending b']);
  });

  it('WR6 a kernel that dies under a cell gives it an error and tells why; the next cells wait for its successor', () => {
    const dead = following(run('a', 'b'), opened, died);
    expect(dead.last).toEqual(['fail a KernelDied', 'ended a_1', 'idle b', 'idle a', 'probe']);
    expect(dead.state).toMatchObject({ phase: 'lost', reason: 'out of memory', running: undefined });
    expect(following(run('a', 'b'), opened, died, run('c')).last).toEqual(['pending c']);
    expect(following(run('a', 'b'), opened, died, run('c'), died).state.queue).toEqual(['c']);
    expect(following(run('a', 'b'), opened, died, run('c'), answered).last).toEqual(['running c', 'execute c_2']);
  });

  it('WR6 a cell that was answered already gets no error when its kernel dies', () => {
    const told = following(run('a', 'b'), opened, { op: 'replied', run: 'a_1', status: 'ok' }, died);
    expect(told.last).toEqual(['ended a_1', 'idle a', 'idle b', 'probe']);
  });

  it('WR6 a kernel that stays dead is put away, and the next run opens another one', () => {
    const dead = [run('a'), opened, { op: 'dead', reason: 'it died five times' }] as const;
    expect(following(...dead).last).toEqual(['fail a KernelEnded', 'ended a_1', 'idle a', 'shutdown']);
    expect(following(...dead, { op: 'stopped' }).state).toMatchObject({ phase: 'none', reason: 'it died five times' });
    expect(following(...dead, run('b'), { op: 'stopped' }).last).toEqual(['open']);
  });

  it('WR7 a kernel that cannot be opened: the first cell says why, none waits', () => {
    const { last, state } = following(run('a', 'b'), { op: 'failed', message: 'quota' });
    expect(last).toEqual(['fail a KernelNotStarted', 'idle a,b']);
    expect(state).toMatchObject({ phase: 'none', reason: 'quota', queue: [] });
    expect(following(run('a'), { op: 'failed', message: 'quota' }, run('a')).state.reason).toBe('');
  });

  it('WR14 a kernel that was ended by policy is told, and the next run opens another one', () => {
    const gone = [run('a'), opened, ...ends('a_1'), { op: 'gone', reason: 'idle for 20 min' }] as const;
    expect(following(...gone)).toMatchObject({ last: [], state: { phase: 'none', reason: 'idle for 20 min' } });
    expect(following(...gone, run('b')).last).toEqual(['pending b', 'open']);
    const under = following(run('a', 'b'), opened, { op: 'gone', reason: 'life' });
    expect(under.last).toEqual(['fail a KernelEnded', 'ended a_1', 'idle b', 'idle a']);
  });

  it('WR14 stop ends it; what is run meanwhile waits until it has ended', () => {
    expect(following(run('a', 'b'), opened, { op: 'stop' }).last).toEqual(['idle b', 'shutdown']);
    const stopped = following(
      run('a'),
      opened,
      { op: 'stop' },
      run('c'),
      { op: 'gone', reason: '' },
      { op: 'stopped' },
    );
    expect(stopped.all.slice(4)).toEqual([
      'shutdown',
      'pending c',
      'fail a KernelEnded',
      'ended a_1',
      'idle a',
      'open',
    ]);
    expect(kernelStateOf(following(run('a'), opened, { op: 'stop' }).state)).toBe('none');
  });

  it('WR11 a kernel that was found is asked for a word before anything is sent to it', () => {
    const running = { cell: 'a', run: 'a_1', began: false, replied: undefined, quiet: false };
    const told = (facts: object | undefined, ...operations: Operation[]) => {
      const left = facts === undefined ? undefined : { ...running, ...facts };
      let state = new State({ ...State.initial(9), phase: 'starting', queue: ['b'], running: left });
      let last: readonly Effect[] = [];
      for (const operation of operations) ({ state, effects: last } = apply(state, operation));
      return last.map(inShort);
    };
    const found: Operation = { op: 'opened', fresh: false };
    expect(told(undefined, found)).toEqual(['probe']);
    expect(told(undefined, found, answered)).toEqual(['running b', 'execute b_9']);
    expect(told({}, found, answered)).toEqual(['resend a_1']);
    expect(told({ began: true }, found, answered)).toEqual(['fail a KernelLost', 'ended a_1', 'idle b', 'idle a']);
    expect(told({ replied: 'ok' }, found, answered)).toEqual(['ended a_1', 'idle a', 'running b', 'execute b_9']);
    expect(told({ began: true }, found, ...ends('a_1'))).toEqual(['ended a_1', 'idle a']);
    expect(told({ began: true }, found, ...ends('a_1'), answered)).toEqual(['running b', 'execute b_9']);
    expect(told({ began: true }, opened)).toEqual(['fail a KernelLost', 'ended a_1', 'idle b', 'idle a']);
  });

  it('WR11 a run that was never written down is taken over, and not run again', () => {
    const state = new State({ ...State.initial(9), phase: 'checking', queue: ['b', 'c'] });
    const taken = apply(state, { op: 'found', cell: 'b', run: 'b_7' });
    expect(taken.effects.map(inShort)).toEqual(['running b', 'adopt b_7']);
    expect(taken.state.queue).toEqual(['c']);
    expect(following(run('a'), opened, { op: 'found', cell: 'b', run: 'b_7' }).outcome).toBe('ignored');
  });

  it('WR24 a restart that an earlier process was about is done before anything runs', () => {
    const left = { cell: 'a', run: 'a_1', began: true, replied: undefined, quiet: false };
    const facts = { ...State.initial(9), phase: 'starting', queue: ['b', 'a'], restartDue: true } as const;
    const told = (running: typeof left | undefined, ...operations: Operation[]) => {
      let state = new State({ ...facts, running });
      let effects: string[] = [];
      for (const operation of operations) {
        const applied = apply(state, operation);
        state = applied.state;
        effects = applied.effects.map(inShort);
      }
      return [effects, state.phase, state.queue, state.restartDue];
    };
    const found: Operation = { op: 'opened', fresh: false };
    expect(told(undefined, found)).toEqual([['restart'], 'restarting', ['b', 'a'], false]);
    expect(told(undefined, found, answered)).toEqual([['running b', 'execute b_9'], 'ready', ['a'], false]);
    expect(told(left, found, answered)[0]).toEqual([
      ...['fail a KernelLost', 'ended a_1', 'pending a', 'running b', 'execute b_9'],
    ]);
    expect(told(left, opened)).toEqual([
      ['fail a KernelLost', 'ended a_1', 'pending a', 'running b', 'execute b_9'],
      ...['ready', ['a'], false],
    ]);
    expect(told(undefined, { op: 'failed', message: 'full' })[3]).toBe(false);
  });

  it('WR3 cells that were not run are named until something is asked for again', () => {
    const failed = following(run('a', 'b', 'c'), opened, ...ends('a_1', 'error')).state;
    expect(failed.skipped).toEqual(['b', 'c']);
    expect(apply(failed, run('c')).state.skipped).toEqual([]);
    expect(apply(failed, restart()).state.skipped).toEqual([]);
    expect(following(run('a', 'b'), opened, ...ends('a_1'), ...ends('b_2')).state.skipped).toEqual([]);
    expect(following(run('a', 'b'), opened, { op: 'died', reason: 'memory' }).state.skipped).toEqual(['b']);
  });

  it('WR28 an end that was asked for says why, as whoever asked wants it', () => {
    expect(following(run('a'), opened, { op: 'stop', why: 'another kernel' }).state.reason).toBe('another kernel');
  });

  it('clears at any time', () => {
    expect(following({ op: 'clear', cells: ['a'] }).last).toEqual(['clear a']);
  });
});

const cell = fc.constantFrom('a', 'b', 'c', 'd');
const cells = fc.array(cell, { maxLength: 4 });
/** What anybody may do at any time; `run` of happenings is filled in with the run that is under way, or an old one. */
const operation = fc.oneof(
  { weight: 4, arbitrary: cells.map((list): Operation => ({ op: 'run', cells: list })) },
  cells.map((list): Operation => ({ op: 'restart', cells: list })),
  cells.map((list): Operation => ({ op: 'deleted', cells: list })),
  fc.constantFrom<Operation>({ op: 'interrupt' }, { op: 'stop' }, { op: 'answer', question: 'q', value: '' }),
  fc.constantFrom<Operation>({ op: 'opened', fresh: true }, { op: 'opened', fresh: false }),
  fc.constantFrom<Operation>({ op: 'failed', message: 'no' }, { op: 'stopped' }, answered, died),
  fc.integer({ min: 1000 }).map((n): Operation => ({ op: 'found', cell: 'a', run: `a_${n}` })),
  fc.constantFrom<Operation>({ op: 'dead', reason: 'dead' }, { op: 'gone', reason: 'gone' }),
);
const happening = fc.record({
  op: fc.constantFrom('began', 'replied', 'quiet', 'asked', 'answered'),
  status: fc.constantFrom('ok', 'error', 'aborted'),
  old: fc.boolean(),
});

describe('whatever happens', () => {
  it('WR1 WR6 one cell runs at a time, each execution ends once, and nothing waits for ever', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(operation, happening), { maxLength: 60 }), (steps) => {
        const world = new Model();
        for (const step of steps)
          world.do(
            'old' in step ? ({ ...step, run: world.runFor(step.old), question } as Operation) : (step as Operation),
          );
        world.settle();
        expect(world.state.queue).toEqual([]);
        expect(world.state.running).toBeUndefined();
        expect([...world.marks.values()].filter((mark) => mark !== 'idle')).toEqual([]);
        expect(world.open).toBeUndefined();
      }),
      { numRuns: 3000 },
    );
  });
});

/** Follows effects as the runner does, and checks after each operation what must always hold. */
class Model {
  state = State.initial(1);
  readonly marks = new Map<string, string>();
  /** The execution that has begun and not ended. */
  open: string | undefined;
  readonly ended = new Set<string>();
  #last = 'a_0';

  runFor(old: boolean): string {
    return old ? this.#last : (this.state.running?.run ?? this.#last);
  }

  do(operation: Operation): void {
    const before = JSON.stringify(this.state);
    const was = this.state;
    const { state, effects, outcome } = apply(this.state, operation);
    expect(JSON.stringify(was)).toBe(before);
    if (outcome === 'ignored') expect(effects).toEqual([]);
    this.state = state;
    for (const effect of effects) this.#follow(effect);
    /** Deleted cells have no mark any more. */
    if (operation.op === 'deleted') for (const each of operation.cells) this.marks.delete(each);
    this.#check();
  }

  /** The world answers what is asked of it until it rests. */
  settle(): void {
    for (let steps = 0; steps < 100; steps += 1) {
      const { phase, running } = this.state;
      if (phase === 'starting') this.do({ op: 'opened', fresh: true });
      else if (['checking', 'restarting', 'lost'].includes(phase)) this.do(answered);
      else if (phase === 'stopping') this.do({ op: 'stopped' });
      else if (running !== undefined) for (const step of ends(running.run)) this.do(step);
      else return;
    }
    throw new Error('the execution does not come to rest');
  }

  #follow(effect: Effect): void {
    if (effect.do === 'mark') for (const each of effect.cells) this.marks.set(each, effect.as);
    if (effect.do === 'execute' || effect.do === 'adopt') {
      expect(this.open).toBeUndefined();
      expect(this.ended.has(effect.run)).toBe(false);
      this.open = this.#last = effect.run;
    }
    if (effect.do === 'resend') expect(this.open).toBe(effect.run);
    if (effect.do === 'ended') {
      expect(this.open).toBe(effect.run);
      this.open = undefined;
      this.ended.add(effect.run);
    }
  }

  #check(): void {
    const { phase, queue, running } = this.state;
    expect(this.open).toBe(running?.run);
    expect(new Set(queue).size).toBe(queue.length);
    if (phase === 'none') expect([queue.length, running]).toEqual([0, undefined]);
    if (phase === 'ready' && running === undefined) expect(queue).toEqual([]);
    if (phase !== 'restarting' && phase !== 'stopping' && running) expect(queue).not.toContain(running.cell);
    for (const [each, mark] of this.marks) {
      if (mark === 'pending') expect(queue).toContain(each);
      if (mark === 'running') expect(running?.cell).toBe(each);
    }
    for (const each of queue) expect(this.marks.get(each)).toBe('pending');
  }
}
