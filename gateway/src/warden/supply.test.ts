/** Pools, queue and admission, on the fake engine. */
import { describe, expect, it } from 'vitest';
import { MiB, policy, pool, WardenStage } from '../../../test/support/warden.ts';
import { CarrelError } from '../base/errors.ts';

const rejected = (message: string) => () => {
  throw new CarrelError('sandbox_rejected', message);
};

describe('a burst', () => {
  it('WP10 WP15 of a hundred opens is served in order, few starts at a time, and everybody is told place and wait', async () => {
    const stage = await new WardenStage({ share: { memory: 100 * 64 * MiB, sandboxes: 100 } }).start();
    let running = 0;
    let most = 0;
    const order: string[] = [];
    stage.engine.hooks.create = async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise<void>((done) => void stage.clock.after(100, done));
    };
    stage.engine.hooks.start = () => {
      running -= 1;
    };
    const opens = Array.from({ length: 100 }, (_, index) => stage.open(`w${index}`));
    for (const [index, opening] of opens.entries()) void opening.done.then(() => order.push(`w${index}`));
    expect(opens[99]?.queued).toEqual([{ type: 'queued', place: 100, of: 100, expectedMs: 34 * 1500 }]);
    for (let count = 0; count < 120; count += 1) await stage.advance(50);
    expect(order).toEqual(Array.from({ length: 100 }, (_, index) => `w${index}`));
    expect(most).toBeLessThanOrEqual(3);
    const places = opens[99]?.queued.map(({ place }) => place) ?? [];
    expect(places).toEqual([...places].sort((a, b) => b - a));
    expect(places.length).toBeGreaterThan(5);
    expect(opens[99]?.queued.at(-1)?.expectedMs).toBeLessThan(1000);
  });

  it('WP1 a pool that is being filled is not asked for twice', async () => {
    const stage = new WardenStage({ policies: [policy('sample', pool(3))] });
    stage.engine.hooks.create = () => new Promise<void>((done) => void stage.clock.after(1000, done));
    await stage.start();
    await stage.advance(5000);
    expect(stage.poolOf()).toMatchObject({ ready: 3, starting: 0 });
    expect(stage.engine.calls['create']).toBe(4);
  });

  it('WP10 an open is served before pools are filled', async () => {
    const policies = [policy('first', pool(20)), policy('second')];
    const stage = new WardenStage({ policies, share: { memory: 4096 * MiB, sandboxes: 100 } });
    const made: string[] = [];
    stage.engine.hooks.create = async (plan) => {
      made.push(plan.body.Labels['carrel.policy'] ?? 'probe');
      await new Promise<void>((done) => void stage.clock.after(100, done));
    };
    await stage.start();
    await stage.advance(200);
    const opening = stage.open('w1', 'second');
    await stage.advance(300);
    expect(opening.opened.policy).toBe('second');
    expect(made.indexOf('second')).toBeLessThan(10);
  });
});

describe('a pool', () => {
  it('WP2 grows under demand and shrinks when nobody comes', async () => {
    const stage = await new WardenStage({ policies: [policy('sample', pool(1, 6, 6))] }).start();
    await Promise.all(['a', 'b', 'c', 'd'].map((worksheet) => stage.open(worksheet).done));
    await stage.advance(1000);
    expect(stage.poolOf()).toMatchObject({ ready: 4 });
    await stage.advance(6 * 60_000);
    expect(stage.poolOf()).toMatchObject({ ready: 1 });
  });

  it('WP8 is filled again when nobody has come for a moment, or has kept coming', async () => {
    const stage = await new WardenStage({ policies: [policy('sample', pool(12, 12, 12))] }).start();
    await stage.open('a').done;
    await stage.settle();
    expect(stage.poolOf()).toMatchObject({ ready: 11, starting: 0 });
    await stage.advance(1000);
    expect(stage.poolOf()).toMatchObject({ ready: 12 });
    const made = stage.engine.calls['create'] ?? 0;
    for (let count = 0; count < 10; count += 1) {
      await stage.open(`w${count}`).done;
      expect(stage.engine.calls['create']).toBe(made);
      await stage.advance(200);
    }
    await stage.open('last').done;
    await stage.advance(100);
    expect(stage.engine.calls['create']).toBeGreaterThan(made);
  });

  it('WP5 tells why it cannot be filled, asks the engine rarely, and is filled once it can be', async () => {
    const stage = new WardenStage({ policies: [policy('sample', pool(1))] });
    stage.engine.images.clear();
    await stage.start();
    expect(stage.poolOf().trouble).toContain('the image "carrel-kernel"');
    await stage.advance(10 * 60_000);
    expect(stage.engine.calls['create']).toBeLessThan(20);
    stage.engine.images.add('carrel-kernel');
    await stage.advance(60_000);
    expect(stage.poolOf()).toEqual({ policy: 'sample', ready: 1, starting: 0, min: 1, max: 1, waiting: 0 });
    expect(stage.events.filter((event) => event.type === 'pool').at(-1)).toMatchObject({ pool: { ready: 1 } });
  });

  it('WP6 a runtime that the engine lacks is told, and opens are refused with its name', async () => {
    const stage = await new WardenStage({ policies: [policy('sample', { runtime: 'runsc', ...pool(2) })] }).start();
    const why = 'the policy sample asks for the runtime "runsc", the engine has runc';
    expect(stage.poolOf()).toMatchObject({ ready: 0, starting: 0, trouble: why });
    await expect(stage.open('w1').done).rejects.toThrow(why);
    expect(stage.engine.calls['create']).toBeUndefined();
  });

  it('SB24 replaces members that have exited or lost their stream', async () => {
    const stage = await new WardenStage({ policies: [policy('sample', pool(2))] }).start();
    const [first, second] = stage.warden.list();
    if (first === undefined || second === undefined) throw new Error('no pool');
    stage.containerOf(first).exit(1);
    stage.containerOf(second).cutStreams();
    await stage.settle();
    const now = stage.warden.list();
    expect(now).toHaveLength(2);
    expect(now.map(({ id }) => id)).not.toContain(first.id);
    expect(now.map(({ id }) => id)).not.toContain(second.id);
    expect(stage.engine.containers.size).toBe(2);
  });

  it('SB40 renews members whose life is over', async () => {
    const stage = await new WardenStage({ policies: [policy('sample', { life: 60_000, ...pool(1) })] }).start();
    const before = stage.warden.list()[0]?.id;
    await stage.advance(61_000);
    expect(stage.warden.list()).toMatchObject([{ state: 'ready' }]);
    expect(stage.warden.list()[0]?.id).not.toBe(before);
  });

  it('SB25 keeps its members alive with zeros, and does not write into a stream that somebody has', async () => {
    const zeros = new Map<string, number>();
    const program = (process: import('../engine/fake-container.ts').FakeProcess) => {
      void process.write('carrel/1 \r\n');
      process.onInput((chunk) => void zeros.set(process.plan.name, (zeros.get(process.plan.name) ?? 0) + chunk.length));
    };
    const stage = await new WardenStage({ policies: [policy('sample', pool(2))], program }).start();
    const { id } = await stage.open('w1').done;
    await stage.advance(10 * 60_000 - 100_000);
    const member = stage.warden.list().find((sandbox) => sandbox.worksheet === undefined);
    expect(zeros.get(`carrel-${member?.id}`)).toBeGreaterThanOrEqual(8);
    expect(zeros.get(`carrel-${id}`) ?? 0).toBeLessThanOrEqual(1);
  });
});

describe('who waits', () => {
  it('WP14 gives up a place by leaving; what was on its way is ended, or goes to the pool', async () => {
    const stage = await new WardenStage({ policies: [policy('sample')] }).start();
    const gate = Promise.withResolvers<void>();
    stage.engine.hooks.start = () => gate.promise;
    const leaving = new AbortController();
    const first = stage.open('w1', 'sample', leaving.signal);
    await stage.settle();
    leaving.abort();
    await expect(first.done).rejects.toMatchObject({ code: 'gone' });
    expect(stage.poolOf().waiting).toBe(0);
    gate.resolve();
    await stage.settle();
    expect(stage.engine.containers.size).toBe(0);
  });

  it('WP14 a place that two wait at stays when one of them leaves', async () => {
    const stage = await new WardenStage().start();
    const leaving = new AbortController();
    const first = stage.open('w1', 'sample', leaving.signal);
    const second = stage.open('w1');
    leaving.abort();
    await expect(first.done).rejects.toMatchObject({ code: 'gone' });
    await stage.settle();
    expect(second.opened.worksheet).toBe('w1');
  });

  it('WP16 all fail at once where the image is missing', async () => {
    const stage = await new WardenStage().start();
    stage.engine.images.clear();
    const opens = ['a', 'b', 'c'].map((worksheet) => stage.open(worksheet));
    await stage.settle();
    for (const { outcome } of opens) expect(outcome).toMatchObject({ code: 'image_missing' });
    expect(stage.engine.containers.size).toBe(0);
    expect(stage.warden.list()).toEqual([]);
  });

  it('WP16 a start that fails once is made good by another one', async () => {
    let exits = 1;
    const stage = await new WardenStage({
      program: (process) => {
        exits -= 1;
        if (exits >= 0) process.exit(3);
        else void process.write('carrel/1 \r\n');
      },
    }).start();
    const opening = stage.open('w1');
    await stage.settle();
    expect(opening.opened.state).toBe('claimed');
    expect(stage.engine.containers.size).toBe(1);
  });

  it('SB12 WP16 an agent that dies at once is told with status and words, and nothing is left', async () => {
    const stage = await new WardenStage({
      program: (process) => {
        process.writeError('Traceback: no module\n named agent\u001b[31m');
        process.exit(3);
      },
    }).start();
    const opening = stage.open('w1');
    await stage.settle();
    expect(opening.outcome).toMatchObject({
      code: 'sandbox_failed',
      message:
        'no sandbox of the policy sample: expected the sandbox to be ready, got its end with status 3; it says: Traceback: no module named agent [31m',
    });
    expect(stage.engine.containers.size).toBe(0);
  });

  it('SB5 an agent that says nothing is given up after the deadline', async () => {
    const stage = await new WardenStage({ program: () => {} }).start();
    const opening = stage.open('w1');
    await stage.advance(150_000);
    expect(opening.outcome).toMatchObject({
      code: 'sandbox_failed',
      message: 'no sandbox of the policy sample: expected the sandbox to be ready, got no sign of it for 60 s',
    });
    expect(stage.engine.containers.size).toBe(0);
  });

  it('SB12 what the engine rejects was never started and is told in its words', async () => {
    const stage = await new WardenStage({ policies: [policy('sample', pool(1)), policy('other')] }).start();
    stage.engine.hooks.create = rejected('the engine refused to make the container: no space left on device');
    const opening = stage.open('w1', 'other');
    await stage.settle();
    expect(opening.outcome).toMatchObject({
      code: 'sandbox_rejected',
      message: expect.stringContaining('no space left'),
    });
    expect(stage.warden.list()).toHaveLength(1);
  });
});

describe('admission', () => {
  const share = { memory: 256 * MiB, sandboxes: 100 };

  it('WP20 WP22 refuses with the numbers what does not fit, those that are on their way included', async () => {
    const stage = await new WardenStage({ share }).start();
    const opens = ['a', 'b', 'c', 'd', 'e'].map((worksheet) => stage.open(worksheet));
    await stage.settle();
    expect(opens.map(({ outcome }) => outcome instanceof Error)).toEqual([false, false, false, false, true]);
    expect(opens[4]?.outcome).toMatchObject({
      code: 'no_capacity',
      message: 'memory for worksheets: 256 of 256 MiB in use, this one asks 64 MiB',
    });
    stage.warden.close(opens[0]?.opened.id as never);
    const after = stage.open('e');
    await stage.settle();
    expect(after.opened.worksheet).toBe('e');
  });

  it('WP20 the number of sandboxes has a limit too', async () => {
    const stage = await new WardenStage({ share: { memory: 1024 * MiB, sandboxes: 2 } }).start();
    await Promise.all([stage.open('a').done, stage.open('b').done]);
    await expect(stage.open('c').done).rejects.toThrow('sandboxes: 2 of 2 in use');
  });

  it('WP21 pool members of any policy make room for an open, and are not brought back', async () => {
    const policies = [policy('sample', pool(4)), policy('large', { memory: 192 * MiB })];
    const stage = await new WardenStage({ policies, share }).start();
    expect(stage.poolOf()).toMatchObject({ ready: 4 });
    const opening = stage.open('w1', 'large');
    await stage.settle();
    expect(opening.opened.policy).toBe('large');
    await stage.advance(5000);
    expect(stage.poolOf()).toMatchObject({
      ready: 1,
      trouble: 'memory for worksheets: 256 of 256 MiB in use, this one asks 64 MiB',
    });
    expect(stage.warden.status().memory.used).toBe(256 * MiB);
    stage.warden.close(opening.opened.id);
    await stage.advance(5000);
    expect(stage.poolOf()).toEqual({ policy: 'sample', ready: 4, starting: 0, min: 4, max: 4, waiting: 0 });
  });

  it('WP20 a start waits until what was given up is really gone', async () => {
    const policies = [policy('sample', pool(4)), policy('large', { memory: 192 * MiB })];
    const stage = await new WardenStage({ policies, share }).start();
    const gate = Promise.withResolvers<void>();
    stage.engine.hooks.remove = () => gate.promise;
    const opening = stage.open('w1', 'large');
    await stage.advance(3000);
    expect(opening.outcome).toBeUndefined();
    expect([...stage.engine.containers.values()].some(({ plan }) => plan.body.HostConfig.Memory === 192 * MiB)).toBe(
      false,
    );
    gate.resolve();
    await stage.settle();
    expect(opening.opened.policy).toBe('large');
  });
});
