/** Processor time along the whole way of a cell: client, gateway, warden, engine, and the sandbox's own processes. */
import { engineProcess } from '../../setup/engine.ts';
import type { Carrel } from '../../test/support/carrel.ts';
import { PARTS, processesOf } from './containers.ts';
import { cpu } from './processes.ts';

/** Processor time in milliseconds of every process that takes part in the whole path. */
export class Processors {
  readonly #names: readonly string[];
  readonly #pids: readonly (number | undefined)[];

  private constructor(parts: readonly (readonly [string, number | undefined])[]) {
    this.#names = ['client', ...parts.map(([name]) => name)];
    this.#pids = parts.map(([, pid]) => pid);
  }

  static async of(carrel: Carrel, container: string): Promise<Processors> {
    const inside = await processesOf(container);
    const parts = PARTS.flatMap((part) =>
      inside.filter((one) => one.part === part && part !== 'zygote').map(({ pid }) => [part, pid] as const),
    );
    const [gateway, warden] = [await carrel.pid('gateway'), await carrel.pid('warden')];
    return new Processors([['gateway', gateway], ['warden', warden], ['engine', engineProcess()], ...parts]);
  }

  /** Milliseconds that each used while `work` ran. */
  async during(work: () => Promise<unknown>): Promise<(readonly [string, number])[]> {
    const before = await this.#read();
    await work();
    const after = await this.#read();
    return this.#names.map((name, index) => [name, (after[index] ?? 0) - (before[index] ?? 0)] as const);
  }

  async #read(): Promise<number[]> {
    const others = await Promise.all(this.#pids.map(async (pid) => (pid === undefined ? 0 : await cpu(pid))));
    const { user, system } = process.cpuUsage();
    return [(user + system) / 1000, ...others];
  }
}
