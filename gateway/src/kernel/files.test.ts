/** When whoever keeps files is asked: before the first message, after cells, before an end (docs/spec/worksheet-files.md). */
import { expect, it } from 'vitest';
import { owner, turns, World } from '../../../test/support/kernel-world.ts';
import type { KernelId } from '../base/ids.ts';
import type { FileKeeper, OpenSandbox } from './contract.ts';

/** Writes down what is asked of it, and answers when it is told to. */
class Keeper implements FileKeeper {
  readonly said: string[] = [];
  readonly sandboxes: OpenSandbox[] = [];
  holds = false;
  #held: (() => void)[] = [];

  prepare(_: string, sandbox: OpenSandbox): Promise<void> {
    this.sandboxes.push(sandbox);
    return this.#say('prepare');
  }

  look(): void {
    this.said.push('look');
  }

  rescue(): Promise<void> {
    return this.#say('rescue');
  }

  answer(): void {
    this.holds = false;
    for (const done of this.#held.splice(0)) done();
  }

  #say(what: string): Promise<void> {
    this.said.push(what);
    return this.holds ? new Promise((done) => this.#held.push(done)) : Promise.resolve();
  }
}

it('WF4 no message reaches a kernel before its files are there; the same after a restart, and with another sandbox', async () => {
  const keeper = new Keeper();
  const world = new World({}, keeper);
  keeper.holds = true;
  const opening = world.open('a');
  await turns();
  expect(world.agent.messages).toEqual([]);
  keeper.answer();
  const { id, client } = await opening;
  keeper.holds = true;
  const restarted = world.registry.restart(owner, id);
  await turns();
  const before = world.agent.messages.length;
  const cell = client.execute('1');
  await turns();
  expect(world.agent.messages).toHaveLength(before);
  keeper.answer();
  await restarted;
  await turns();
  expect(client.story(cell)).toEqual(['status busy', 'execute_reply ok', 'status idle']);

  const [first] = world.warden.sandboxes.keys();
  if (first === undefined) throw new Error('no sandbox');
  keeper.holds = true;
  world.warden.end(first, 'out-of-memory');
  await turns();
  const late = client.execute('2');
  await turns();
  expect(world.agent.requests('execute_request')).toEqual([]);
  keeper.answer();
  await turns();
  expect(client.story(late)).toContain('execute_reply ok');
  expect(keeper.said.filter((word) => word === 'prepare')).toHaveLength(3);
  expect(new Set(keeper.sandboxes.map(({ id: sandbox }) => sandbox)).size).toBe(2);
});

it('WF4 a kernel whose files cannot be put back works without them', async () => {
  const keeper = new Keeper();
  keeper.prepare = () => Promise.reject(new Error('the sandbox is full'));
  const world = new World({}, keeper);
  const { client } = await world.open('a');
  const cell = client.execute('1');
  await turns();
  expect(client.story(cell)).toContain('execute_reply ok');
});

it('WF5 files are looked at once cells have ended and none runs, and each minute of one that does', async () => {
  const keeper = new Keeper();
  const world = new World({}, keeper);
  const { client } = await world.open('a');
  await world.pass(5000);
  expect(keeper.said).toEqual(['prepare']);
  client.execute('1');
  client.execute('2');
  await turns();
  await world.pass(3000);
  expect(keeper.said).toEqual(['prepare', 'look']);
  client.ask('complete_request', { code: 'x', cursor_pos: 1 });
  await turns();
  await world.pass(3000);
  expect(keeper.said).toEqual(['prepare', 'look']);
  world.agent.cells.set('long', () => {});
  client.execute('long');
  await turns();
  await world.pass(57_000);
  expect(keeper.said).toEqual(['prepare', 'look', 'look']);
  await world.pass(60_000);
  expect(keeper.said).toEqual(['prepare', 'look', 'look', 'look']);
});

it.each([
  ['a person', (world: World, id: KernelId) => void world.registry.shutdown(owner, id)],
  ['the policy', (world: World) => world.pass(65_000)],
])('WF5 a sandbox that is ended by %s waits for its files, once', async (_, end) => {
  const keeper = new Keeper();
  const world = new World({ idle: 60_000 }, keeper);
  const { id, client } = await world.open('a');
  keeper.holds = true;
  await end(world, id);
  await turns();
  expect(keeper.said).toEqual(['prepare', 'rescue']);
  expect([world.warden.sandboxes.size, client.closed]).toEqual([1, undefined]);
  keeper.answer();
  await turns();
  expect(world.registry.list(owner)).toEqual([]);
  expect(client.closed?.code).toBe(1000);
});
