/** The engine contract on the real engine. */
import { readFileSync } from 'node:fs';
import { newSandboxId } from '../../gateway/src/base/ids.ts';
import { Scope } from '../../gateway/src/base/scope.ts';
import { containerPlan } from '../../gateway/src/engine/container-plan.ts';
import { findDockerAddress } from '../../gateway/src/engine/docker/address.ts';
import { DockerEngine } from '../../gateway/src/engine/docker/docker-engine.ts';
import { engineContract, type Program } from '../contract/engine-contract.ts';
import { samplePolicy } from '../contract/sample-policy.ts';

const SHELL: Record<Program, string> = {
  echo: 'exec cat',
  exit: 'exit 7',
  complain: 'head -c 10000 /dev/zero | tr "\\0" e >&2; echo done; exec cat',
  count: 'seq 0 999999; exec cat',
  devour: 'head -c 800M /dev/zero | tail >/dev/null',
};

const instance = `contract-${newSandboxId()}`;
const seccomp = JSON.stringify(JSON.parse(readFileSync('policies/seccomp/worksheet.json', 'utf8')));
let uid = 240_000;

const planOf = (program: Program, runtime = 'runc') => {
  const memory = runtime === 'runc' ? 64 * 2 ** 20 : 256 * 2 ** 20;
  const request = {
    sandbox: newSandboxId(),
    policy: samplePolicy({ runtime, memory }),
    uid: uid++,
    isolation: 'guarded' as const,
  };
  const plan = containerPlan({
    ...request,
    instance: `${instance}-${runtime}`,
    orphanSeconds: 60,
    cgroupDriver: 'cgroupfs',
    seccomp,
  });
  return { ...plan, body: { ...plan.body, Entrypoint: ['sh', '-c', SHELL[program]], Cmd: [] } };
};

const engine = new DockerEngine(findDockerAddress(process.env).address);
const { runtimes } = await engine.facts(Scope.withDeadline('asking the engine', 30_000));

for (const runtime of ['runc', 'runsc']) {
  /** gVisor is an engine's choice; where it is not registered there is nothing to test. */
  if (!runtimes.includes(runtime)) continue;
  engineContract(`Docker with ${runtime}`, () => ({
    engine,
    instance: `${instance}-${runtime}`,
    image: 'debian:trixie-slim',
    plan: (program) => planOf(program, runtime),
  }));
}
