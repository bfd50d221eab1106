/** docs/spec/relay.md, "Who receives what" and "Slow clients and much output", on fake sandboxes. */
import { describe, expect, it } from 'vitest';
import { turns, World } from '../../../test/support/kernel-world.ts';

const wholeCell = ['status busy', 'execute_reply ok', 'status idle'];
const MiB = 2 ** 20;

describe('who receives what', () => {
  it('RL10 RL11 replies and input requests go to the asker, what is published to everybody', async () => {
    const world = new World();
    const { id, client: a } = await world.open('a');
    const b = world.connect(id, 'b');
    world.agent.cells.set('ask', (agent, request) => {
      agent.say('stdin', 'input_request', request, { prompt: '?' });
      agent.print('x', request);
      agent.end(request);
    });
    const cell = a.execute('ask');
    await turns();
    expect(a.story(cell)).toEqual(['status busy', 'input_request', 'stream x', 'execute_reply ok', 'status idle']);
    expect(b.story(cell)).toEqual(['status busy', 'stream x', 'status idle']);
  });

  it('RL10 two clients may choose the same msg_id', async () => {
    const world = new World();
    const { id, client: a } = await world.open('a');
    const b = world.connect(id, 'b');
    world.agent.cells.set('wait', () => {});
    for (const client of [a, b]) client.ask('execute_request', { code: 'wait' }, 'shell', 'same');
    await turns();
    const [first] = world.agent.requests('execute_request');
    if (first !== undefined) world.agent.end(first);
    await turns();
    expect([a, b].map((client) => client.story('same').includes('execute_reply ok'))).toEqual([true, false]);
  });

  it('RL11 the gateway’s own handshake reaches nobody', async () => {
    const world = new World();
    const { client } = await world.open('a');
    await turns();
    expect(world.agent.requests('kernel_info_request')).toHaveLength(1);
    expect(client.everything).toEqual([]);
  });

  it('RL12 a client that comes back receives exactly what it has not confirmed, also of a cell that has ended', async () => {
    const world = new World();
    const { id, client } = await world.open('a');
    world.agent.cells.set('slow', () => {});
    const cell = client.execute('slow');
    await turns();
    const [request] = world.agent.requests('execute_request');
    if (request === undefined) throw new Error('no request');
    world.agent.print('seen ', request);
    await turns();
    client.confirming = false;
    world.agent.print('sent, not confirmed ', request);
    await turns();
    client.leave();
    world.agent.print('missed', request);
    world.agent.end(request);
    await turns();
    const back = world.connect(id, 'a');
    expect(back.story(cell)).toEqual([
      'stream sent, not confirmed ',
      'stream missed',
      'execute_reply ok',
      'status idle',
    ]);
    await turns();
    back.leave();
    expect(world.connect(id, 'a').everything).toEqual([]);
  });

  it('RL13 a new client receives what nobody has confirmed of the cell that runs, and nothing of ended ones', async () => {
    const world = new World();
    const { id, client } = await world.open('a');
    world.agent.cells.set('long', () => {});
    client.execute('short');
    await turns();
    const long = client.execute('long');
    await turns();
    client.leave();
    const request = world.agent.requests('execute_request')[1];
    if (request === undefined) throw new Error('no request');
    world.agent.print('while away', request);
    await turns();
    expect(world.connect(id, 'new').everything).toEqual(['stream while away']);
    world.agent.end(request);
    await turns();
    expect(world.connect(id, 'late').everything).toEqual([]);
    expect(world.connect(id, undefined).everything).toEqual([]);
    expect(world.connect(id, 'a').story(long)).toEqual(['stream while away', 'execute_reply ok', 'status idle']);
  });

  it('RL13 RL15 what a cell writes while no session is known at all is for the first that comes', async () => {
    const world = new World();
    const { id, client } = await world.open();
    world.agent.cells.set('long', () => {});
    const cell = client.execute('long');
    await turns();
    client.leave();
    const [request] = world.agent.requests('execute_request');
    if (request === undefined) throw new Error('no request');
    world.agent.print('nobody there', request);
    await turns();
    expect(world.connect(id, 'b').text(cell)).toBe('nobody there');
    expect(world.connect(id, 'c').text(cell)).toBe('');
  });

  it('RL14 a second socket of a session replaces the first', async () => {
    const world = new World();
    const { id, client: old } = await world.open('a');
    const young = world.connect(id, 'a');
    expect(old.closed?.code).toBe(1000);
    const cell = young.execute('1');
    await turns();
    expect(young.story(cell)).toEqual(wholeCell);
    expect(old.everything).toEqual([]);
    old.leave();
    const again = young.execute('2');
    await turns();
    expect(young.story(again)).toEqual(wholeCell);
  });

  it('RL15 keeps 16 absent sessions of a kernel, each for an hour', async () => {
    const world = new World({ idle: 10 * 3_600_000, life: 100 * 3_600_000 });
    const { id, client } = await world.open('asker');
    for (let i = 0; i < 17; i += 1) {
      world.connect(id, `s${i}`).leave();
      await world.pass(1);
    }
    client.execute('1');
    await turns();
    expect(world.connect(id, 's0').everything).toEqual([]);
    expect(world.connect(id, 's1').everything).toEqual(['status busy', 'status idle']);
    await world.pass(3_600_000);
    expect(world.connect(id, 's2').everything).toEqual([]);
  });

  it('RL16 replaces the oldest output of an absent client by a message that counts it, and keeps replies', async () => {
    const world = new World();
    const { id, client } = await world.open('a');
    world.agent.cells.set('flood', () => {});
    const cell = client.execute('flood');
    await turns();
    client.leave();
    const [request] = world.agent.requests('execute_request');
    if (request === undefined) throw new Error('no request');
    for (let i = 0; i < 20; i += 1) {
      world.agent.print(`${i} `.padEnd(MiB, '.'), request);
      await turns();
    }
    world.agent.end(request);
    await turns();
    const story = world.connect(id, 'a').story(cell);
    expect(story[0]).toMatch(/^stream \[Carrel\] \d+ messages \(\d.* MiB\) of output were cut here/);
    const missing = Number(/(\d+) messages/.exec(story[0] ?? '')?.[1]);
    expect(story.filter((line) => /^stream \d+ /.test(line))).toHaveLength(20 - missing);
    expect(story.slice(-2)).toEqual(['execute_reply ok', 'status idle']);
  });

  it('RL17 after a restart of the gateway a client finds what the agent still holds', async () => {
    const world = new World();
    const { id, client } = await world.open('a');
    world.agent.cells.set('long', () => {});
    const cell = client.execute('long');
    await turns();
    const [request] = world.agent.requests('execute_request');
    if (request === undefined) throw new Error('no request');
    client.confirming = false;
    world.agent.print('1 ', request);
    await turns();
    await world.restartGateway();
    world.agent.print('2 ', request);
    world.agent.end(request);
    await turns();
    expect(world.connect(id, 'stranger').everything).toEqual([]);
    const back = world.connect(id, 'a');
    expect(back.story(cell)).toEqual(['stream 1 ', 'stream 2 ', 'execute_reply ok', 'status idle']);
  });

  it('RL18 acknowledges what every client has confirmed', async () => {
    const world = new World();
    const { id, client: a } = await world.open('a');
    const b = world.connect(id, 'b');
    await turns();
    const before = world.agent.acked;
    b.confirming = false;
    a.execute('1');
    await turns();
    expect(world.agent.acked).toBe(before);
    b.confirm();
    await turns();
    b.confirm();
    await turns();
    expect(world.agent.acked).toBe(before + 3);
  });

  it('RL18 an absent client does not hold back what a present one has confirmed, nobody being there does', async () => {
    const world = new World();
    const { id, client: present } = await world.open('a');
    const absent = world.connect(id, 'b');
    await turns();
    const before = world.agent.acked;
    absent.confirming = false;
    present.execute('1');
    await turns();
    absent.leave();
    await turns();
    expect(world.agent.acked).toBe(before + 3);
    let end = () => {};
    world.agent.cells.set('alone', (agent, request) => {
      end = () => agent.end(request);
    });
    present.execute('alone');
    await turns();
    present.leave();
    end();
    await turns();
    expect(world.agent.acked).toBe(before + 4);
  });

  it('RL18 acknowledges the oldest when half of the journal waits, parts of one message too', async () => {
    const world = new World();
    const { client } = await world.open('a');
    client.confirming = false;
    world.agent.cells.set('big', (agent, request) => agent.print('x'.repeat(12 * MiB), request));
    const cell = client.execute('big');
    await turns(60);
    expect(world.agent.acked).toBeGreaterThan(5);
    expect(client.text(cell)).toHaveLength(12 * MiB);
  });
});

describe('slow clients and much output', () => {
  it('RL20 reading pauses while every client is slow, and goes on', async () => {
    const world = new World();
    const { id, client: a } = await world.open('a');
    const b = world.connect(id, 'b');
    world.agent.cells.set('two', (agent, request) => {
      agent.print('1', request);
      setTimeout(() => agent.print('2', request), 1);
    });
    for (const client of [a, b]) client.bufferedAmount = 9 * MiB;
    const cell = a.execute('two');
    await turns(40);
    await new Promise((next) => setTimeout(next, 5));
    await turns();
    expect(a.text(cell)).not.toContain('2');
    b.bufferedAmount = 0;
    await world.pass(100);
    expect(a.text(cell)).toBe('12');
  });

  it('RL21 a client that alone is slow is let go beyond 64 MiB and catches up when it comes back', async () => {
    const world = new World();
    const { id, client: fast } = await world.open('fast');
    const slow = world.connect(id, 'slow');
    slow.confirming = false;
    slow.bufferedAmount = 65 * MiB;
    const cell = fast.execute('1');
    await turns();
    expect(fast.story(cell)).toEqual(wholeCell);
    expect(slow.closed?.code).toBe(1013);
    expect(world.connect(id, 'slow').story(cell)).toEqual(['status busy', 'status idle']);
  });

  it('RL22 output faster than the rate waits and is not lost', async () => {
    const world = new World({ output: { perCell: 64 * MiB, rate: 100_000 } });
    const { client } = await world.open('a');
    world.agent.cells.set('burst', (agent, request) => {
      for (let i = 0; i < 40; i += 1) agent.print('x'.repeat(10_000), request);
      agent.end(request);
    });
    const cell = client.execute('burst');
    await turns(40);
    expect(client.text(cell).length).toBeLessThan(400_000);
    await world.pass(10_000);
    expect(client.text(cell)).toHaveLength(400_000);
    expect(client.story(cell).at(-1)).toBe('status idle');
  });

  it('RL23 a cell beyond its output limit is cut with a word at the place and a count at the end', async () => {
    const world = new World({ output: { perCell: 1000, rate: 100 * MiB } });
    const { client } = await world.open('a');
    world.agent.cells.set('much', (agent, request) => {
      for (let i = 0; i < 4; i += 1) agent.print('x'.repeat(400), request);
      agent.say('iopub', 'comm_msg', request, { data: 'y'.repeat(2000) });
      agent.end(request);
    });
    const cell = client.execute('much');
    await turns();
    const story = client.story(cell).map((line) => line.replace(/x{100,}/, 'x…'));
    expect(story).toEqual([
      'status busy',
      'stream x…',
      'stream x…',
      'stream [Carrel] output limit of policy standard reached: 854 B of this cell were shown, the rest is cut\n',
      'comm_msg',
      'execute_reply ok',
      'stream [Carrel] 854 B in 2 messages of this cell were cut\n',
      'status idle',
    ]);
  });

  it('RL24 a gap is said where it is', async () => {
    const world = new World();
    const { client } = await world.open('a');
    world.agent.cells.set('gap', (agent, request) => {
      agent.print('before', request);
      agent.control({ type: 'gap', messages: 3, bytes: 2048 });
      agent.print('after', request);
    });
    const cell = client.execute('gap');
    await turns();
    expect(client.text(cell)).toMatch(/^before\[Carrel\] 3 messages \(2 KiB\) of output were lost here.*\nafter$/);
  });
});
