/** The engine contract on the fake, and what tests may script beyond it. */
import { describe, expect, it } from 'vitest';
import { engineContract, type Program } from '../../../test/contract/engine-contract.ts';
import { samplePolicy } from '../../../test/contract/sample-policy.ts';
import { CarrelError } from '../base/errors.ts';
import { newSandboxId } from '../base/ids.ts';
import { Scope } from '../base/scope.ts';
import { containerPlan, LABELS } from './container-plan.ts';
import type { FakeProgram } from './fake-container.ts';
import { FakeEngine } from './fake-engine.ts';

const instance = 'fake-contract';
const programs = new Map<string, Program>();

const planOf = (program: Program) => {
  const request = { sandbox: newSandboxId(), policy: samplePolicy(), uid: 240_000, isolation: 'guarded' as const };
  const plan = containerPlan({ ...request, instance, orphanSeconds: 60, cgroupDriver: 'cgroupfs', seccomp: '{}' });
  programs.set(plan.name, program);
  return plan;
};

const scripted =
  (engine: FakeEngine): FakeProgram =>
  (process) => {
    const echo = () => process.onInput((chunk) => void process.write(chunk));
    switch (programs.get(process.plan.name)) {
      case 'exit':
        return process.exit(7);
      case 'complain':
        process.writeError('e'.repeat(10_000));
        void process.write('done\n');
        return echo();
      case 'count':
        return void (async () => {
          for (let n = 0; n < 1_000_000 && !process.ended; n += 1000) {
            await process.write(Array.from({ length: 1000 }, (_, at) => `${n + at}\n`).join(''));
          }
        })();
      case 'devour':
        return engine.outOfMemory(engine.named(process.plan.name)?.id ?? '', { fatal: true });
      default:
        return echo();
    }
  };

engineContract('the fake', () => {
  const engine = new FakeEngine({ images: ['debian:trixie-slim'] });
  engine.program = scripted(engine);
  return { engine, instance, image: 'debian:trixie-slim', plan: planOf };
});

describe('what a test may do to the fake', () => {
  const scope = () => Scope.withDeadline('the call', 5000);
  const started = async () => {
    const engine = new FakeEngine({ images: ['debian:trixie-slim'] });
    const id = await engine.create(planOf('echo'), scope());
    const { stream } = await engine.attach(id, scope());
    await engine.start(id, scope());
    return { engine, id, stream };
  };

  it('a container greets as the agent does and echoes all but keep-alive zeros', async () => {
    const { stream } = await started();
    let text = '';
    stream.on('data', (chunk) => {
      text += chunk;
    });
    stream.write(Buffer.from([0, 0, 104, 105]));
    await expect.poll(() => text).toBe('carrel/1\r\nhi');
  });

  it('a call fails as the hook says', async () => {
    const engine = new FakeEngine();
    engine.hooks.create = () => {
      throw new CarrelError('sandbox_rejected', 'no space left');
    };
    const plan = planOf('echo');
    const known = { ...plan, body: { ...plan.body, Image: 'carrel-kernel' } };
    await expect(engine.create(known, scope())).rejects.toMatchObject({ code: 'sandbox_rejected' });
    expect(engine.calls['create']).toBe(1);
  });

  it('a slow create that comes too late leaves nothing', async () => {
    const engine = new FakeEngine({ images: ['debian:trixie-slim'] });
    const gate = Promise.withResolvers<void>();
    engine.hooks.create = () => gate.promise;
    await expect(engine.create(planOf('echo'), Scope.withDeadline('create', 5))).rejects.toMatchObject({
      code: 'timeout',
    });
    gate.resolve();
    await expect.poll(() => engine.containers.size).toBe(0);
  });

  it('an engine that goes away fails calls, events and streams, and keeps its containers', async () => {
    const { engine, id, stream } = await started();
    const events = engine.events({ key: LABELS.instance, value: instance }, new AbortController().signal);
    const next = events[Symbol.asyncIterator]().next();
    engine.goAway();
    await expect(next).rejects.toMatchObject({ code: 'engine_unavailable' });
    await expect(engine.facts(scope())).rejects.toMatchObject({ code: 'engine_unavailable' });
    expect(stream.destroyed).toBe(true);
    engine.comeBack();
    expect(await engine.inspect(id, scope())).toMatchObject({ status: 'running' });
  });
});
