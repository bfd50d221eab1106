/** The machine that the figures were taken on. */
import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { Scope } from '../../gateway/src/base/scope.ts';
import { findDockerAddress } from '../../gateway/src/engine/docker/address.ts';
import { DockerEngine } from '../../gateway/src/engine/docker/docker-engine.ts';

export interface Machine {
  readonly processor: string;
  readonly cores: number;
  /** GiB. */
  readonly memory: number;
  readonly system: string;
  readonly kernel: string;
  readonly engine: string;
  readonly node: string;
  /** Load of the last minute before the first row. */
  readonly load: number;
}

export async function describeMachine(): Promise<Machine> {
  const engine = new DockerEngine(findDockerAddress(process.env).address);
  const facts = await engine.facts(Scope.withDeadline('the engine describes itself', 10_000));
  const [first] = cpus();
  return {
    processor: first?.model ?? 'unknown',
    cores: cpus().length,
    memory: Math.round(totalmem() / 2 ** 30),
    system: distribution(),
    kernel: release(),
    engine: `${facts.name} ${facts.version}, ${facts.defaultRuntime}, cgroup v${facts.cgroupVersion}`,
    node: process.version,
    load: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  };
}

function distribution(): string {
  try {
    const text = readFileSync('/etc/os-release', 'utf8');
    return /^PRETTY_NAME="?([^"\n]*)/m.exec(text)?.[1] ?? process.platform;
  } catch {
    return process.platform;
  }
}
