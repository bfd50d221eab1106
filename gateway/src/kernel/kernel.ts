/**
 * One kernel: its sandbox, its process in there, and what happens when either ends (docs/spec/relay.md, RL30 to RL39).
 * `wanted` is the generation that should run; whatever the agent says of another one is history.
 */
import type { Clock } from '../base/clock.ts';
import { CarrelError } from '../base/errors.ts';
import type { SandboxId } from '../base/ids.ts';
import type { Logger } from '../base/ports.ts';
import { Scope } from '../base/scope.ts';
import type { Policy } from '../config/policy.ts';
import { formatSize } from '../config/quantities.ts';
import { type AgentLink, JOURNAL, type LinkEnd } from '../sandbox/agent-link.ts';
import type { AgentControl, Exited, Hello, Stats } from '../wire/agent-control.ts';
import type { KernelMessage } from '../wire/kernel-message.ts';
import type { EndReason } from '../wire/warden-api.ts';
import type { KernelClient } from './client.ts';
import type { KernelConnection, KernelModel, KernelUsage } from './contract.ts';
import { isDead, kernelDied, RESTARTED, SHUT_DOWN, sandboxEnded } from './failures.ts';
import { Inbox } from './inbox.ts';
import type { KernelRecord } from './records.ts';
import { Relay } from './relay.ts';
import type { RetentionBudget } from './retention.ts';
import { type Sandboxes, START_WITHIN } from './sandboxes.ts';
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
/** Seconds between `stats` while somebody looks on. */
const STATS_EVERY = 2;

export interface KernelOptions {
  readonly record: KernelRecord;
  readonly policy: Policy;
  readonly sandboxes: Sandboxes;
  readonly budget: RetentionBudget;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The record has changed and must be stored. */
  readonly changed: (record: KernelRecord) => void;
  /** The kernel has ended by itself and is to be removed. */
  readonly gone: () => void;
}

/** `lost`: without a kernel that answers, another one is being made. */
type Phase = 'starting' | 'running' | 'lost' | 'dead' | 'closed';

export class Kernel {
  readonly policy: Policy;
  readonly #options: KernelOptions;
  readonly #relay: Relay;
  readonly #inbox = new Inbox();
  #record: KernelRecord;
  #phase: Phase = 'starting';
  #link: AgentLink | undefined;
  #deaths = 0;
  #reason: string | undefined;
  #stats: Stats | undefined;
  #oomAt = Number.NEGATIVE_INFINITY;
  #interrupting = false;
  #reopening = false;
  /** Whoever waits for the kernel to answer. */
  #answer: PromiseWithResolvers<void> | undefined;
  #asked: KernelMessage | undefined;

  /** `restored`: the record was written by an earlier process of the gateway. */
  constructor(options: KernelOptions, restored: boolean) {
    this.#options = options;
    this.#record = options.record;
    this.policy = options.policy;
    this.#relay = new Relay({
      policy: options.policy,
      clock: options.clock,
      budget: options.budget,
      lastActivity: options.record.lastActivity,
      unacknowledged: JOURNAL / 2,
      restored,
      hooks: {
        acknowledge: (frame) => this.#link?.acknowledge(frame),
        pause: (paused) => (paused ? this.#link?.pause('clients') : this.#link?.resume('clients')),
        ownReply: (message) => this.#ownReply(message),
        succeeded: () => {
          this.#deaths = 0;
        },
      },
    });
    if (restored) this.#relay.activity.become('busy', options.clock.now());
    this.#open();
  }

  get record(): KernelRecord {
    return { ...this.#record, lastActivity: this.#relay.activity.lastActivity };
  }

  get phase(): Phase {
    return this.#phase;
  }

  get activity(): Relay['activity'] {
    return this.#relay.activity;
  }

  get model(): KernelModel {
    const { id, name } = this.#record;
    return {
      id,
      name,
      last_activity: new Date(this.activity.lastActivity).toISOString(),
      execution_state: this.activity.state,
      connections: this.#relay.connections,
      ...(this.#reason === undefined ? {} : { reason: this.#reason }),
    };
  }

  get usage(): KernelUsage | undefined {
    if (this.#stats === undefined) return undefined;
    const { memory, cpu } = this.#stats;
    return { memory, cpu };
  }

  /** Resolves once the kernel has answered, fails where it is dead or `scope` ends. */
  async answered(scope: Scope): Promise<void> {
    if (this.#phase === 'dead' || this.#phase === 'closed')
      throw new CarrelError('kernel_failed', this.#reason ?? 'the kernel has ended');
    if (this.#phase === 'running' && this.#asked === undefined) return;
    this.#answer ??= withoutNoise(Promise.withResolvers<void>());
    await scope.race(this.#answer.promise);
  }

  connect(client: KernelClient, session: string | undefined): KernelConnection {
    this.#relay.connect(client, session);
    this.#askStats();
    return {
      receive: (message) => this.#receive(client, message),
      closed: () => {
        this.#relay.disconnect(client);
        this.#askStats();
      },
    };
  }

  /** Asked again after a broken stream, until the agent has said that it did so. */
  interrupt(): void {
    if (this.#phase !== 'running') return;
    this.#interrupting = true;
    this.#link?.control({ type: 'interrupt', generation: this.#record.generation });
  }

  /** Whether this sandbox is its own, or may become so: one is being opened. */
  owns(sandbox: SandboxId): boolean {
    return this.#record.sandbox === sandbox || this.#reopening;
  }

  /** Text to stderr of the cell that runs. */
  notice(text: string): void {
    this.#relay.notice(text);
  }

  /** Replaces the process; resolves once the new one has answered. What was asked of the old one is answered with `why`. */
  async restart(why: Failure = RESTARTED): Promise<void> {
    if (this.#phase === 'closed') throw new CarrelError('gone', 'the kernel has ended');
    const { clock } = this.#options;
    this.#relay.muted = true;
    this.#ask(this.#relay.fail(why, true));
    this.#link?.clearUnsent();
    this.#relay.activity.become('restarting', clock.now());
    this.#phase = 'lost';
    this.#reason = undefined;
    this.#deaths = 0;
    this.#next();
    await this.answered(Scope.withDeadline('the start of the new kernel', START_WITHIN));
  }

  /** The sandbox has ended; said once or more, by the warden and by the stream. */
  sandboxEnded(reason: EndReason, detail = ''): void {
    if (this.#link === undefined || this.#phase === 'closed' || this.#phase === 'dead') return;
    this.#dropLink();
    const known = reason === 'exited' && this.#oomIsFresh ? 'out-of-memory' : reason;
    if (FINAL.has(known)) {
      this.close(sandboxEnded(known, detail, this.policy, false));
      this.#options.gone();
    } else {
      this.#died(sandboxEnded(known, detail, this.policy, this.#deaths + 1 < MOST_DEATHS));
    }
  }

  /** The engine saw an out-of-memory kill. */
  outOfMemory(): void {
    this.#oomAt = this.#options.clock.now();
  }

  /** Once in a while. */
  expire(): void {
    this.#relay.expire();
  }

  /** Ends it for its clients; the sandbox is the caller's to close. */
  close(why: Failure = SHUT_DOWN): void {
    if (this.#phase === 'closed') return;
    this.#phase = 'closed';
    this.#relay.fail(why, false);
    for (const waiting of this.#inbox.takeAll()) this.#refuse(waiting.client, waiting.message, why, waiting.taken);
    this.#answer?.reject(new CarrelError('gone', why.evalue));
    this.#dropLink();
    this.#relay.activity.become('dead', this.#options.clock.now());
    this.#relay.close(1000, 'the kernel has ended');
  }

  /** Leaves the sandbox alone: this process ends, another one will find it. */
  detach(): void {
    this.#phase = 'closed';
    this.#dropLink();
  }

  #open(): void {
    this.#link = this.#options.sandboxes.connect(this.#record.sandbox, this.policy.output.rate, {
      hello: (hello) => this.#hello(hello),
      message: (message, frame) => this.#relay.fromKernel(message, frame),
      part: (frame, size) => this.#relay.part(frame, size),
      nothing: (frame) => this.#relay.nothing(frame),
      lost: () => this.#relay.notice('a message of output was lost here while the server restarted'),
      control: (body) => this.#control(body),
      settled: () => this.#relay.settled(),
      ended: (why) => this.#linkEnded(why),
    });
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

  #dropLink(): void {
    this.#link?.close();
    this.#link = undefined;
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
      /** Its `exited` comes again right behind this, unless an earlier process has had it. */
      this.#soon(() => this.#died(this.#deathOf(undefined)));
    }
    if (this.#interrupting) this.interrupt();
    this.#askStats();
  }

  #control(body: AgentControl): void {
    if (body.type === 'stats') {
      this.#stats = body;
    } else if (body.type === 'gap') {
      this.#relay.notice(
        `${body.messages} messages (${formatSize(body.bytes)}) of output were lost here while the server was away`,
      );
    } else if ('generation' in body && body.generation === this.#record.generation) {
      if (body.type === 'started') this.#started();
      else if (body.type === 'interrupted') this.#interrupting = false;
      else if (body.type === 'failed') this.#failed(body.reason);
      else if (body.type === 'exited') this.#exited(body);
    }
  }

  #exited(exited: Exited): void {
    if (exited.expected || this.#phase === 'closed' || this.#phase === 'dead') return;
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

  get #oomIsFresh(): boolean {
    return this.#options.clock.now() - this.#oomAt < OOM_FRESH;
  }

  #deathOf(exited: Exited | undefined): Failure {
    return kernelDied(exited, this.#oomIsFresh, this.policy, this.#deaths + 1 < MOST_DEATHS);
  }

  /** RL31: answers what is owed, tells everybody, makes another one, up to five times in a row. */
  #died(failure: Failure): void {
    const { clock, logger } = this.#options;
    logger.info({ kernel: this.#record.id, deaths: this.#deaths + 1 }, `kernel died: ${failure.evalue}`);
    this.#deaths += 1;
    const again = this.#deaths < MOST_DEATHS;
    this.#relay.muted = false;
    const repeat = this.#relay.fail(failure, again);
    if (!again) {
      this.#die(failure.evalue);
      return;
    }
    this.#phase = 'lost';
    this.#relay.activity.become('restarting', clock.now());
    this.#relay.announce('restarting');
    this.#ask(repeat);
    this.#next();
  }

  /** It never answered; nothing was asked of it that is not still waiting. */
  #failed(reason: string): void {
    this.#deaths += 1;
    this.#options.logger.warn({ kernel: this.#record.id, failures: this.#deaths }, reason);
    if (this.#deaths >= MOST_DEATHS) this.#die(reason);
    else this.#next();
  }

  #die(reason: string): void {
    const failure = isDead(reason);
    this.#phase = 'dead';
    this.#reason = reason;
    this.#dropLink();
    void this.#options.sandboxes.close(this.#record.sandbox);
    this.#relay.activity.become('dead', this.#options.clock.now());
    this.#relay.fail(failure, false);
    for (const waiting of this.#inbox.takeAll()) this.#refuse(waiting.client, waiting.message, failure, waiting.taken);
    this.#relay.announce('dead');
    this.#answer?.reject(new CarrelError('kernel_failed', reason));
    this.#answer = undefined;
  }

  /** Makes the next process: in the same sandbox where there is one, otherwise in a new one. */
  #next(): void {
    this.#asked = undefined;
    if (this.#link === undefined) {
      void this.#reopen();
      return;
    }
    const generation = this.#record.generation + 1;
    const { kernel, env } = this.#record;
    this.#store({ generation });
    this.#link.control({ type: 'restart', generation, kernel, env });
    this.#requireStart(this.#link);
  }

  /** RL38: an agent that starts nothing costs its own sandbox. */
  #requireStart(link: AgentLink): void {
    const { generation } = this.#record;
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

  #started(): void {
    this.#phase = 'running';
    this.#interrupting = false;
    this.#relay.muted = false;
    if (this.activity.state === 'restarting') this.activity.become('starting', this.#options.clock.now());
    this.#asked = this.#relay.messages.kernelInfoRequest();
    void this.#link?.send(this.#asked);
    for (const { client, message, taken } of this.#inbox.takeAll()) void this.#forward(client, message).then(taken);
  }

  #ownReply(message: KernelMessage): void {
    if (message.parent.msg_id !== this.#asked?.header.msg_id) return;
    this.#asked = undefined;
    const { state } = this.activity;
    if (state === 'starting' || (state === 'busy' && this.activity.cell === undefined))
      this.activity.become('idle', this.#options.clock.now());
    this.#answer?.resolve();
    this.#answer = undefined;
  }

  async #receive(client: KernelClient, message: KernelMessage): Promise<void> {
    if (message.channel === 'iopub' || !this.#relay.isConnected(client)) return;
    this.activity.asked(message, this.#options.clock.now());
    if (this.#phase === 'running') await this.#forward(client, message);
    else if (this.#phase === 'starting' || this.#phase === 'lost') await this.#inbox.add(client, message);
    else this.#refuse(client, message, isDead(this.#reason ?? 'it has ended'), () => {});
  }

  #forward(client: KernelClient, message: KernelMessage): Promise<void> {
    this.#relay.asked(client, message);
    return this.#link?.send(message) ?? Promise.resolve();
  }

  #refuse(client: KernelClient, message: KernelMessage, why: Failure, taken: () => void): void {
    this.#relay.asked(client, message);
    this.#relay.fail(why, false);
    taken();
  }

  /** Handshakes that the old process did not answer go to the next one. */
  #ask(repeat: readonly { message: KernelMessage; client: KernelClient }[]): void {
    for (const { message, client } of repeat) void this.#inbox.add(client, message);
  }

  #askStats(): void {
    this.#link?.control({ type: 'stats', every: this.#relay.connections > 0 ? STATS_EVERY : 0 });
  }

  #store(change: Partial<KernelRecord>): void {
    this.#record = { ...this.record, ...change };
    this.#options.changed(this.#record);
  }
}

/** A failure that nobody waits for yet is no unhandled rejection. */
function withoutNoise<T>(deferred: PromiseWithResolvers<T>): PromiseWithResolvers<T> {
  deferred.promise.catch(() => {});
  return deferred;
}
