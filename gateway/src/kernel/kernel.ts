/**
 * One kernel as its clients see it: joins the process (which may be replaced) with the relay, keeps messages that come too
 * early, and answers what a process leaves unanswered (docs/spec/relay.md, RL30 to RL36).
 */
import type { Clock } from '../base/clock.ts';
import { CarrelError } from '../base/errors.ts';
import type { SandboxId } from '../base/ids.ts';
import type { Logger, Meter } from '../base/ports.ts';
import { Scope } from '../base/scope.ts';
import type { Policy } from '../config/policy.ts';
import { formatSize } from '../config/quantities.ts';
import { JOURNAL } from '../sandbox/agent-link.ts';
import type { AgentControl } from '../wire/agent-control.ts';
import type { KernelMessage } from '../wire/kernel-message.ts';
import type { EndReason } from '../wire/warden-api.ts';
import type { Activity } from './activity.ts';
import type { KernelClient } from './client.ts';
import type { KernelConnection, KernelModel, KernelUsage, OpenSandbox } from './contract.ts';
import { isDead, RESTARTED, SHUT_DOWN } from './failures.ts';
import { Inbox } from './inbox.ts';
import { KernelMemory } from './kernel-memory.ts';
import { KernelProcess, type ProcessHandlers } from './process.ts';
import type { KernelRecord } from './records.ts';
import { Relay } from './relay.ts';
import type { RetentionBudget } from './retention.ts';
import { type Sandboxes, START_WITHIN } from './sandboxes.ts';
import type { Failure } from './server-messages.ts';
import { StatsPace } from './stats-pace.ts';

/** A kernel whose files are not put back within this time runs without them; milliseconds, within START_WITHIN. */
const FILES_WITHIN = 20_000;

export interface KernelOptions {
  readonly record: KernelRecord;
  readonly policy: Policy;
  readonly sandboxes: Sandboxes;
  readonly budget: RetentionBudget;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The record has changed and must be stored. */
  readonly changed: (record: KernelRecord) => void;
  /** Puts files into a sandbox before its kernel gets a message. */
  readonly prepare?: ((sandbox: OpenSandbox) => Promise<void>) | undefined;
  /** The kernel has ended by itself and is to be removed. */
  readonly gone: () => void;
  /** What `usage` answers may be another. */
  readonly used: () => void;
  readonly meter?: Meter | undefined;
}

export class Kernel {
  readonly policy: Policy;
  readonly #options: KernelOptions;
  readonly #relay: Relay;
  readonly #process: KernelProcess;
  readonly #inbox = new Inbox();
  #reason: string | undefined;
  readonly #memory: KernelMemory;
  readonly #pace = new StatsPace();
  /** Whoever waits for the kernel to answer, and the handshake that shows it. */
  #answer: PromiseWithResolvers<void> | undefined;
  #asked: KernelMessage | undefined;
  /** The files of the sandbox are being put back: nothing is sent yet. */
  #preparing: object | undefined;

  /** `restored`: the record was written by an earlier process of the gateway. */
  constructor(options: KernelOptions, restored: boolean) {
    const { policy, clock, budget, record } = options;
    this.#options = options;
    this.policy = policy;
    this.#memory = new KernelMemory(policy);
    this.#relay = new Relay({
      ...{ policy, clock, budget, restored, meter: options.meter },
      lastActivity: record.lastActivity,
      unacknowledged: JOURNAL / 2,
      hooks: {
        acknowledge: (frame) => this.#process.link?.acknowledge(frame),
        pause: (paused) => (paused ? this.#process.link?.pause('clients') : this.#process.link?.resume('clients')),
        ownReply: (message) => this.#ownReply(message),
        succeeded: () => this.#process.succeeded(),
      },
    });
    if (restored) this.#relay.activity.become('busy', clock.now());
    this.#process = new KernelProcess(options, this.#processHandlers());
  }

  get record(): KernelRecord {
    return { ...this.#process.record, lastActivity: this.activity.lastActivity };
  }

  get activity(): Activity {
    return this.#relay.activity;
  }

  get model(): KernelModel {
    const { id, name } = this.#process.record;
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
    return this.#memory.usage;
  }

  /** Resolves once the kernel has answered, fails where it is dead or `scope` ends. */
  async answered(scope: Scope): Promise<void> {
    const { phase } = this.#process;
    if (phase === 'dead' || phase === 'closed')
      throw new CarrelError('kernel_failed', this.#reason ?? 'the kernel has ended');
    if (phase === 'running' && this.#asked === undefined && this.#preparing === undefined) return;
    this.#answer ??= withoutNoise(Promise.withResolvers<void>());
    await scope.race(this.#answer.promise);
  }

  connect(client: KernelClient, session: string | undefined): KernelConnection {
    this.#relay.connect(client, session);
    this.#pace.watched(this.#options.clock.now());
    this.#askStats();
    return {
      receive: (message) => this.#receive(client, message),
      closed: () => {
        this.#relay.disconnect(client);
        this.#askStats();
      },
    };
  }

  interrupt(): void {
    this.#process.interrupt();
  }

  /** Undefined while it has none. */
  get sandbox(): OpenSandbox | undefined {
    const { link, record } = this.#process;
    return link === undefined ? undefined : { id: record.sandbox, files: link.files };
  }

  owns(sandbox: SandboxId): boolean {
    return this.#process.owns(sandbox);
  }

  /** Text to stderr of the cell that runs. */
  notice(text: string): void {
    this.#relay.notice(text);
  }

  /** RL32. Resolves once the new process has answered; what was asked of the old one is answered with `why`. */
  async restart(why: Failure = RESTARTED): Promise<void> {
    if (this.#process.phase === 'closed') throw new CarrelError('gone', 'the kernel has ended');
    this.#relay.muted = true;
    this.#replace(this.#relay.fail(why, true));
    this.#reason = undefined;
    this.#process.restart();
    await this.answered(Scope.withDeadline('the start of the new kernel', START_WITHIN));
  }

  /** The warden says that the sandbox has ended. */
  sandboxEnded(reason: EndReason): void {
    this.#process.sandboxEnded(reason);
  }

  /** The engine saw an out-of-memory kill. */
  outOfMemory(): void {
    this.#process.outOfMemory();
  }

  /** Once in a while. */
  expire(): void {
    this.#relay.expire();
    this.#askStats();
  }

  /** RL34. Ends it for its clients; the sandbox is the caller's to close. */
  close(why: Failure = SHUT_DOWN): void {
    if (this.#process.phase === 'closed') return;
    this.#process.close();
    this.#giveUp(why);
    this.#answer?.reject(new CarrelError('gone', why.evalue));
    this.#relay.close(1000, 'the kernel has ended');
  }

  /** Leaves the sandbox alone: this process of the gateway ends, another one will find it. */
  detach(): void {
    this.#process.close();
  }

  #processHandlers(): ProcessHandlers {
    const relay = this.#relay;
    return {
      message: (message, frame) => relay.fromKernel(message, frame),
      part: (frame, size) => relay.part(frame, size),
      nothing: (frame) => relay.nothing(frame),
      lost: () => relay.notice('a message of output was lost here while the server restarted'),
      settled: () => relay.settled(),
      attached: () => {
        this.#pace.attached();
        this.#askStats();
      },
      told: (body) => this.#told(body),
      running: () => void this.#prepare(),
      died: (why) => {
        relay.muted = false;
        this.#replace(relay.fail(this.#memory.explain(why, true), true));
        relay.announce('restarting');
      },
      dead: (reason, failure) => this.#dead(reason, failure),
      over: (why) => {
        this.close(why);
        this.#options.gone();
      },
      changed: (record) => this.#options.changed({ ...record, lastActivity: this.activity.lastActivity }),
    };
  }

  /** Handshakes that the old process did not answer go to the next one. */
  #replace(repeat: readonly { message: KernelMessage; client: KernelClient }[]): void {
    this.#asked = undefined;
    this.#preparing = undefined;
    this.#memory.forget();
    this.activity.become('restarting', this.#options.clock.now());
    for (const { message, client } of repeat) void this.#inbox.add(client, message);
  }

  #told(body: AgentControl): void {
    if (body.type === 'stats') {
      this.#pace.heard(body, this.#options.clock.now());
      if (this.#memory.heard(body)) void this.#process.send(this.#relay.messages.variablesRequest());
      this.#options.used();
    }
    if (body.type !== 'gap') return;
    const amount = `${body.messages} messages (${formatSize(body.bytes)})`;
    this.#relay.notice(`${amount} of output were lost here while the server was away`);
  }

  async #prepare(): Promise<void> {
    const { prepare, logger, record } = this.#options;
    const { sandbox } = this;
    if (prepare !== undefined && sandbox !== undefined) {
      const mine = {};
      this.#preparing = mine;
      const scope = Scope.withDeadline('putting the files back', FILES_WITHIN);
      await scope
        .race(prepare(sandbox))
        .catch((error) => logger.warn({ err: error, kernel: record.id }, 'a kernel runs without its files'));
      if (this.#preparing !== mine) return;
      this.#preparing = undefined;
      if (this.#process.phase !== 'running') return;
    }
    this.#running();
  }

  #running(): void {
    this.#relay.muted = false;
    if (this.activity.state === 'restarting') this.activity.become('starting', this.#options.clock.now());
    this.#asked = this.#relay.messages.kernelInfoRequest();
    void this.#process.send(this.#asked);
    for (const { client, message, taken } of this.#inbox.takeAll())
      void (this.#forward(client, message) ?? Promise.resolve()).then(taken);
  }

  #ownReply(message: KernelMessage): void {
    if (message.header.msg_type === 'variables_reply') {
      this.#memory.told(message.content);
      this.#options.used();
    }
    if (message.header.msg_type === 'kernel_info_reply') this.#memory.meets(message.content['implementation']);
    if (message.parent.msg_id !== this.#asked?.header.msg_id) return;
    this.#asked = undefined;
    const { state, cell } = this.activity;
    if (state === 'starting' || (state === 'busy' && cell === undefined))
      this.activity.become('idle', this.#options.clock.now());
    this.#answer?.resolve();
    this.#answer = undefined;
  }

  #dead(reason: string, failure: Failure | undefined): void {
    this.#reason = reason;
    this.#relay.muted = false;
    const { ename, evalue } = isDead(reason);
    const { postMortem } = failure === undefined ? {} : this.#memory.explain(failure, false);
    this.#giveUp({ ename, evalue, ...(postMortem === undefined ? {} : { postMortem }) });
    this.#relay.announce('dead');
    this.#answer?.reject(new CarrelError('kernel_failed', reason));
    this.#answer = undefined;
  }

  /** Answers all that was asked and all that waits. */
  #giveUp(why: Failure): void {
    this.#asked = undefined;
    this.activity.become('dead', this.#options.clock.now());
    for (const { client, message, taken } of this.#inbox.takeAll()) {
      this.#relay.asked(client, message);
      taken();
    }
    this.#relay.fail(why, false);
  }

  #receive(client: KernelClient, message: KernelMessage): Promise<void> | undefined {
    if (message.channel === 'iopub' || !this.#relay.isConnected(client)) return undefined;
    this.activity.asked(message, this.#options.clock.now());
    const { phase } = this.#process;
    if (phase === 'running' && this.#preparing === undefined) return this.#forward(client, message);
    if (phase === 'starting' || phase === 'lost' || phase === 'running') return this.#inbox.add(client, message);
    this.#relay.asked(client, message);
    this.#relay.fail(isDead(this.#reason ?? 'it has ended'), false);
    return undefined;
  }

  #forward(client: KernelClient, message: KernelMessage): Promise<void> | undefined {
    this.#relay.asked(client, message);
    return this.#process.send(message);
  }

  #askStats(): void {
    const { link } = this.#process;
    if (link?.attached !== true) return;
    const every = this.#pace.next(
      this.#relay.connections > 0,
      this.activity.state === 'busy',
      this.#options.clock.now(),
    );
    if (every !== undefined) link.control({ type: 'stats', every });
  }
}

/** A failure that nobody waits for yet is no unhandled rejection. */
function withoutNoise<T>(deferred: PromiseWithResolvers<T>): PromiseWithResolvers<T> {
  deferred.promise.catch(() => {});
  return deferred;
}
