import { expect, it } from 'vitest';
import { samplePolicy } from '../../../test/contract/sample-policy.ts';
import { newSandboxId } from '../base/ids.ts';
import { Scope } from '../base/scope.ts';
import type { PlanRequest } from './container-plan.ts';
import { FakeEngine } from './fake-engine.ts';
import { IsolationProbe } from './isolation-probe.ts';

const scope = () => Scope.withDeadline('the probe', 5000);

const request = (runtime = 'runc'): PlanRequest => ({
  sandbox: newSandboxId(),
  policy: samplePolicy({ runtime }),
  uid: 200_001,
  isolation: 'split',
  instance: 'here',
  orphanSeconds: 600,
  cgroupDriver: 'cgroupfs',
  seccomp: '{}',
});

function engineWhoseProbeEndsWith(status: number): FakeEngine {
  const engine = new FakeEngine({ images: ['debian:trixie-slim'] });
  engine.program = (process) => {
    expect(process.plan.body.Entrypoint?.slice(0, 3)).toEqual(['python3', '-I', '-c']);
    expect(process.plan.body.User).toBe('200001:200001');
    expect(process.plan.body.Labels).not.toHaveProperty('carrel.sandbox');
    process.exit(status);
  };
  return engine;
}

it.each([
  [0, 'split'],
  [5, 'split'],
  [6, 'guarded'],
  [7, 'guarded'],
])('a Landlock ABI of %i means %s', async (abi, isolation) => {
  const engine = engineWhoseProbeEndsWith(abi);
  const finding = await new IsolationProbe(engine).find(request(), scope());
  expect(finding).toMatchObject({ isolation, landlock: abi });
  expect(engine.containers.size).toBe(0);
});

it('gVisor is split without a container', async () => {
  const engine = engineWhoseProbeEndsWith(7);
  expect(await new IsolationProbe(engine).find(request('runsc'), scope())).toMatchObject({ isolation: 'split' });
  expect(engine.calls['create']).toBeUndefined();
});

it('asks once per runtime until it is told to forget', async () => {
  const engine = engineWhoseProbeEndsWith(7);
  const probe = new IsolationProbe(engine);
  await probe.find(request(), scope());
  await probe.find(request(), scope());
  expect(engine.calls['create']).toBe(1);
  probe.forget();
  await probe.find(request(), scope());
  expect(engine.calls['create']).toBe(2);
});

it('an image that cannot run the probe is a failure, not an answer, and leaves nothing', async () => {
  const engine = engineWhoseProbeEndsWith(127);
  await expect(new IsolationProbe(engine).find(request(), scope())).rejects.toMatchObject({ code: 'sandbox_failed' });
  expect(engine.containers.size).toBe(0);
});
