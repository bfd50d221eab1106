/** The probe on the real engine, in the kernel image: what it answers agrees with the host's kernel. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { newSandboxId } from '../../gateway/src/base/ids.ts';
import { Scope } from '../../gateway/src/base/scope.ts';
import { LABELS } from '../../gateway/src/engine/container-plan.ts';
import { findDockerAddress } from '../../gateway/src/engine/docker/address.ts';
import { DockerEngine } from '../../gateway/src/engine/docker/docker-engine.ts';
import { IsolationProbe } from '../../gateway/src/engine/isolation-probe.ts';
import { samplePolicy } from '../contract/sample-policy.ts';

const scope = () => Scope.withDeadline('the probe', 60_000);

it('finds the isolation of this host and leaves nothing', async () => {
  const engine = new DockerEngine(findDockerAddress(process.env).address);
  const facts = await engine.facts(scope());
  const instance = `probe-${newSandboxId()}`;
  const finding = await new IsolationProbe(engine).find(
    {
      sandbox: newSandboxId(),
      policy: samplePolicy({ image: 'carrel-kernel' }),
      uid: 247_000,
      isolation: 'guarded',
      instance,
      orphanSeconds: 60,
      cgroupDriver: facts.cgroupDriver,
      seccomp: readFileSync('policies/seccomp/worksheet.json', 'utf8'),
    },
    scope(),
  );
  const [major = 0, minor = 0] = facts.kernelVersion.split('.').map((part) => Number.parseInt(part, 10));
  const tooOld = major < 6 || (major === 6 && minor < 12);
  expect(finding.isolation).toBe(tooOld ? 'split' : finding.landlock >= 6 ? 'guarded' : 'split');
  if (tooOld) expect(finding.landlock).toBeLessThan(6);
  expect(await engine.list({ key: LABELS.instance, value: instance }, scope())).toEqual([]);
});
