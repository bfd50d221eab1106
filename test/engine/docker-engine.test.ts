/** The engine contract on the real engine. */
import { readFileSync } from 'node:fs';
import { newSandboxId } from '../../gateway/src/base/ids.ts';
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
  devour: 'head -c 200M /dev/zero | tail >/dev/null',
};

const instance = `contract-${newSandboxId()}`;
const seccomp = JSON.stringify(JSON.parse(readFileSync('policies/seccomp/worksheet.json', 'utf8')));
let uid = 240_000;

const planOf = (program: Program) => {
  const request = { sandbox: newSandboxId(), policy: samplePolicy(), uid: uid++, isolation: 'guarded' as const };
  const plan = containerPlan({ ...request, instance, orphanSeconds: 60, cgroupDriver: 'cgroupfs', seccomp });
  return { ...plan, body: { ...plan.body, Entrypoint: ['sh', '-c', SHELL[program]], Cmd: [] } };
};

engineContract('Docker', () => ({
  engine: new DockerEngine(findDockerAddress(process.env).address),
  instance,
  image: 'debian:trixie-slim',
  plan: planOf,
}));
