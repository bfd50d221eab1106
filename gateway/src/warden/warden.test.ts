/** Opens, claims and ends, on the fake engine. */
import { describe, expect, it } from 'vitest';
import { MiB, policy, pool, WardenStage } from '../../../test/support/warden.ts';
import { isSandboxId } from '../base/ids.ts';

const gone = { code: 'not_found' };

describe('an open', () => {
  it('makes a sandbox where no pool has one', async () => {
    const stage = await new WardenStage().start();
    const opening = stage.open('w1');
    await stage.settle();
    expect(opening.opened).toMatchObject({ policy: 'sample', worksheet: 'w1', state: 'claimed', pooled: false });
    expect(stage.containerOf(opening.opened).state.status).toBe('running');
    expect(opening.queued[0]).toMatchObject({ type: 'queued', place: 1, of: 1 });
  });

  it('WP7 takes one from the pool without asking the engine anything', async () => {
    const stage = await new WardenStage({ policies: [policy('sample', pool(2))] }).start();
    expect(stage.poolOf()).toMatchObject({ ready: 2, starting: 0 });
    const calls = { ...stage.engine.calls };
    const opening = stage.open('w1');
    await opening.done;
    expect(stage.engine.calls).toEqual(calls);
    expect(opening.opened.pooled).toBe(true);
    expect(opening.queued).toEqual([]);
    await stage.advance(1000);
    expect(stage.poolOf()).toMatchObject({ ready: 2 });
  });

  it('SB30 the claim is written before it is answered, and does not happen when it cannot be written', async () => {
    const stage = await new WardenStage({ policies: [policy('sample', pool(1))] }).start();
    stage.journalFails = true;
    await expect(stage.open('w1').done).rejects.toThrow('the disk is full');
    expect(stage.poolOf()).toMatchObject({ ready: 1 });
    stage.journalFails = false;
    const { id } = await stage.open('w1').done;
    expect(stage.records.at(-1)).toMatchObject({ type: 'claimed', id, worksheet: 'w1' });
  });

  it('WP13 is the same sandbox for the same worksheet, whether it is live or on its way', async () => {
    const stage = await new WardenStage().start();
    const [first, second] = [stage.open('w1'), stage.open('w1')];
    await stage.settle();
    const third = await stage.open('w1').done;
    expect(new Set([first.opened.id, second.opened.id, third.id]).size).toBe(1);
    expect(stage.engine.containers.size).toBe(1);
  });

  it('WP13 another policy for the same worksheet is a conflict, whether it is live or on its way', async () => {
    const stage = await new WardenStage({ policies: [policy('sample'), policy('other')] }).start();
    const first = stage.open('w1');
    const message = 'the worksheet is open with the policy sample, this asks for other';
    await expect(stage.open('w1', 'other').done).rejects.toMatchObject({ code: 'conflict', message });
    await first.done;
    await expect(stage.open('w1', 'other').done).rejects.toMatchObject({ code: 'conflict', message });
  });

  it('names the policy that it does not know', async () => {
    const stage = await new WardenStage().start();
    await expect(stage.open('w1', 'nothing').done).rejects.toThrow('there is no policy nothing');
  });

  it('SB4 never gives a used sandbox to a second worksheet', async () => {
    const stage = await new WardenStage({ policies: [policy('sample', pool(1))] }).start();
    const ids = new Set<string>();
    for (let count = 0; count < 5; count += 1) {
      const { id } = await stage.open(`w${count}`).done;
      ids.add(id);
      stage.warden.close(id);
      await stage.settle();
    }
    expect(ids.size).toBe(5);
  });

  it('every sandbox has a user id of its own', async () => {
    const stage = await new WardenStage({ policies: [policy('sample', pool(3))] }).start();
    await Promise.all(['a', 'b', 'c', 'd'].map((worksheet) => stage.open(worksheet).done));
    await stage.settle();
    const users = [...stage.engine.containers.values()].map((container) => container.plan.body.User);
    expect(new Set(users).size).toBe(users.length);
    expect(users.every((user) => Number(user.split(':')[0]) >= 200_000)).toBe(true);
  });
});

describe('a close', () => {
  it('SB7 ends the container and gives back its memory', async () => {
    const stage = await new WardenStage().start();
    const { id } = await stage.open('w1').done;
    stage.warden.close(id);
    await stage.settle();
    expect(stage.engine.containers.size).toBe(0);
    expect(stage.warden.status()).toMatchObject({ memory: { used: 0 }, sandboxes: { used: 0 } });
    expect(stage.events).toContainEqual({ type: 'exit', sandbox: id, reason: 'closed' });
  });

  it('SB2 of one that has gone is no error', async () => {
    const stage = await new WardenStage().start();
    const { id } = await stage.open('w1').done;
    stage.warden.close(id);
    stage.warden.close(id);
    await stage.settle();
    stage.warden.close(id);
    expect(stage.events.filter((event) => event.type === 'exit')).toHaveLength(1);
    expect(() => stage.warden.checkStream(id)).toThrow(expect.objectContaining(gone));
  });

  it('SB13 is tried again until the engine confirms it', async () => {
    const stage = await new WardenStage().start();
    const { id } = await stage.open('w1').done;
    let failures = 3;
    stage.engine.hooks.remove = () => {
      failures -= 1;
      if (failures >= 0) throw new Error('device busy');
    };
    stage.warden.close(id);
    await stage.settle();
    expect(stage.warden.status().sandboxes.used).toBe(0);
    expect(stage.warden.list()).toMatchObject([{ id, state: 'ending' }]);
    await stage.advance(20_000);
    expect(stage.warden.list()).toEqual([]);
    expect(stage.engine.containers.size).toBe(0);
  });

  it('the same worksheet may be opened again while the old sandbox is still ending', async () => {
    const stage = await new WardenStage().start();
    const { id } = await stage.open('w1').done;
    stage.engine.hooks.remove = () => new Promise(() => {});
    stage.warden.close(id);
    const again = stage.open('w1');
    await stage.settle();
    expect(isSandboxId(again.opened.id)).toBe(true);
    expect(again.opened.id).not.toBe(id);
  });
});

describe('the end of the warden', () => {
  it('ends every sandbox, whatever it is doing, and refuses further opens', async () => {
    const stage = await new WardenStage({ policies: [policy('sample', pool(2))] }).start();
    await stage.open('w1').done;
    const waiting = stage.open('w2', 'sample');
    await waiting.done;
    const late = stage.open('w3');
    const stopped = stage.warden.stop(9000);
    await expect(late.done).rejects.toMatchObject({ code: 'warden_unavailable' });
    expect(await stopped).toBe(0);
    expect(stage.engine.containers.size).toBe(0);
    await expect(stage.open('w4').done).rejects.toMatchObject({ code: 'warden_unavailable' });
  });

  it('does not wait for an engine that hangs', async () => {
    const stage = await new WardenStage().start();
    await stage.open('w1').done;
    stage.engine.hooks.kill = () => new Promise(() => {});
    const stopped = stage.warden.stop(9000);
    await stage.advance(9000);
    expect(await stopped).toBe(1);
  });
});

it('tells what is used of what', async () => {
  const stage = await new WardenStage({ policies: [policy('sample', pool(1))] }).start();
  expect(stage.warden.status()).toEqual({
    engine: { available: true, message: 'fake 1.0.0' },
    memory: { used: 64 * MiB, share: 1024 * MiB },
    sandboxes: { used: 1, share: 100 },
    pools: [{ policy: 'sample', ready: 1, starting: 0, min: 1, max: 1, waiting: 0 }],
  });
});
