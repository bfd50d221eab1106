/** The warden's process on the real engine, with the real kernel image. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newSandboxId } from '../../gateway/src/base/ids.ts';
import { Scope } from '../../gateway/src/base/scope.ts';
import { containerPlan, LABELS } from '../../gateway/src/engine/container-plan.ts';
import { findDockerAddress } from '../../gateway/src/engine/docker/address.ts';
import { DockerEngine } from '../../gateway/src/engine/docker/docker-engine.ts';
import { sandboxKey } from '../../gateway/src/sandbox/key.ts';
import { encodeControl } from '../../gateway/src/wire/agent-frames.ts';
import { samplePolicy } from '../contract/sample-policy.ts';
import { EngineProxy } from '../fault/support/engine-proxy.ts';
import { WardenProcess } from '../support/warden-process.ts';

const { address } = findDockerAddress(process.env);
const engine = new DockerEngine(address);
const scope = () => Scope.withDeadline('the call', 60_000);
const containers = async (instance: string) => engine.list({ key: LABELS.instance, value: instance }, scope());
const containerOf = async (id: string) => {
  const [found] = await engine.list({ key: LABELS.sandbox, value: id }, scope());
  return found;
};

/** A running container as a warden of the instance would have made it. */
async function foreign(instance: string): Promise<{ sandbox: string; id: string }> {
  const sandbox = newSandboxId();
  const { cgroupDriver } = await engine.facts(scope());
  const seccomp = readFileSync('policies/seccomp/worksheet.json', 'utf8');
  const policy = samplePolicy({ image: 'carrel-kernel', memory: 256 * 2 ** 20 });
  const request = { sandbox, policy, uid: 246_000, isolation: 'guarded' as const, instance, orphanSeconds: 120 };
  const id = await engine.create(containerPlan({ ...request, cgroupDriver, seccomp }), scope());
  await engine.start(id, scope());
  return { sandbox, id };
}

describe('a warden', () => {
  let warden: WardenProcess;
  let instance: string;

  beforeAll(async () => {
    warden = await WardenProcess.start({ plain: {}, pooled: { pool: { min: 2, refillAt: 2, max: 2 } } });
    instance = await warden.instance;
    await warden.until('the pool is full', async () => (await warden.status()).pools.some(({ ready }) => ready === 2));
  });
  afterAll(() => warden[Symbol.asyncDispose]());

  it('SB5 SB7 opens a sandbox, and removes it when it is closed', async () => {
    const { id, pooled } = await warden.open('w-close', 'plain');
    expect(pooled).toBe(false);
    expect(await containerOf(id)).toMatchObject({ status: 'running' });
    await warden.close(id);
    await warden.until('it is removed', async () => (await containerOf(id)) === undefined);
  });

  it('SB20 SB22 carries the stream to the agent, and a later stream replaces the earlier', async () => {
    const { id } = await warden.open('w-stream', 'pooled');
    const key = sandboxKey(randomBytes(32), id);
    const attach = async (nonce: string) => {
      const socket = await warden.stream(id);
      socket.write(key);
      socket.write(encodeControl({ type: 'attach', nonce, received: 0, journal: 1_000_000 }));
      const wanted = Buffer.from(nonce, 'hex');
      let heard = Buffer.alloc(0);
      for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
        heard = Buffer.concat([heard, chunk]);
        if (heard.includes(wanted)) break;
      }
      return socket;
    };
    const first = await attach('ab'.repeat(32));
    const cut = once(first.resume(), 'close');
    const second = await attach('cd'.repeat(32));
    await cut;
    second.destroy();
    await warden.close(id);
  });

  it('SB31 adopts its sandboxes after SIGKILL: the same containers, the same worksheet, the same pool', async () => {
    const opened = await warden.open('w-kill', 'pooled');
    await warden.until('the pool is full', async () => (await warden.status()).pools.some(({ ready }) => ready === 2));
    const before = (await containers(instance)).map(({ id }) => id).sort();
    expect(await warden.end('SIGKILL')).toBe('SIGKILL');
    await warden.run();
    expect(await warden.open('w-kill', 'pooled')).toEqual(opened);
    expect((await containers(instance)).map(({ id }) => id).sort()).toEqual(before);
    const stream = async () => (await warden.stream(opened.id)).destroy();
    await warden.until('it is attached to again', () =>
      stream().then(
        () => true,
        () => false,
      ),
    );
    await warden.close(opened.id);
  });

  it('SB31 SB12 leaves nothing of starts that SIGKILL cut off', async () => {
    const opens = ['a', 'b', 'c', 'd'].map((name) => warden.open(`w-cut-${name}`, 'plain').catch(() => undefined));
    await warden.until('starts are under way', async () =>
      (await warden.list()).some(({ state }) => state === 'starting'),
    );
    await warden.end('SIGKILL');
    await Promise.all(opens);
    await warden.run();
    await warden.until('only known sandboxes are left', async () => {
      const [made, known] = [await containers(instance), await warden.list()];
      const labels = made.map(({ labels }) => labels[LABELS.sandbox]).sort();
      return (
        labels.join() ===
          known
            .map(({ id }) => id)
            .sort()
            .join() && known.every(({ state }) => state === 'ready' || state === 'claimed')
      );
    });
  });

  it('SB8 SB6 tells the exit of a container, and removes it', async () => {
    const events = warden.events();
    const { id } = await warden.open('w-exit', 'pooled');
    await engine.kill((await containerOf(id))?.id ?? '', scope());
    await warden.until('the exit is told', () => events.some((event) => event.type === 'exit' && event.sandbox === id));
    expect(events).toContainEqual({ type: 'exit', sandbox: id, reason: 'exited', code: 137 });
    await warden.until('it is removed', async () => (await containerOf(id)) === undefined);
  });

  it('SB33 leaves containers of another installation alone', async () => {
    const { id } = await foreign(newSandboxId());
    try {
      await warden.end('SIGKILL');
      await warden.run();
      await warden.open('w-foreign', 'pooled');
      expect(await engine.inspect(id, scope())).toMatchObject({ status: 'running' });
    } finally {
      await engine.remove(id, scope());
    }
  });

  it('WP10 WP20 serves a burst of opens, each with a container of its own', async () => {
    const opened = await Promise.all(
      Array.from({ length: 16 }, (_, index) => warden.open(`w-burst-${index}`, 'plain')),
    );
    expect(new Set(opened.map(({ id }) => id)).size).toBe(16);
    const made = await Promise.all(opened.map(({ id }) => containerOf(id)));
    expect(new Set(made.map((container) => container?.labels[LABELS.uid])).size).toBe(16);
    expect(made.every((container) => container?.status === 'running')).toBe(true);
  });

  it('ends everything at SIGTERM and exits with 0', async () => {
    expect((await containers(instance)).length).toBeGreaterThan(16);
    expect(await warden.end('SIGTERM')).toBe(0);
    expect(await containers(instance)).toEqual([]);
  });
});

it('SB32 keeps a sandbox that no journal knows for a lease, then ends it', async () => {
  await using warden = await WardenProcess.start({ plain: {} }, { CARREL_ORPHAN: '10 s' });
  const instance = await warden.instance;
  await warden.end('SIGKILL');
  /** With a warden there, the moment before it runs would make it a leftover. */
  const { sandbox } = await foreign(instance);
  await warden.run();
  await warden.until('it is known', async () => (await warden.list()).some(({ id }) => id === sandbox));
  expect(await containerOf(sandbox)).toMatchObject({ status: 'running' });
  const events = warden.events();
  await warden.until('it is removed', async () => (await containerOf(sandbox)) === undefined);
  expect(events).toContainEqual({ type: 'exit', sandbox, reason: 'lease' });
});

it('an engine that is not there at the start is named, asked again and used once it answers', async () => {
  if (address.kind !== 'socket') throw new Error('expected an engine at a socket');
  const folder = `/tmp/carrel-proxy-${newSandboxId()}`;
  await using proxy = new EngineProxy(`${folder}.sock`, address.path);
  await using warden = await WardenProcess.start({ plain: {} }, { DOCKER_HOST: `unix://${proxy.path}` });
  await expect(warden.open('w1', 'plain')).rejects.toThrow(proxy.path);
  expect((await warden.status()).engine).toMatchObject({
    available: false,
    message: expect.stringContaining(proxy.path),
  });
  await proxy.start();
  await warden.until('the engine is used', async () => (await warden.status()).engine.available);
  const { id } = await warden.open('w1', 'plain');

  /** It goes away and comes back: the sandbox lives, and is attached to again. */
  await proxy.stop();
  await warden.until('it is noticed', async () => !(await warden.status()).engine.available);
  await expect(warden.stream(id)).rejects.toThrow('503');
  await proxy.start();
  await warden.until('it is attached to again', () =>
    warden.stream(id).then(
      (socket) => Boolean(socket.destroy()),
      () => false,
    ),
  );
  expect(await warden.list()).toMatchObject([{ id, state: 'claimed' }]);
});

it('a second warden on the same data is refused in words, and the first goes on', async () => {
  await using warden = await WardenProcess.start({ plain: {} });
  expect(await warden.another()).toMatchObject({
    code: 78,
    text: expect.stringContaining('a warden is running already at'),
  });
  expect((await warden.status()).engine.available).toBe(true);
});
