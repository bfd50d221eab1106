/**
 * The kernel of one worksheet: found again or started, connected to and connected again, asked. Its id is the worksheet's, so that
 * every process of the gateway finds it (WR8). What happens to it becomes an operation.
 */
import type { Clock, Timer } from '../../base/clock.ts';
import { CarrelError, toCarrelError } from '../../base/errors.ts';
import { isKernelId, type KernelId, type PolicyName, type UserId, type WorksheetId } from '../../base/ids.ts';
import type { Logger } from '../../base/ports.ts';
import type { Kernels, KernelUsage } from '../../kernel/contract.ts';
import type { SandboxWait } from '../../wire/execution-facts.ts';
import type { KernelMessage } from '../../wire/kernel-message.ts';
import { KernelLink, type Outgoing } from './kernel-client.ts';
import { readFailure, readNotice } from './runner-messages.ts';
import type { Happening } from './state.ts';

/** The relay lets a slow client go; it comes back after this time. Milliseconds. */
const COME_BACK = 200;
/** While somebody else starts the kernel of this id. */
const LOOK_AGAIN = 250;
const MOST_LOOKS = 160;
const NORMAL = 1000;
/** A kernel that does not answer a question about code within this time is not waited for; milliseconds. */
const ANSWER_WITHIN = 10_000;
/** A worksheet that waits in the queue says so, and goes on waiting; milliseconds. */
const SANDBOX_WITHIN = 1_800_000;

/** What a kernel is started from: a kernelspec that people choose, and what it stands for. */
export interface KernelChoice {
  readonly policy: PolicyName;
  /** The kernelspec's name as people choose it, and the kernel's in the policy's image. */
  readonly kernelspec: string;
  readonly kernel: string;
}

export interface KernelFacts {
  readonly id: WorksheetId;
  readonly owner: UserId;
  /** Asked at each start. Throws where the owner may not use it (any more), in words that name a way out. */
  readonly choose: () => Promise<KernelChoice>;
}

export interface RunnerKernelOptions extends KernelFacts {
  readonly kernels: Kernels;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly stored: () => Promise<void> | undefined;
  readonly received: (messages: readonly KernelMessage[]) => void;
  readonly happened: (happening: Happening) => void;
  /** Its place in the queue for a sandbox is another one. */
  readonly waits: () => void;
  /** The line is there again; what was sent before may be lost. */
  readonly reconnected: () => void;
}

type Awaited = { readonly run: string | undefined } | { readonly resolve: (content: unknown) => void };

export class RunnerKernel {
  readonly #options: RunnerKernelOptions;
  readonly #id: KernelId;
  readonly #session: string;
  #link: KernelLink | undefined;
  /** Results of an opening that is no longer wanted are not heard. */
  #attempt = 0;
  #opening: Promise<unknown> = Promise.resolve();
  #retry: Timer | undefined;
  #left = false;
  /** Why it is about to end, as the gateway said. */
  #why: string | undefined;
  #waits: SandboxWait | undefined;
  readonly #awaited = new Map<string, Awaited>();

  constructor(options: RunnerKernelOptions) {
    this.#options = options;
    const id: string = options.id;
    if (!isKernelId(id)) throw new CarrelError('internal', `the id of a worksheet is no UUID: ${id}`);
    this.#id = id;
    this.#session = `worksheet-${id}`;
  }

  get session(): string {
    return this.#session;
  }

  /** Whether a kernel of this worksheet lives, or is being made. */
  get isAlive(): boolean {
    return ![undefined, 'dead'].includes(this.#model?.execution_state);
  }

  get usage(): KernelUsage | undefined {
    return this.#model === undefined ? undefined : this.#options.kernels.usage(this.#options.owner, this.#id);
  }

  /** The place in the queue, while it waits for a sandbox. */
  get waits(): SandboxWait | undefined {
    return this.#waits;
  }

  open(): void {
    this.#attempt += 1;
    const attempt = this.#attempt;
    const { happened } = this.#options;
    if (this.isAlive && this.#connect() === 'connected') {
      happened({ op: 'opened', fresh: false });
      return;
    }
    const wanted = () => attempt === this.#attempt && !this.#left;
    this.#opening = this.#find(wanted).then(
      (fresh) => wanted() && happened({ op: 'opened', fresh }),
      (error) => wanted() && happened({ op: 'failed', message: this.#explain(error) }),
    );
  }

  /** Answers the message's id; undefined where no kernel is connected. */
  send(message: Outgoing): string | undefined {
    return this.#link?.ask(message);
  }

  /** Answered by a happening, behind the answers to all that was asked before. */
  probe(run: string | undefined): void {
    const id = this.#link?.ask({ channel: 'shell', type: 'kernel_info_request', content: {} });
    if (id !== undefined) this.#awaited.set(id, { run });
  }

  /** The content of the reply, null where none comes. */
  request(type: 'complete_request' | 'inspect_request', content: object): Promise<unknown> {
    const link = this.#link;
    if (link === undefined) return Promise.resolve(null);
    const { promise, resolve } = Promise.withResolvers<unknown>();
    const id = link.ask({ channel: 'shell', type, content });
    this.#awaited.set(id, { resolve });
    const limit = this.#options.clock.after(ANSWER_WITHIN, () => {
      this.#awaited.delete(id);
      resolve(null);
    });
    return promise.finally(() => limit.cancel());
  }

  interrupt(): void {
    const { kernels, owner, logger } = this.#options;
    kernels
      .interrupt(owner, this.#id)
      .catch((error) => logger.info({ err: error }, 'a worksheet could not be interrupted'));
  }

  restart(): void {
    const { kernels, owner, logger, happened } = this.#options;
    kernels.restart(owner, this.#id).then(
      () => happened({ op: 'answered', run: undefined }),
      (error) => {
        logger.info({ err: error }, 'the kernel of a worksheet did not answer after its restart');
        if (this.isAlive) this.probe(undefined);
        else happened({ op: 'dead', reason: this.#explain(error) });
      },
    );
  }

  async shutdown(): Promise<void> {
    this.#attempt += 1;
    const { kernels, owner, logger, happened } = this.#options;
    try {
      if (this.#model !== undefined) await kernels.shutdown(owner, this.#id);
    } catch (error) {
      logger.warn({ err: error }, 'the kernel of a worksheet could not be ended');
    }
    /** An opening that was cut off gives its sandbox back before another one may begin. */
    await this.#opening;
    happened({ op: 'stopped' });
  }

  /** Takes what is not about a cell; true where it was. */
  take(message: KernelMessage): boolean {
    const { parent, channel, content } = message;
    const type = message.header.msg_type;
    if (parent.msg_id === undefined) {
      this.#about(type, message);
      return true;
    }
    if (parent.session !== this.#session) return true;
    if (type === 'error' || type === 'execute_reply') this.#why = readFailure(content) ?? this.#why;
    const awaited = this.#awaited.get(parent.msg_id);
    if (awaited === undefined) return false;
    if (channel !== 'shell') return true;
    this.#awaited.delete(parent.msg_id);
    if ('resolve' in awaited) awaited.resolve(content);
    else this.#options.happened({ op: 'answered', run: awaited.run });
    return true;
  }

  /** A cell is about to be executed: what was said of an earlier kernel is history. */
  forgetWhy(): void {
    this.#why = undefined;
  }

  /** Everything that was received is in the document. */
  written(): void {
    this.#link?.written();
  }

  /** The kernel lives on; this process's part of it ends. */
  leave(): void {
    this.#left = true;
    this.#retry?.cancel();
    this.#dropLink();
  }

  get #model() {
    const { kernels, owner } = this.#options;
    return kernels.find(owner, this.#id);
  }

  #about(type: string, message: KernelMessage): void {
    const notice = readNotice(message);
    if (notice !== undefined) this.#why = `the sandbox was ended: ${notice}; variables are gone`;
    const state = type === 'status' ? message.content['execution_state'] : undefined;
    if (state === 'restarting')
      this.#options.happened({
        op: 'died',
        reason: this.#why ?? 'the kernel died; variables are lost, the kernel is restarting',
      });
    if (state === 'dead')
      this.#options.happened({ op: 'dead', reason: this.#model?.reason ?? this.#why ?? 'the kernel is dead' });
  }

  /** True where it was started for this. */
  async #find(wanted: () => boolean): Promise<boolean> {
    const { kernels, owner, choose, clock } = this.#options;
    if (this.#model?.execution_state === 'dead') await kernels.shutdown(owner, this.#id);
    let fresh = false;
    if (!this.isAlive && wanted()) {
      const { policy, kernel, kernelspec: name } = await choose();
      const told = (wait: SandboxWait) => {
        this.#waits = wait;
        this.#options.waits();
      };
      const queue = { within: SANDBOX_WITHIN, told };
      const about = { owner, policy, kernel, name, env: {}, id: this.#id };
      if (wanted())
        await kernels.start({ ...about, queue }).finally(() => {
          this.#waits = undefined;
        });
      fresh = true;
    }
    for (let looks = 0; wanted() && looks < MOST_LOOKS; looks += 1) {
      if (this.#connect() === 'connected') return fresh;
      await new Promise<void>((next) => clock.after(LOOK_AGAIN, next));
    }
    throw new CarrelError('timeout', 'the kernel of this worksheet is being started and does not answer');
  }

  /** `starting`: somebody else is starting it. Throws where there is none. */
  #connect(): 'connected' | 'starting' {
    const { kernels, owner, clock, logger, stored, received } = this.#options;
    const closed = (code: number, reason: string) => this.#closed(link, code, reason);
    const link: KernelLink = new KernelLink({
      ...{ session: this.#session, clock, logger, stored, closed },
      received: (messages) => {
        if (this.#link === link) received(messages);
      },
    });
    try {
      const connection = kernels.connect(owner, this.#id, link, this.#session);
      link.attach(connection);
    } catch (error) {
      if (error instanceof CarrelError && error.code === 'conflict') return 'starting';
      throw error;
    }
    this.#dropLink();
    this.#link = link;
    return 'connected';
  }

  #closed(link: KernelLink, code: number, reason: string): void {
    if (this.#link !== link) return;
    this.#dropLink();
    if (code === NORMAL || !this.isAlive) {
      const why = this.#why ?? (this.isAlive ? reason : 'the kernel has ended; variables are gone');
      this.#options.happened({ op: 'gone', reason: why });
    } else {
      this.#comeBack();
    }
  }

  #comeBack(): void {
    const { clock, happened, reconnected } = this.#options;
    this.#retry = clock.after(COME_BACK, () => {
      if (this.#left) return;
      try {
        if (this.#connect() === 'connected') reconnected();
        else this.#comeBack();
      } catch (error) {
        happened({ op: 'gone', reason: this.#explain(error) });
      }
    });
  }

  #dropLink(): void {
    this.#link?.leave();
    this.#link = undefined;
    for (const [id, awaited] of this.#awaited) {
      this.#awaited.delete(id);
      if ('resolve' in awaited) awaited.resolve(null);
    }
  }

  /** What a person may read; what is nobody's business is in the log. */
  #explain(error: unknown): string {
    const known = toCarrelError(error);
    if (known.code === 'internal')
      this.#options.logger.error({ err: error }, 'the kernel of a worksheet was not opened');
    return known.message;
  }
}
