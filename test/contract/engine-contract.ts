/** What every engine does, run on the fake and on the real one. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { Scope } from '../../gateway/src/base/scope.ts';
import { type ContainerPlan, LABELS } from '../../gateway/src/engine/container-plan.ts';
import type { ContainerEvent, Engine } from '../../gateway/src/engine/engine.ts';

/**
 * echo: sends stdin back · exit: ends with status 7 · complain: 10000 bytes of stderr, then `done`, then echo ·
 * count: the numbers 0 to 999999, one a line, then waits · devour: takes memory until it is killed
 */
export type Program = 'echo' | 'exit' | 'complain' | 'count' | 'devour';

export interface EngineUnderTest {
  readonly engine: Engine;
  /** The value of the label `carrel.instance` in all its plans. */
  readonly instance: string;
  readonly image: string;
  plan(program: Program): ContainerPlan;
  dispose?(): Promise<void>;
}

const scope = (ms = 60_000) => Scope.withDeadline('the call under test', ms);
const NOBODY = 'f'.repeat(64);

export function engineContract(name: string, begin: () => EngineUnderTest): void {
  describe(`engine contract on ${name}`, () => {
    const test = begin();
    const { engine } = test;
    const label = { key: LABELS.instance, value: test.instance };

    const removeAll = async () => {
      for (const { id } of await engine.list(label, scope())) await engine.remove(id, scope());
    };
    afterEach(removeAll);
    afterAll(() => test.dispose?.());

    const running = async (program: Program) => {
      const id = await engine.create(test.plan(program), scope());
      const stderr: string[] = [];
      const { stream } = await engine.attach(id, scope(), (text) => stderr.push(text));
      stream.on('error', () => {});
      await engine.start(id, scope());
      return { id, stream, stderr };
    };

    it('tells what it is', async () => {
      const facts = await engine.facts(scope());
      expect(facts.apiVersion).toMatch(/^1\.\d+$/);
      expect(facts.runtimes).toContain(facts.defaultRuntime);
      expect(facts.cpus).toBeGreaterThan(0);
      expect(facts.memoryBytes).toBeGreaterThan(0);
    });

    it('knows the images that it has, and no others', async () => {
      expect(await engine.imageId(test.image, scope())).toMatch(/^sha256:/);
      expect(await engine.imageId('carrel-test/absent:1', scope())).toBeUndefined();
    });

    it('refuses a plan whose image it lacks, and names the image', async () => {
      const plan = test.plan('echo');
      const absent = { ...plan, body: { ...plan.body, Image: 'carrel-test/absent:1' } };
      await expect(engine.create(absent, scope())).rejects.toMatchObject({
        code: 'image_missing',
        message: expect.stringContaining('carrel-test/absent:1'),
      });
    });

    it('makes a container that carries its labels and runs only when started', async () => {
      const plan = test.plan('echo');
      const id = await engine.create(plan, scope());
      expect(await engine.inspect(id, scope())).toEqual({
        id,
        status: 'created',
        labels: expect.objectContaining(plan.body.Labels),
      });
      await engine.start(id, scope());
      expect(await engine.inspect(id, scope())).toMatchObject({ status: 'running' });
    });

    it('lists containers of the label in every state, and none of another', async () => {
      const created = await engine.create(test.plan('echo'), scope());
      const { id: started } = await running('echo');
      const { id: ended } = await running('exit');
      await engine.wait(ended, scope());
      const states = new Map((await engine.list(label, scope())).map((state) => [state.id, state]));
      expect(states.size).toBe(3);
      expect(states.get(created)?.status).toBe('created');
      expect(states.get(started)?.status).toBe('running');
      expect(states.get(ended)).toMatchObject({ status: 'exited', exitCode: 7 });
      expect(await engine.list({ key: LABELS.instance, value: 'nobody' }, scope())).toEqual([]);
    });

    it('takes "already done" as success', async () => {
      const plan = test.plan('echo');
      const id = await engine.create(plan, scope());
      expect(await engine.create(plan, scope())).toBe(id);
      await engine.start(id, scope());
      await engine.start(id, scope());
      await engine.kill(id, scope());
      await engine.kill(id, scope());
      await engine.remove(id, scope());
      await engine.remove(id, scope());
      await engine.kill(id, scope());
      expect(await engine.inspect(id, scope())).toBeUndefined();
    });

    it('says of an unknown container that it is not found', async () => {
      await expect(engine.start(NOBODY, scope())).rejects.toMatchObject({ code: 'not_found' });
      await expect(engine.attach(NOBODY, scope())).rejects.toMatchObject({ code: 'not_found' });
      await expect(engine.wait(NOBODY, scope())).rejects.toMatchObject({ code: 'not_found' });
    });

    it('AD4 counts what a running container uses, and nothing of one that does not run or is not there', async () => {
      const { id } = await running('echo');
      const usage = await engine.usage(id, scope());
      expect(usage?.memory).toBeGreaterThan(0);
      expect(usage?.cpuSeconds).toBeGreaterThanOrEqual(0);
      const { id: ended } = await running('exit');
      await engine.wait(ended, scope());
      expect(await engine.usage(ended, scope())).toBeUndefined();
      expect(await engine.usage(NOBODY, scope())).toBeUndefined();
    });

    it('waits for the end and gives the exit status', async () => {
      const { id } = await running('exit');
      expect(await engine.wait(id, scope())).toBe(7);
      const { id: killed } = await running('echo');
      const end = engine.wait(killed, scope());
      await engine.kill(killed, scope());
      expect(await end).toBe(137);
      expect(await engine.inspect(killed, scope())).toMatchObject({ status: 'exited', exitCode: 137 });
    });

    it('does not wait for a container that was never started', async () => {
      const id = await engine.create(test.plan('echo'), scope());
      await expect(engine.wait(id, scope())).rejects.toMatchObject({ code: 'conflict' });
    });

    it('passes every byte both ways', async () => {
      const { stream } = await running('echo');
      const sent = Buffer.from(Uint8Array.from({ length: 300_000 }, (_, at) => (at * 31) % 256));
      const received: Buffer[] = [];
      const all = new Promise<void>((resolve) => {
        let length = 0;
        stream.on('data', (chunk: Buffer) => {
          received.push(chunk);
          length += chunk.length;
          if (length >= sent.length) resolve();
        });
      });
      stream.write(sent);
      await all;
      expect(Buffer.concat(received).equals(sent)).toBe(true);
    });

    it('lets a container outlive its stream, and attaches to it again', async () => {
      const { id, stream } = await running('echo');
      stream.destroy();
      const { stream: second } = await engine.attach(id, scope());
      second.write('still there\n');
      expect(await read(second, 12)).toBe('still there\n');
    });

    it('ends the stream when the container ends', async () => {
      const { id, stream } = await running('echo');
      const ended = new Promise((resolve) => stream.once('close', resolve));
      stream.resume();
      await engine.kill(id, scope());
      await ended;
    });

    it('gives the first 4 KiB of stderr aside and keeps it out of stdout', async () => {
      const { stream, stderr } = await running('complain');
      expect(await read(stream, 5)).toBe('done\n');
      stream.write('more\n');
      expect(await read(stream, 5)).toBe('more\n');
      expect(stderr.join('')).toBe('e'.repeat(4096));
    });

    it('holds a flood back while nobody reads, and loses nothing of it', async () => {
      const { id, stream } = await running('count');
      await sleep(300);
      let next = 0;
      let rest = '';
      for await (const chunk of stream) {
        const lines = `${rest}${chunk}`.split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) if (Number(line) === next) next++;
        if (lines.length > 0 && Number(lines.at(-1)) !== next - 1) break;
        if (next === 1_000_000) break;
      }
      expect(next).toBe(1_000_000);
      await engine.kill(id, scope());
    });

    it('ends a container whose output nobody reads, once the stream is closed', async () => {
      const { id, stream } = await running('count');
      await sleep(300);
      stream.destroy();
      await engine.kill(id, scope(10_000));
      await engine.remove(id, scope(10_000));
      expect(await engine.inspect(id, scope())).toBeUndefined();
    });

    it('tells what happens, in order, to the containers of the label only', async () => {
      const stop = new AbortController();
      const events = collect(engine, label, stop.signal);
      const others = collect(engine, { key: LABELS.instance, value: 'nobody' }, stop.signal);
      const { id } = await running('exit');
      await engine.wait(id, scope());
      await engine.remove(id, scope());
      await events.until((event) => event.type === 'removed' && event.containerId === id);
      stop.abort();
      expect((await events.all).filter((event) => event.containerId === id)).toEqual([
        { type: 'started', containerId: id },
        { type: 'exited', containerId: id, exitCode: 7 },
        { type: 'removed', containerId: id },
      ]);
      expect(await others.all).toEqual([]);
    });

    it('tells of an out-of-memory kill', async () => {
      const stop = new AbortController();
      const events = collect(engine, label, stop.signal);
      const { id } = await running('devour');
      await events.until((event) => event.type === 'out-of-memory' && event.containerId === id);
      stop.abort();
      await events.all;
    });

    it('ends a call with its scope', async () => {
      const { id } = await running('echo');
      await expect(engine.wait(id, scope(50))).rejects.toMatchObject({ code: 'timeout' });
    });

    it('leaves nothing of a create that was cancelled midway', async () => {
      for (const after of [0, 2, 5, 10, 20]) {
        const cancel = new AbortController();
        const making = engine.create(
          test.plan('echo'),
          Scope.withDeadline('a cancelled create', 60_000, cancel.signal),
        );
        setTimeout(() => cancel.abort(), after);
        const made = await making.catch((error: unknown) => expect(error).toMatchObject({ code: 'timeout' }));
        if (typeof made === 'string') await engine.remove(made, scope());
        await expect.poll(() => engine.list(label, scope()), { timeout: 10_000 }).toEqual([]);
      }
    });
  });
}

/** Reads `length` bytes and leaves the stream paused. */
async function read(stream: NodeJS.ReadableStream, length: number): Promise<string> {
  let text = '';
  await new Promise<void>((resolve) => {
    const take = (chunk: Buffer) => {
      text += chunk.toString('utf8');
      if (text.length < length) return;
      stream.off('data', take);
      stream.pause();
      resolve();
    };
    stream.on('data', take);
    stream.resume();
  });
  return text;
}

function collect(engine: Engine, label: { key: string; value: string }, signal: AbortSignal) {
  const seen: ContainerEvent[] = [];
  let wake = () => {};
  const subscription = engine.events(label, signal);
  const all = (async () => {
    for await (const event of subscription) {
      seen.push(event);
      wake();
    }
    return seen;
  })();
  const until = async (wanted: (event: ContainerEvent) => boolean) => {
    while (!seen.some(wanted)) {
      const { promise, resolve } = Promise.withResolvers<void>();
      wake = resolve;
      await promise;
    }
  };
  return { all, until };
}
