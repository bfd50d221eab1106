import { describe, expect, it } from 'vitest';
import { newSandboxId, type PolicyName, type WorksheetId } from '../base/ids.ts';
import {
  apply,
  inheritedSandbox,
  plannedSandbox,
  type Sandbox,
  type SandboxEffect,
  type SandboxEvent,
} from './sandbox-state.ts';
import { nextStep } from './sandbox-steps.ts';

const facts = {
  id: newSandboxId(),
  policy: 'standard' as PolicyName,
  uid: 200_000,
  memory: 1024,
  life: 1000,
  print: 'p',
  createdAt: 5,
};
const worksheet = 'w1' as WorksheetId;

const begin: SandboxEvent = { type: 'begin' };
const created: SandboxEvent = { type: 'created', containerId: 'c1' };
const attached: SandboxEvent = { type: 'attached' };
const detached: SandboxEvent = { type: 'detached' };
const started: SandboxEvent = { type: 'started' };
const ready: SandboxEvent = { type: 'ready' };
const claim: SandboxEvent = { type: 'claim', worksheet, pooled: true, at: 10 };
const close: SandboxEvent = { type: 'end', reason: 'closed' };
const removed: SandboxEvent = { type: 'removed' };
const exit = (exitCode: number | undefined, at = 20, withEngine = false): SandboxEvent => ({
  type: 'exited',
  exitCode,
  at,
  withEngine,
});
const up = [begin, created, attached, started, ready];

/** Applies all; answers the last state, all effects and which events were ignored. */
function run(events: readonly SandboxEvent[], from: Sandbox = plannedSandbox(facts)) {
  let sandbox = from;
  const effects: SandboxEffect[] = [];
  const ignored: SandboxEvent[] = [];
  for (const event of events) {
    const applied = apply(sandbox, event);
    if (applied.result === 'ignored') ignored.push(event);
    else {
      sandbox = applied.sandbox;
      effects.push(...applied.effects);
    }
  }
  return { sandbox, effects, ignored };
}
const kinds = (effects: SandboxEffect[]) =>
  effects.map((effect) =>
    effect.type === 'journal' ? effect.record.type : effect.type === 'publish' ? effect.event.type : effect.type,
  );

describe('the state of a sandbox', () => {
  it('SB1 goes from planned to ended, and every record comes in its order', () => {
    const states = up.map((_, index) => run(up.slice(0, index + 1)).sandbox.state);
    expect(states).toEqual(['creating', 'starting', 'starting', 'starting', 'ready']);
    const { sandbox, effects } = run([...up, claim, close, detached, exit(137), removed]);
    expect(sandbox.state).toBe('ended');
    expect(kinds(effects)).toEqual(['created', 'ready', 'claimed', 'ending', 'exit', 'ended', 'release']);
  });

  it('SB1 no event brings an ending or ended sandbox back', () => {
    const all = [
      ...up,
      claim,
      { type: 'attended' } as const,
      { type: 'found', containerId: 'c2', running: true } as const,
    ];
    const order = ['planned', 'creating', 'starting', 'ready', 'claimed', 'ending', 'ended'];
    for (const before of [
      [...up, close],
      [...up, claim, close],
      [...up, close, detached, exit(0), removed],
    ]) {
      const { sandbox } = run(before);
      for (const event of all) {
        const after = run([event], sandbox).sandbox;
        expect(order.indexOf(after.state)).toBeGreaterThanOrEqual(order.indexOf(sandbox.state));
        expect(after.desired).toBe('gone');
      }
    }
  });

  it('SB1 a planned sandbox that is not wanted ends without a record', () => {
    const { sandbox, effects } = run([close]);
    expect(sandbox.state).toBe('ended');
    expect(kinds(effects)).toEqual(['release']);
  });

  it('SB2 what comes a second time is ignored', () => {
    const twice = [...up, claim].flatMap((event) => [event, event]);
    expect(run(twice).ignored).toEqual([...up, claim]);
    expect(run([...up, claim, close, close, exit(0), exit(0)]).ignored).toEqual([close, exit(0)]);
  });

  it('SB3 what is seen changes neither what was asked nor, while nothing ends, what shall be', () => {
    const seen: SandboxEvent[] = [
      { type: 'attended' },
      { type: 'unattended', at: 12 },
      { type: 'out-of-memory', at: 13 },
      detached,
      attached,
    ];
    const before = run([...up, claim]).sandbox;
    const after = run(seen, before).sandbox;
    expect({ claim: after.claim, desired: after.desired, reason: after.reason }).toEqual({
      claim: before.claim,
      desired: 'live',
      reason: undefined,
    });
    const ending = run([...up, claim, close]).sandbox;
    expect(ending.observed).toEqual({ ...before.observed });
  });

  it('SB4 is claimed once, and only when it is ready', () => {
    expect(run([begin, created, claim]).ignored).toEqual([claim]);
    const other: SandboxEvent = { type: 'claim', worksheet: 'w2' as WorksheetId, pooled: true, at: 11 };
    const { sandbox, ignored } = run([...up, claim, other]);
    expect(ignored).toEqual([other]);
    expect(sandbox.claim?.worksheet).toBe(worksheet);
    expect(run([...up, close, claim]).ignored).toEqual([claim]);
  });

  it('SB5 is not ready before its container runs', () => {
    expect(run([begin, created, attached, ready]).ignored).toEqual([ready]);
  });

  it('SB6 the first reason counts, and the exit of a claimed one is published once', () => {
    const { sandbox, effects } = run([...up, claim, { type: 'end', reason: 'life' }, close, exit(137), removed]);
    expect(sandbox.reason).toBe('life');
    expect(effects.filter((effect) => effect.type === 'publish')).toEqual([
      { type: 'publish', event: { type: 'exit', sandbox: facts.id, reason: 'life' } },
    ]);
    expect(kinds(run([...up, close]).effects)).not.toContain('exit');
  });

  it('SB7 is released by the removal only', () => {
    expect(kinds(run([...up, close, detached, exit(137)]).effects)).not.toContain('release');
    expect(kinds(run([...up, close, detached, exit(137), removed]).effects)).toContain('release');
    expect(run([...up, removed]).ignored).toEqual([removed]);
  });

  it('SB8 tells why a container exited', () => {
    const oom = (at: number): SandboxEvent => ({ type: 'out-of-memory', at });
    const reason = (...events: SandboxEvent[]) => run([...up, claim, ...events]).sandbox.reason;
    expect(reason(exit(1))).toBe('exited');
    expect(reason(exit(137))).toBe('exited');
    expect(reason(oom(15), exit(137))).toBe('out-of-memory');
    expect(reason(oom(15), exit(1))).toBe('exited');
    expect(reason(oom(15), exit(137, 15 + 60_000))).toBe('exited');
    expect(reason(exit(137, 20, true))).toBe('engine');
  });

  it('SB24 a pool member whose stream broke is thrown away, a claimed one is kept', () => {
    expect(run([...up, detached]).sandbox).toMatchObject({ state: 'ending', reason: 'unhealthy' });
    expect(run([...up, claim, detached]).sandbox).toMatchObject({ state: 'claimed', desired: 'live' });
  });
});

describe('the next step', () => {
  const steps = (events: readonly SandboxEvent[]) => nextStep(run(events).sandbox);

  it('SB10 SB11 up: create, attach, start, await readiness', () => {
    expect(up.map((_, index) => steps(up.slice(0, index + 1)))).toEqual([
      'create',
      'attach',
      'start',
      'await-ready',
      undefined,
    ]);
    expect(steps([])).toBeUndefined();
  });

  it('SB10 SB11 down: close the stream, kill, remove', () => {
    const down = [close, detached, exit(137), removed];
    expect(down.map((_, index) => steps([...up, claim, ...down.slice(0, index + 1)]))).toEqual([
      'detach',
      'kill',
      'remove',
      undefined,
    ]);
  });

  it('SB12 a start that is called off goes down from wherever it was', () => {
    expect(steps([begin, close])).toBe('finish');
    expect(steps([begin, created, close])).toBe('remove');
    expect(steps([begin, created, attached, close])).toBe('detach');
    expect(steps([begin, { type: 'create-unclear' }, close])).toBe('find');
    expect(steps([begin, { type: 'create-unclear' }, close, { type: 'found', containerId: 'c', running: true }])).toBe(
      'kill',
    );
  });

  it('SB24 a claimed sandbox whose stream broke is attached again', () => {
    expect(steps([...up, claim, detached])).toBe('attach');
  });

  it('SB31 an inherited sandbox is looked for first, whole or half-made', () => {
    const inherited = (whole: boolean) => inheritedSandbox(facts, { worksheet, pooled: true, at: 1 }, whole, 9);
    expect(nextStep(inherited(true))).toBe('find');
    expect(nextStep(inherited(false))).toBe('find');
    const found: SandboxEvent = { type: 'found', containerId: 'c', running: true };
    expect(nextStep(run([found], inherited(true)).sandbox)).toBe('attach');
    expect(nextStep(run([found], inherited(false)).sandbox)).toBe('kill');
  });
});
