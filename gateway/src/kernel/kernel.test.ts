/** docs/spec/relay.md, "Life", on fake sandboxes. */
import { describe, expect, it } from 'vitest';
import { owner, turns, World } from '../../../test/support/kernel-world.ts';
import { CarrelError } from '../base/errors.ts';

const MiB = 2 ** 20;
const oomWord = 200;

async function withCell(world: World) {
  const opened = await world.open('a');
  world.agent.cells.set('long', () => {});
  const cell = opened.client.execute('long');
  await turns();
  return { ...opened, cell };
}

describe('the kernel dies', () => {
  it('RL30 RL31 what it owes is answered, everybody is told, another one works for the same sockets', async () => {
    const world = new World();
    const { id, client, cell } = await withCell(world);
    const other = world.connect(id, 'b');
    const question = client.ask('complete_request', { code: 'x', cursor_pos: 1 });
    await turns();
    world.agent.exit({ signal: 11, detail: 'segmentation fault' });
    await turns();
    expect(client.story(cell)).toEqual([
      'status busy',
      'error KernelDied',
      'execute_reply error KernelDied',
      'status idle',
    ]);
    expect(client.story(question)).toContain('complete_reply ok');
    const error = client.received.find((message) => message.header.msg_type === 'error')?.content;
    expect(error?.['evalue']).toBe(
      'the kernel died: by signal SIGSEGV (segmentation fault); variables are lost, the kernel is restarting',
    );
    expect(other.everything.slice(-2)).toEqual(['status idle', 'status restarting']);
    const again = client.execute('1');
    await turns();
    expect(client.story(again)).toEqual(['status busy', 'execute_reply ok', 'status idle']);
    expect(world.registry.get(owner, id).execution_state).toBe('idle');
    expect(world.agent.controls.filter((body) => body.type === 'restart')).toMatchObject([{ generation: 2 }]);
  });

  it.each([
    ['the agent', (world: World) => world.agent.exit({ oom: true, memory: { peak: 512 * MiB, limit: 512 * MiB } })],
    [
      'the engine, a moment later',
      (world: World) => {
        world.agent.exit({ memory: { peak: 512 * MiB, limit: 512 * MiB } });
        const [sandbox] = world.warden.sandboxes.keys();
        if (sandbox !== undefined) world.warden.emit({ type: 'out-of-memory', sandbox });
      },
    ],
  ])('RL30 out of memory names limit, policy and peak: the word of %s', async (_, die) => {
    const world = new World();
    const { client, cell } = await withCell(world);
    die(world);
    await turns();
    await world.pass(oomWord);
    const reply = client.received.find((message) => message.header.msg_type === 'execute_reply');
    expect(reply?.parent.msg_id).toBe(cell);
    expect(reply?.content).toMatchObject({
      ename: 'OutOfMemory',
      evalue:
        'out of memory: the sandbox reached its limit of 512 MiB (policy standard), the highest use was 512 MiB; variables are lost, the kernel is restarting',
    });
  });

  it('RL31 with its sandbox: a new sandbox is opened', async () => {
    const world = new World();
    const { id, client, cell } = await withCell(world);
    const [first] = world.warden.sandboxes.keys();
    if (first === undefined) throw new Error('no sandbox');
    world.warden.end(first, 'out-of-memory');
    await turns();
    expect(client.story(cell)).toContain('error OutOfMemory');
    expect(client.everything.at(-1)).toBe('status restarting');
    await turns();
    const again = client.execute('1');
    await turns();
    expect(client.story(again)).toContain('execute_reply ok');
    expect([...world.warden.sandboxes.keys()]).not.toContain(first);
    expect(world.records.get(id)).toMatchObject({ generation: 1, sandbox: [...world.warden.sandboxes.keys()][0] });
  });

  it('RL31 an engine that is away for a while is waited for', async () => {
    const world = new World();
    const { client } = await withCell(world);
    const [first] = world.warden.sandboxes.keys();
    world.warden.refusals = [1, 2].map(() => new CarrelError('engine_unavailable', 'restarting'));
    if (first !== undefined) world.warden.end(first, 'engine');
    const cell = client.execute('1');
    await world.pass(5000);
    expect(client.story(cell)).toContain('execute_reply ok');
  });

  it('RL31 five deaths in a row are enough, a cell that ends well starts the count again', async () => {
    const world = new World();
    const { id, client } = await world.open('a');
    world.agent.cells.set('die', (agent) => agent.exit({ code: 3, signal: null }));
    for (let i = 0; i < 4; i += 1) {
      client.execute('die');
      await turns();
    }
    client.execute('fine');
    await turns();
    for (let i = 0; i < 5; i += 1) {
      expect(world.registry.get(owner, id).execution_state).toBe('idle');
      client.execute('die');
      await turns();
    }
    expect(world.registry.get(owner, id)).toMatchObject({ execution_state: 'dead' });
    expect(world.registry.get(owner, id).reason).toMatch(/exit status 3/);
    expect(client.everything.at(-1)).toBe('status dead');
    const late = client.execute('1');
    expect(client.story(late)).toEqual(['error KernelDead', 'execute_reply error KernelDead', 'status idle']);
    expect(world.warden.sandboxes.size).toBe(0);
    await world.registry.restart(owner, id);
    const revived = client.execute('1');
    await turns();
    expect(client.story(revived)).toContain('execute_reply ok');
  });

  it('RL19 "restarting" is not said again to a client that closes its socket on it', async () => {
    const world = new World();
    const { id, client } = await world.open('a');
    client.confirming = false;
    world.agent.exit({ code: 1, signal: null });
    await turns();
    expect(client.everything).toEqual(['status restarting']);
    client.leave();
    expect(world.connect(id, 'a').everything).toEqual([]);
  });

  it('RL30 a cell that has been answered is not answered again, although its threads went on printing', async () => {
    const world = new World();
    const { client } = await world.open('a');
    const cell = client.execute('1');
    await turns();
    const [request] = world.agent.requests('execute_request');
    if (request !== undefined) world.agent.print('late', request);
    await turns();
    expect(client.story(cell)).toEqual(['status busy', 'execute_reply ok', 'status idle', 'stream late']);
    world.agent.exit({ code: 1, signal: null });
    await turns();
    expect(client.story(cell)).toHaveLength(4);
  });

  it('RL30 a cell of before the restart of the gateway is owed an answer, once', async () => {
    const world = new World();
    const { id, client, cell } = await withCell(world);
    const [request] = world.agent.requests('execute_request');
    await world.restartGateway();
    const next = world.connect(id, 'a');
    if (request !== undefined) world.agent.print('goes on', request);
    await turns();
    world.agent.exit({ code: 1, signal: null });
    await turns();
    expect(client.story(cell)).toEqual(['status busy']);
    expect(next.story(cell).slice(-3)).toEqual(['error KernelDied', 'execute_reply error KernelDied', 'status idle']);
  });

  it('RL30 a handshake that the old kernel did not answer is asked of the next one', async () => {
    const world = new World();
    const { client } = await world.open('a');
    world.agent.mute = true;
    const handshake = client.ask('kernel_info_request');
    await turns();
    world.agent.mute = false;
    world.agent.exit({ code: 1, signal: null });
    await turns();
    expect(client.story(handshake)).toEqual(['status busy', 'kernel_info_reply ok', 'status idle']);
  });
});

describe('restart, interrupt, end', () => {
  it('RL32 a restart answers what was asked, sends no status, keeps sockets, hears nothing of the old kernel', async () => {
    const world = new World();
    const { id, client, cell } = await withCell(world);
    const [request] = world.agent.requests('execute_request');
    world.agent.autoStart = false;
    const restarted = world.registry.restart(owner, id);
    if (request !== undefined) world.agent.print('late', request);
    const queued = client.execute('1');
    await turns();
    expect(world.registry.get(owner, id).execution_state).toBe('restarting');
    expect(client.story(cell)).toEqual([
      'status busy',
      'error KernelRestarted',
      'execute_reply error KernelRestarted',
      'status idle',
    ]);
    world.agent.started();
    expect((await restarted).execution_state).toBe('idle');
    await turns();
    expect(client.story(queued)).toEqual(['status busy', 'execute_reply ok', 'status idle']);
    expect(client.everything).not.toContain('status restarting');
    expect(client.closed).toBeUndefined();
  });

  it('RL32 a kernel that fails to start is tried again, then it is dead and says why', async () => {
    const world = new World();
    const { id } = await world.open('a');
    world.agent.autoStart = false;
    const restarted = world.registry.restart(owner, id);
    const failed = expect(restarted).rejects.toThrow(/no such module/);
    for (let generation = 2; generation <= 6; generation += 1) {
      await turns();
      world.agent.control({ type: 'failed', generation, reason: 'no such module' });
    }
    await failed;
    expect(world.registry.get(owner, id)).toMatchObject({ execution_state: 'dead', reason: 'no such module' });
  });

  it('RL38 an agent that starts nothing after a restart costs its sandbox: the restart ends in another one', async () => {
    const world = new World();
    const { id, client } = await world.open('a');
    const silent = world.agent;
    silent.autoStart = false;
    const restarted = world.registry.restart(owner, id);
    await world.pass(18_000);
    expect(world.agent).toBe(silent);
    await world.pass(2000);
    await restarted;
    expect(world.agent).not.toBe(silent);
    expect(world.registry.get(owner, id).execution_state).toBe('idle');
    expect(client.closed).toBeUndefined();
  });

  it('RL33 messages right after the start wait for the kernel', async () => {
    const world = new World();
    world.warden.prepare = (agent) => {
      agent.autoStart = false;
    };
    await world.registry.restore();
    const starting = world.start();
    await turns();
    const [model] = world.registry.list(owner);
    if (model === undefined) throw new Error('not listed');
    expect(model.execution_state).toBe('starting');
    const client = world.connect(model.id, 'a');
    const handshake = client.ask('kernel_info_request');
    const cell = client.execute('1');
    await turns();
    expect(client.everything).toEqual([]);
    world.agent.started();
    await starting;
    await turns();
    expect(client.story(handshake)).toContain('kernel_info_reply ok');
    expect(client.story(cell)).toContain('execute_reply ok');
  });

  it('an interrupt is the kernel’s business; one while the stream is broken comes later', async () => {
    const world = new World();
    const { id } = await withCell(world);
    world.agent.drop();
    await world.registry.interrupt(owner, id);
    await world.pass(1000);
    expect(world.agent.controls.filter((body) => body.type === 'interrupt')).toEqual([
      { type: 'interrupt', generation: 1 },
    ]);
  });

  it('RL34 a kernel that is shut down answers, closes its sockets with 1000, and its sandbox goes', async () => {
    const world = new World();
    const { id, client, cell } = await withCell(world);
    await world.registry.shutdown(owner, id);
    expect(client.story(cell)).toContain('execute_reply error KernelShutDown');
    expect(client.closed?.code).toBe(1000);
    expect(world.gone).toEqual([id]);
    expect([world.warden.sandboxes.size, world.records.size]).toEqual([0, 0]);
    expect(() => world.registry.get(owner, id)).toThrow(/does not exist/);
  });

  it('RL35 what the gateway says carries the session of the kernel', async () => {
    const world = new World();
    const { client } = await withCell(world);
    const session = world.agent.kernelSession;
    world.agent.exit({ code: 1, signal: null });
    await turns();
    const error = client.received.find((message) => message.header.msg_type === 'error');
    expect(error?.header.session).toBe(session);
  });
});

describe('time', () => {
  it('RL37 an idle kernel ends, a busy one does not, whoever is connected', async () => {
    const world = new World({ idle: 60_000, cell: 3_600_000 });
    const { id: idle } = await world.open('a');
    const { id: busy } = await world.start();
    const client = world.connect(busy, 'b');
    world.agent.cells.set('long', () => {});
    client.execute('long');
    await turns();
    await world.pass(61_000);
    expect(world.gone).toEqual([idle]);
    expect(world.registry.get(owner, busy).execution_state).toBe('busy');
  });

  it('RL37 a cell that is too long is interrupted, told so, and at last its kernel is restarted', async () => {
    const world = new World({ cell: 5000, idle: 3_600_000 });
    const { client, cell } = await withCell(world);
    await world.pass(6000);
    expect(client.text(cell)).toContain('the longest run of a cell is 5 s by policy standard; it is interrupted');
    await world.pass(100_000);
    expect(world.agent.controls.filter((body) => body.type === 'interrupt')).toHaveLength(3);
    expect(client.story(cell)).toContain('execute_reply error CellTooLong');
  });

  it('RL37 any kernel ends after its longest life', async () => {
    const world = new World({ life: 10_000 });
    const { client, cell } = await withCell(world);
    await world.pass(11_000);
    expect(client.text(cell)).toContain('longest life, 10 s by policy standard');
    expect(client.closed?.code).toBe(1000);
  });

  it('RL36 polls and handshakes are no activity', async () => {
    const world = new World();
    const { id, client } = await world.open('a');
    await turns();
    const before = world.registry.get(owner, id).last_activity;
    await world.pass(5000);
    client.ask('kernel_info_request');
    client.ask('comm_info_request');
    await turns();
    expect(world.registry.get(owner, id).last_activity).toBe(before);
    client.execute('1');
    await turns();
    expect(world.registry.get(owner, id).last_activity > before).toBe(true);
  });

  it('RL43 the last activity of all kernels is stored together, once a minute at most, and when the gateway ends', async () => {
    const world = new World({ idle: 3_600_000, life: 36_000_000 });
    const clients = [await world.open('a')];
    for (const session of ['b', 'c']) {
      const { id } = await world.start();
      clients.push({ id, client: world.connect(id, session) });
    }
    await world.pass(100_000);
    const { touched, records, clock } = world;
    const before = touched.length;
    for (const { client } of clients) client.execute('1');
    await turns();
    await world.pass(1000);
    expect(touched.slice(before)).toEqual([3]);
    for (const { client } of clients.slice(1)) client.execute('2');
    await turns();
    const last = clock.now();
    await world.pass(58_000);
    expect(touched.slice(before)).toEqual([3]);
    await world.pass(2000);
    expect(touched.slice(before)).toEqual([3, 2]);
    expect(records.get(clients[1]?.id as never)?.lastActivity).toBe(last);
    clients[0]?.client.execute('3');
    await turns();
    const end = clock.now();
    world.registry.detach();
    expect(touched.slice(before)).toEqual([3, 2, 1]);
    expect(records.get(clients[0]?.id as never)?.lastActivity).toBe(end);
  });
});

describe('the gateway starts again', () => {
  it('RL39 finds its kernels, counts them busy until they answer, and closes what belongs to nobody', async () => {
    const world = new World();
    const { id, client } = await withCell(world);
    const { id: lost } = await world.start();
    const lostSandbox = world.records.get(lost)?.sandbox;
    if (lostSandbox !== undefined) world.warden.sandboxes.delete(lostSandbox);
    const stray = await world.warden.open(world.policy.name, 'stray' as never);
    const agent = [...world.warden.agents.values()][0];
    if (agent === undefined) throw new Error('no agent');
    agent.mute = true;
    client.leave();
    world.registry.detach();
    agent.mute = false;
    agent.cells.set('long', () => {});
    await world.restartGateway();
    expect(world.registry.list(owner).map((model) => model.id)).toEqual([id]);
    expect(world.warden.closed).toEqual([stray.id]);
    expect(world.records.has(lost)).toBe(false);
    const back = world.connect(id, 'a');
    const cell = back.execute('1');
    await turns();
    expect(back.story(cell)).toContain('execute_reply ok');
    expect(world.registry.get(owner, id).execution_state).toBe('idle');
  });

  it('RL39 learns by a snapshot that a sandbox ended while nobody listened', async () => {
    const world = new World();
    const { client, cell } = await withCell(world);
    const [sandbox] = world.warden.sandboxes.keys();
    if (sandbox !== undefined) world.warden.sandboxes.delete(sandbox);
    world.warden.snapshot();
    await turns();
    expect(client.story(cell)).toContain('error SandboxEnded');
  });
});

describe('who may', () => {
  it('a person sees and reaches only its own kernels, and no more of them than allowed', async () => {
    const world = new World();
    const { id } = await world.open('a');
    const stranger = 'berta' as typeof owner;
    expect(world.registry.list(stranger)).toEqual([]);
    expect(() => world.registry.get(stranger, id)).toThrow(`Kernel does not exist: ${id}`);
    await expect(world.registry.shutdown(stranger, id)).rejects.toThrow(/does not exist/);
    await world.start();
    await world.start();
    await expect(world.start()).rejects.toThrow('your limit is reached: 3 of 3 kernels are open; shut one down first');
  });

  it('a start that fails leaves nothing', async () => {
    const world = new World();
    await world.registry.restore();
    world.warden.refusals = [new CarrelError('no_capacity', 'memory: 15.5 of 16 GiB in use, this one asks 1')];
    await expect(world.start()).rejects.toThrow('memory: 15.5 of 16 GiB');
    expect([world.registry.list(owner), world.records.size]).toEqual([[], 0]);
  });
});

it('a sandbox that goes while the store is away costs its kernel alone; the next start forgets it', async () => {
  const world = new World();
  const { id } = await world.open('a');
  world.stores = false;
  await world.registry.shutdown(owner, id);
  expect([world.gone, world.records.has(id)]).toEqual([[id], true]);
  world.stores = true;
  await world.restartGateway();
  expect(world.records.has(id)).toBe(false);
});
