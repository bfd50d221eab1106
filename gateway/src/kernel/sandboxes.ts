/** What a kernel asks of sandboxes: open one, connect to it, close it. */
import type { Clock } from '../base/clock.ts';
import { CarrelError } from '../base/errors.ts';
import { type KernelId, type PolicyName, type SandboxId, worksheetOfKernel } from '../base/ids.ts';
import type { Logger } from '../base/ports.ts';
import { Scope } from '../base/scope.ts';
import { AgentLink, type LinkHandlers } from '../sandbox/agent-link.ts';
import { sandboxKey } from '../sandbox/key.ts';
import type { Warden } from '../sandbox/warden-client.ts';
import type { SandboxWait } from '../wire/execution-facts.ts';
import type { QueuePatience } from './contract.ts';

/** jupyter_server's gateway clients give up after 42 s (KERNEL_LAUNCH_TIMEOUT + 2); an answer after that leaves an orphan. */
export const START_WITHIN = 38_000;
const CLOSE_WITHIN = 20_000;
/** The engine or the warden may be restarting; milliseconds. */
const REOPEN_FOR = 60_000;
const REOPEN_EVERY = 500;

export interface OpenPatience extends Partial<QueuePatience> {
  /** It is wanted no longer. */
  readonly signal?: AbortSignal;
}

export class Sandboxes {
  readonly #warden: Warden;
  readonly #secret: Buffer;
  readonly #clock: Clock;
  readonly #logger: Logger;

  constructor(warden: Warden, secret: Buffer, clock: Clock, logger: Logger) {
    this.#warden = warden;
    this.#secret = secret;
    this.#clock = clock;
    this.#logger = logger;
  }

  /**
   * Opens one; a result that comes too late is closed again. Throws `timeout` with the place in the queue after `within`
   * milliseconds, and when `signal` aborts: the place is given up then.
   */
  async open(
    policy: PolicyName,
    kernel: KernelId,
    { within = START_WITHIN, told, signal }: OpenPatience = {},
  ): Promise<SandboxId> {
    const scope = Scope.withDeadline('opening a sandbox', within, signal);
    let last: SandboxWait | undefined;
    const work = this.#warden.open(policy, worksheetOfKernel(kernel), scope, (wait) => {
      last = wait;
      told?.(wait);
    });
    try {
      return (await scope.race(work)).id;
    } catch (error) {
      if (!scope.signal.aborted) throw error;
      const givenBack = work.then(
        ({ id }) => this.close(id),
        () => {},
      );
      /** The next one that the same kernel asks for must not be this one. */
      if (signal?.aborted) await givenBack;
      if (last === undefined || signal?.aborted) throw error;
      const message = `no sandbox was free within ${Math.round(within / 1000)} s: place ${last.place} of ${last.of} in the queue; try again`;
      throw new CarrelError('timeout', message, { cause: error });
    }
  }

  /** As `open`, trying again for a minute where that may help. */
  async reopen(policy: PolicyName, kernel: KernelId, wanted: () => boolean): Promise<SandboxId> {
    const until = this.#clock.now() + REOPEN_FOR;
    for (;;) {
      try {
        return await this.open(policy, kernel);
      } catch (error) {
        const retry = error instanceof CarrelError && error.retry && this.#clock.now() < until;
        if (!retry || !wanted()) throw error;
      }
      await new Promise<void>((next) => this.#clock.after(REOPEN_EVERY, next));
    }
  }

  connect(sandbox: SandboxId, rate: number, handlers: LinkHandlers): AgentLink {
    return new AgentLink({
      key: sandboxKey(this.#secret, sandbox),
      connect: () => this.#warden.stream(sandbox),
      rate,
      clock: this.#clock,
      logger: this.#logger,
      handlers,
    });
  }

  /** Never fails: a sandbox that cannot be closed now belongs to no kernel and is closed when the warden answers again. */
  async close(sandbox: SandboxId): Promise<void> {
    try {
      await this.#warden.close(sandbox, Scope.withDeadline('closing a sandbox', CLOSE_WITHIN));
    } catch (error) {
      this.#logger.warn({ err: error, sandbox }, 'a sandbox could not be closed');
    }
  }
}
