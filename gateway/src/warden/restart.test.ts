/** What happens when the warden or the engine dies, on the fake engine. */
import { describe, expect, it } from 'vitest';
import { LEASE, policy, pool, WardenStage } from '../../../test/support/warden.ts';
import { newSandboxId } from '../base/ids.ts';
import { Scope } from '../base/scope.ts';
import { containerPlan } from '../engine/container-plan.ts';

const scope = () => Scope.withDeadline('the test', 5000);
const ids = (stage: WardenStage) => stage.warden.list().map(({ id }) => id);

/** A running container as an earlier warden would have made it, of which no journal tells. */
async function foreignContainer(stage: WardenStage, instance = stage.instance, sandbox = newSandboxId()) {
  const request = { sandbox, policy: policy('sample'), uid: 200_500, isolation: 'guarded' as const, instance };
  const id = await stage.engine.create(
    containerPlan({ ...request, orphanSeconds: 600, cgroupDriver: 'cgroupfs', seccomp: '{}' }),
    scope(),
  );
  await stage.engine.start(id, scope());
  return { sandbox, id };
}

describe('after SIGKILL of the warden', () => {
  it('SB31 claimed sandboxes keep their worksheets, ready ones are in the pool again, nothing is made or removed', async () => {
    const stage = await new WardenStage({ policies: [policy('sample', pool(2))] }).start();
    const { id } = await stage.open('w1').done;
    await stage.advance(1000);
    const before = ids(stage).sort();
    const made = stage.engine.calls['create'];
    await stage.restart();
    expect(ids(stage).sort()).toEqual(before);
    expect(stage.poolOf()).toMatchObject({ ready: 2 });
    expect(await stage.open('w1').done).toMatchObject({ id, state: 'claimed', pooled: true });
    expect((await stage.open('w2').done).pooled).toBe(true);
    /** The isolation is tried once more, and the claim is made good. */
    await stage.advance(1000);
    expect(stage.engine.calls['create']).toBe((made ?? 0) + 2);
  });

  it('SB31 knows its claimed sandboxes before the engine answers', async () => {
    const stage = await new WardenStage().start();
    const { id } = await stage.open('w1').done;
    await stage.restart(() => stage.engine.goAway());
    expect(stage.warden.list()).toMatchObject([{ id, worksheet: 'w1', state: 'claimed' }]);
    expect(() => stage.warden.checkStream(id)).toThrow(expect.objectContaining({ code: 'engine_unavailable' }));
    expect(() => stage.warden.checkStream(newSandboxId())).toThrow(
      expect.objectContaining({ code: 'engine_unavailable' }),
    );
    stage.engine.comeBack();
    await stage.advance(20_000);
    expect(() => stage.warden.checkStream(id)).not.toThrow();
    expect(() => stage.warden.checkStream(newSandboxId())).toThrow(expect.objectContaining({ code: 'not_found' }));
  });

  it('SB31 ends what was half-made, wherever its start was', async () => {
    for (const at of ['create', 'attach', 'start'] as const) {
      const stage = await new WardenStage().start();
      stage.engine.hooks[at] = () => new Promise(() => {});
      void stage.open('w1').done.catch(() => {});
      await stage.settle();
      delete stage.engine.hooks[at];
      await stage.restart();
      await stage.advance(1000);
      expect(stage.engine.containers.size, at).toBe(0);
      expect(stage.warden.list(), at).toEqual([]);
    }
  });

  it('SB31 goes on ending what was ending', async () => {
    const stage = await new WardenStage().start();
    const { id } = await stage.open('w1').done;
    stage.engine.hooks.kill = () => new Promise(() => {});
    stage.warden.close(id);
    await stage.settle();
    delete stage.engine.hooks.kill;
    await stage.restart();
    expect(stage.engine.containers.size).toBe(0);
    const again = stage.open('w1');
    await stage.settle();
    expect(again.opened.id).not.toBe(id);
  });

  it('SB31 a claimed sandbox that died meanwhile is told as ended', async () => {
    const stage = await new WardenStage().start();
    const { id } = await stage.open('w1').done;
    await stage.restart(() => stage.containerOf({ id }).exit(5));
    expect(stage.events).toContainEqual({ type: 'exit', sandbox: id, reason: 'exited', code: 5 });
    expect(stage.engine.containers.size).toBe(0);
  });

  it('SB31 a pool of before a change of the policy is not used', async () => {
    const stage = await new WardenStage({ policies: [policy('sample', pool(1))] }).start();
    const [before] = ids(stage);
    const changed = policy('sample', { pids: 99, ...pool(1) });
    stage.policies = { ...stage.policies, policies: new Map([[changed.name, changed]]) };
    await stage.restart();
    await stage.settle();
    expect(stage.poolOf()).toMatchObject({ ready: 1 });
    expect(ids(stage)).not.toContain(before);
    expect([...stage.engine.containers.values()][0]?.plan.body.HostConfig.PidsLimit).toBe(99);
  });

  it('user ids go on where they were', async () => {
    const stage = await new WardenStage().start();
    const first = await stage.open('w1').done;
    const user = stage.containerOf(first).plan.body.User;
    stage.warden.close(first.id);
    await stage.settle();
    await stage.restart();
    const second = stage.open('w2');
    await stage.settle();
    expect(stage.containerOf(second.opened).plan.body.User).not.toBe(user);
  });
});

describe('containers that no journal knows', () => {
  it('SB32 a running one is ended after a lease in which nobody came', async () => {
    const stage = new WardenStage();
    const { sandbox } = await foreignContainer(stage);
    await stage.start();
    expect(stage.warden.list()).toMatchObject([{ id: sandbox, state: 'claimed' }]);
    await stage.advance(LEASE - 60_000);
    expect(stage.engine.containers.size).toBe(1);
    await stage.advance(120_000);
    expect(stage.engine.containers.size).toBe(0);
    expect(stage.events).toContainEqual({ type: 'exit', sandbox, reason: 'lease' });
  });

  it('SB32 one that does not run, and one whose sandbox has ended, are removed', async () => {
    const stage = await new WardenStage().start();
    const { id } = await foreignContainer(stage);
    stage.engine.exit(id, 0);
    await stage.advance(31_000);
    expect(stage.engine.containers.size).toBe(0);
  });

  it('SB12 a running one whose sandbox has ended is a leftover of its start, and removed at the next look', async () => {
    const stage = await new WardenStage().start();
    const { id } = await stage.open('w1').done;
    stage.warden.close(id);
    await stage.settle();
    await foreignContainer(stage, stage.instance, id);
    await stage.advance(31_000);
    expect(stage.engine.containers.size).toBe(0);
    expect(stage.warden.list()).toEqual([]);
  });

  it('SB33 those of another installation are left alone', async () => {
    const stage = new WardenStage();
    const { id } = await foreignContainer(stage, 'b'.repeat(16));
    await stage.start();
    await stage.advance(LEASE * 2);
    expect(stage.engine.containers.get(id)?.state.status).toBe('running');
    await stage.warden.stop(1000);
    expect(stage.engine.containers.size).toBe(1);
  });
});

describe('an end that nobody asked for', () => {
  it('SB8 is told with its reason, and the container is removed', async () => {
    const stage = await new WardenStage().start();
    const [first, second, third] = await Promise.all(['a', 'b', 'c'].map((worksheet) => stage.open(worksheet).done));
    if (first === undefined || second === undefined || third === undefined) throw new Error('not opened');
    stage.containerOf(first).exit(4);
    stage.engine.outOfMemory(stage.containerOf(second).id, { fatal: true });
    /** Some engines tell the exit first. */
    const container = stage.containerOf(third);
    container.exit(137);
    await stage.settle();
    await stage.advance(1000);
    expect(stage.events).toContainEqual({ type: 'exit', sandbox: first.id, reason: 'exited', code: 4 });
    expect(stage.events).toContainEqual({ type: 'out-of-memory', sandbox: second.id });
    expect(stage.events).toContainEqual({ type: 'exit', sandbox: second.id, reason: 'out-of-memory', code: 137 });
    expect(stage.events).toContainEqual({ type: 'exit', sandbox: third.id, reason: 'exited', code: 137 });
    expect(stage.engine.containers.size).toBe(0);
  });

  it('SB8 an out-of-memory kill that leaves the container alive is told, and the sandbox goes on', async () => {
    const stage = await new WardenStage().start();
    const { id } = await stage.open('w1').done;
    stage.engine.outOfMemory(stage.containerOf({ id }).id);
    await stage.advance(1000);
    expect(stage.events).toContainEqual({ type: 'out-of-memory', sandbox: id });
    expect(stage.warden.list()).toMatchObject([{ id, state: 'claimed' }]);
  });

  it('SB2 a container that somebody else removed is told once', async () => {
    const stage = await new WardenStage().start();
    const { id } = await stage.open('w1').done;
    await stage.engine.remove(stage.containerOf({ id }).id, scope());
    await stage.advance(1000);
    expect(stage.events.filter((event) => event.type === 'exit')).toHaveLength(1);
    expect(stage.warden.list()).toEqual([]);
  });

  it('SB41 SB40 leases and lives end sandboxes', async () => {
    const stage = await new WardenStage({ policies: [policy('sample', { life: 60_000 }), policy('long')] }).start();
    const [short, long] = await Promise.all([stage.open('a').done, stage.open('b', 'long').done]);
    await stage.advance(61_000);
    expect(stage.events).toContainEqual({ type: 'exit', sandbox: short.id, reason: 'life' });
    await stage.advance(LEASE);
    expect(stage.events).toContainEqual({ type: 'exit', sandbox: long.id, reason: 'lease' });
  });
});

describe('an engine that goes away', () => {
  it('at start: opens are refused in its words, and served once it answers', async () => {
    const stage = new WardenStage({ policies: [policy('sample', pool(1))] });
    stage.engine.goAway();
    await stage.start();
    await expect(stage.open('w1').done).rejects.toMatchObject({
      code: 'engine_unavailable',
      message: /no container engine/,
    });
    expect(stage.warden.status().engine).toMatchObject({ available: false });
    stage.engine.comeBack();
    await stage.advance(20_000);
    expect((await stage.open('w1').done).pooled).toBe(true);
    expect(stage.events.filter((event) => event.type === 'engine').map((event) => event.available)).toEqual([
      false,
      true,
    ]);
  });

  it('WP13 an open that comes before the engine was asked waits for its answer', async () => {
    const stage = new WardenStage();
    const opening = stage.open('w1');
    await stage.start();
    await stage.settle();
    expect(opening.opened.worksheet).toBe('w1');
  });

  it('SB24 and comes back with its containers: claimed sandboxes go on, streams are attached again', async () => {
    const stage = await new WardenStage().start();
    const { id } = await stage.open('w1').done;
    stage.engine.goAway();
    await stage.settle();
    expect(() => stage.warden.checkStream(id)).toThrow(expect.objectContaining({ code: 'engine_unavailable' }));
    await stage.advance(60_000);
    stage.engine.comeBack();
    await stage.advance(11_000);
    expect(() => stage.warden.checkStream(id)).not.toThrow();
    expect(stage.events.some((event) => event.type === 'exit')).toBe(false);
  });

  it('SB8 and has stopped its containers: claimed sandboxes are told as ended by the engine', async () => {
    const stage = await new WardenStage({ policies: [policy('sample', pool(1))] }).start();
    const { id } = await stage.open('w1').done;
    await stage.settle();
    stage.engine.goAway({ stopping: true });
    await stage.advance(5000);
    stage.engine.comeBack();
    await stage.advance(15_000);
    expect(stage.events).toContainEqual({ type: 'exit', sandbox: id, reason: 'engine', code: 137 });
    expect(stage.poolOf()).toMatchObject({ ready: 1, waiting: 0 });
    expect([...stage.engine.containers.values()].map(({ state }) => state.status)).toEqual(['running']);
  });

  it('fails those who wait, and leaves nothing of starts that were under way', async () => {
    const stage = await new WardenStage().start();
    stage.engine.hooks.start = () => new Promise<void>((done) => void stage.clock.after(500, done));
    const opening = stage.open('w1');
    await stage.settle();
    stage.engine.goAway();
    await stage.settle();
    expect(opening.outcome).toMatchObject({ code: 'engine_unavailable' });
    stage.engine.comeBack();
    await stage.advance(30_000);
    expect(stage.engine.containers.size).toBe(0);
    expect(stage.warden.list()).toEqual([]);
  });
});
