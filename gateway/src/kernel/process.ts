/**
 * A kernel's process, wherever it runs: its sandbox, its generation in there, and what is done when either ends (docs/spec/relay.md,
 * RL31, RL38, RL39). `generation` of the record is the one that should run; whatever the agent says of another is history.
 */
import type { Clock } from '../base/clock.ts';
import type { SandboxId } from '../base/ids.ts';
import type { Logger } from '../base/ports.ts';
import type { Policy } from '../config/policy.ts';
import type { AgentLink, LinkEnd, LinkHandlers } from '../sandbox/agent-link.ts';
import type { AgentControl, Exited, Hello } from '../wire/agent-control.ts';
import type { KernelMessage } from '../wire/kernel-message.ts';
import type { EndReason } from '../wire/warden-api.ts';
import { kernelDied, sandboxEnded } from './failures.ts';
import type { KernelRecord } from './records.ts';
import type { Sandboxes } from './sandboxes.ts';
import type { Failure } from './server-messages.ts';

/** jupyter_server's KernelRestarter.restart_limit. */
const MOST_DEATHS = 5;
/** How long a death waits for the engine's word that memory ran out, and how long that word stays fresh; milliseconds. */
const OOM_WORD = 120;
const OOM_FRESH = 5000;
/** An agent that was asked for another process has it started by then; half of what a restart may take is left for a new sandbox. */
const RESTART_WITHIN = 19_000;
const SIGKILL = 9;
/** Ends of a sandbox that were decided; no other one is opened. */
const FINAL: ReadonlySet<EndReason> = new Set(['life', 'lease', 'closed', 'shutdown']);

/** `lost`: without a process that answers, another one is being made. */
export type Phase = 'starting' | 'running' | 'lost' | 'dead' | 'closed';

export interface ProcessOptions {
  readonly record: KernelRecord;
  readonly policy: Policy;
  readonly sandboxes: Sandboxes;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface ProcessHandlers extends Pick<LinkHandlers, 'message' | 'part' | 'nothing' | 'lost' | 'settled'> {
  /** The stream is open, for the first time or again. */
  attached(): void;
  /** Controls that are not about the process. */
  told(body: AgentControl): void;
  /** It answers; messages flow from here. */
  running(): void;
  /** It has died and another one is being made. */
  died(why: Failure): void;
  /** It has died too often, or no other one can be made. */
  dead(reason: string, failure?: Failure): void;
  /** Its sandbox was ended on purpose: this kernel is over. */
  over(why: Failure): void;
  /** The record has changed. */
  changed(record: KernelRecord): void;
}

export class KernelProcess {
  readonly #options: ProcessOptions;
  readonly #handlers: ProcessHandlers;
  #record: KernelRecord;
  #phase: Phase = 'starting';
  #link: AgentLink | undefined;
  #deaths = 0;
  #oomAt = Number.NEGATIVE_INFINITY;
  #interrupting = false;
  #reopening = false;

  constructor(options: ProcessOptions, handlers: ProcessHandlers) {
    this.#options = options;
    this.#handlers = handlers;
    this.#record = options.record;
    this.#open();
  }

  get record(): KernelRecord {
    return this.#record;
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** Undefined while there is no sandbox. */
  get link(): AgentLink | undefined {
    return this.#link;
  }

  /** Whether this sandbox is its own, or may become so: one is being opened. */
  owns(sandbox: SandboxId): boolean {
    return this.#record.sandbox === sandbox || this.#reopening;
  }

  /** As `AgentLink.send`; without a link the message is lost with its kernel. */
  send(message: KernelMessage): Promise<void> | undefined {
    return this.#link?.send(message);
  }

  /** Asked again after a broken stream, until the agent has said that it did so. */
  interrupt(): void {
    if (this.#phase !== 'running') return;
    this.#interrupting = true;
    this.#link?.control({ type: 'interrupt', generation: this.#record.generation });
  }

  /** Another process in the place of this one, whatever state it is in. */
  restart(): void {
    this.#link?.clearUnsent();
    this.#phase = 'lost';
    this.#deaths = 0;
    this.#next();
  }

  /** A cell ended well: deaths are counted from here. */
  succeeded(): void {
    this.#deaths = 0;
  }

  /** The engine saw an out-of-memory kill. */
  outOfMemory(): void {
    this.#oomAt = this.#options.clock.now();
  }

  /** The sandbox has ended; said once or more, by the warden and by the stream. */
  sandboxEnded(reason: EndReason, detail = ''): void {
    if (this.#link === undefined || this.#isOver) return;
    this.#dropLink();
    const { policy } = this.#options;
    const known = reason === 'exited' && this.#oomIsFresh ? 'out-of-memory' : reason;
    if (FINAL.has(known)) this.#handlers.over(sandboxEnded(known, detail, policy, false));
    else this.#died(sandboxEnded(known, detail, policy, this.#anotherFollows));
  }

  /** Lets go of the sandbox, which lives on. */
  close(): void {
    this.#phase = 'closed';
    this.#dropLink();
  }

  get #isOver(): boolean {
    return this.#phase === 'closed' || this.#phase === 'dead';
  }

  get #anotherFollows(): boolean {
    return this.#deaths + 1 < MOST_DEATHS;
  }

  get #oomIsFresh(): boolean {
    return this.#options.clock.now() - this.#oomAt < OOM_FRESH;
  }

  #open(): void {
    const { message, part, nothing, lost, settled } = this.#handlers;
    this.#link = this.#options.sandboxes.connect(this.#record.sandbox, this.#options.policy.output.rate, {
      ...{ message, part, nothing, lost, settled },
      hello: (hello) => this.#hello(hello),
      control: (body) => this.#control(body),
      ended: (why) => this.#linkEnded(why),
    });
  }

  #dropLink(): void {
    this.#link?.close();
    this.#link = undefined;
  }

  #linkEnded(why: LinkEnd): void {
    const { sandboxes, logger, clock } = this.#options;
    const { sandbox, id } = this.#record;
    if (why.kind === 'violation') {
      logger.warn({ kernel: id, sandbox }, `a sandbox is closed, its agent broke the rules: ${why.message}`);
      this.sandboxEnded('unhealthy', `its agent broke the rules: ${why.message}`);
      void sandboxes.close(sandbox);
    } else {
      /** The warden's event says why, and comes at about the same time. */
      clock.after(2 * OOM_WORD, () => {
        if (this.#record.sandbox === sandbox) this.sandboxEnded('exited');
      });
    }
  }

  #hello(hello: Hello): void {
    const { generation, kernel, env } = this.#record;
    if (hello.generation > generation) this.#store({ generation: hello.generation });
    if (hello.generation < generation) {
      const type = hello.state === 'starting' || hello.state === 'running' ? 'restart' : 'start';
      this.#link?.control({ type, generation, kernel, env });
    } else if (hello.state === 'running' && this.#phase !== 'running') {
      this.#started();
    } else if (hello.state === 'ended' && (this.#phase === 'running' || this.#phase === 'starting')) {
      /** Its `exited` comes again right behind this, unless an earlier process of the gateway has had it. */
      this.#soon(() => this.#died(this.#deathOf(undefined)));
    }
    if (this.#interrupting) this.interrupt();
    this.#handlers.attached();
  }

  #control(body: AgentControl): void {
    if (!('generation' in body)) this.#handlers.told(body);
    else if (body.generation !== this.#record.generation) return;
    else if (body.type === 'started') this.#started();
    else if (body.type === 'interrupted') this.#interrupting = false;
    else if (body.type === 'failed') this.#failed(body.reason);
    else if (body.type === 'exited') this.#exited(body);
  }

  #started(): void {
    this.#phase = 'running';
    this.#interrupting = false;
    this.#handlers.running();
  }

  #exited(exited: Exited): void {
    if (exited.expected || this.#isOver) return;
    if (exited.oom || exited.signal !== SIGKILL) this.#died(this.#deathOf(exited));
    else this.#soon(() => this.#died(this.#deathOf(exited)));
  }

  /** The engine's event and the agent's word come by different ways: waits for both, unless another process is wanted by then. */
  #soon(task: () => void): void {
    const { generation } = this.#record;
    const link = this.#link;
    this.#options.clock.after(OOM_WORD, () => {
      if (this.#link === link && link !== undefined && this.#record.generation === generation) task();
    });
  }

  #deathOf(exited: Exited | undefined): Failure {
    return kernelDied(exited, this.#oomIsFresh, this.#options.policy, this.#anotherFollows);
  }

  #died(failure: Failure): void {
    const again = this.#anotherFollows;
    this.#deaths += 1;
    this.#options.logger.info({ kernel: this.#record.id, deaths: this.#deaths }, failure.evalue);
    if (!again) {
      this.#die(failure.evalue, failure);
      return;
    }
    this.#phase = 'lost';
    this.#handlers.died(failure);
    this.#next();
  }

  /** It never answered; nothing was asked of it that is not still waiting. */
  #failed(reason: string): void {
    this.#deaths += 1;
    this.#options.logger.warn({ kernel: this.#record.id, failures: this.#deaths }, reason);
    if (this.#deaths >= MOST_DEATHS) this.#die(reason);
    else this.#next();
  }

  #die(reason: string, failure?: Failure): void {
    this.#phase = 'dead';
    this.#dropLink();
    void this.#options.sandboxes.close(this.#record.sandbox);
    this.#handlers.dead(reason, failure);
  }

  /** Makes the next process: in the same sandbox where there is one, otherwise in a new one. */
  #next(): void {
    const link = this.#link;
    if (link === undefined) {
      void this.#reopen();
      return;
    }
    const generation = this.#record.generation + 1;
    const { kernel, env } = this.#record;
    this.#store({ generation });
    link.control({ type: 'restart', generation, kernel, env });
    /** RL38: an agent that starts nothing costs its own sandbox. */
    this.#options.clock.after(RESTART_WITHIN, () => {
      if (this.#phase !== 'lost' || this.#link !== link || this.#record.generation !== generation) return;
      this.#linkEnded({ kind: 'violation', message: `it started no kernel within ${RESTART_WITHIN / 1000} s` });
    });
  }

  async #reopen(): Promise<void> {
    if (this.#reopening) return;
    this.#reopening = true;
    const { sandboxes } = this.#options;
    const wanted = () => this.#phase === 'lost';
    try {
      const sandbox = await sandboxes.reopen(this.#record.policy, this.#record.id, wanted);
      if (wanted()) {
        this.#store({ sandbox, generation: 1 });
        this.#open();
      } else {
        await sandboxes.close(sandbox);
      }
    } catch (error) {
      if (wanted()) this.#die(`no new sandbox could be opened: ${error instanceof Error ? error.message : error}`);
    } finally {
      this.#reopening = false;
    }
  }

  #store(change: Partial<KernelRecord>): void {
    this.#record = { ...this.#record, ...change };
    this.#handlers.changed(this.#record);
  }
}
