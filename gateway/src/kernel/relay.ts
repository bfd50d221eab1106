/**
 * Between one kernel and its clients (docs/spec/relay.md): who gets which message, what is counted and cut, when reading from
 * the sandbox pauses for slow clients, when frames are acknowledged.
 */
import type { Clock } from '../base/clock.ts';
import { type Meter, silentMeter } from '../base/ports.ts';
import type { Policy } from '../config/policy.ts';
import { formatSize } from '../config/quantities.ts';
import type { KernelMessage } from '../wire/kernel-message.ts';
import { Activity } from './activity.ts';
import type { KernelClient } from './client.ts';
import type { ExecutionState } from './contract.ts';
import type { Cut } from './delivery-entry.ts';
import { DeliveryLog } from './delivery-log.ts';
import type { Session } from './delivery-session.ts';
import { FrameLedger } from './frame-ledger.ts';
import { OutputLimits } from './output-limits.ts';
import { Requests } from './requests.ts';
import type { RetentionBudget } from './retention.ts';
import { type Failure, ServerMessages } from './server-messages.ts';

/** A client with more than this waiting is slow, until it is down to the lower mark; bytes. */
const SLOW = 8 * 1024 * 1024;
const CAUGHT_UP = 2 * 1024 * 1024;
/** A client that is slow while others are not is let go beyond this. */
const TOO_SLOW = 64 * 1024 * 1024;
const LOOK_AGAIN = 20;
/** WebSocket close code "try again later": the client comes back and catches up. */
const COME_BACK = 1013;

export interface RelayHooks {
  acknowledge(frame: number): void;
  pause(paused: boolean): void;
  /** A reply to a request that the gateway itself made. */
  ownReply(message: KernelMessage): void;
  /** A cell has ended well: the kernel is of use. */
  succeeded(): void;
}

export interface RelayOptions {
  readonly policy: Pick<Policy, 'name' | 'output'>;
  readonly clock: Clock;
  readonly budget: RetentionBudget;
  readonly hooks: RelayHooks;
  readonly lastActivity: number;
  /** Bytes of frames that may stay unacknowledged. */
  readonly unacknowledged: number;
  /** Clients of an earlier process of the gateway may come back. */
  readonly restored: boolean;
  readonly meter?: Meter | undefined;
}

export class Relay {
  readonly activity: Activity;
  readonly messages = new ServerMessages();
  /** True while a kernel that is being replaced may still talk: nobody hears it. */
  muted = false;
  readonly #options: RelayOptions;
  readonly #meter: Meter;
  readonly #log: DeliveryLog;
  readonly #ledger: FrameLedger;
  readonly #limits: OutputLimits;
  readonly #requests: Requests;
  readonly #sessions = new Map<KernelClient, Session>();
  #partsSize = 0;
  #waiting = false;
  #acknowledging = false;

  constructor(options: RelayOptions) {
    this.#options = options;
    this.#meter = options.meter ?? silentMeter;
    this.#requests = new Requests(options.restored);
    this.activity = new Activity(options.lastActivity);
    this.#limits = new OutputLimits(options.policy.output.perCell);
    this.#ledger = new FrameLedger(options.unacknowledged);
    const hooks = {
      delivered: (frame: number) => this.#done(frame),
      cutNotice: (cut: Cut) =>
        this.messages.notice(
          cut.rawParent,
          `${cut.messages} messages (${formatSize(cut.bytes)}) of output were cut here: more was written while you were away than is kept`,
        ),
    };
    this.#log = new DeliveryLog(hooks, options.budget, options.restored, options.clock.now());
  }

  get connections(): number {
    return this.#sessions.size;
  }

  connect(client: KernelClient, id: string | undefined): void {
    const old = id === undefined ? undefined : this.#log.named(id)?.client;
    if (old !== undefined) this.#sessions.delete(old);
    this.#sessions.set(client, this.#log.connect(client, id, this.#options.clock.now()));
    this.settled();
  }

  disconnect(client: KernelClient): void {
    const session = this.#sessions.get(client);
    if (session === undefined) return;
    this.#sessions.delete(client);
    this.#log.disconnect(session, client, this.#options.clock.now());
  }

  isConnected(client: KernelClient): boolean {
    return this.#sessions.has(client);
  }

  /** A client's message is on its way to the kernel. */
  asked(client: KernelClient, message: KernelMessage): void {
    const session = this.#sessions.get(client);
    if (session !== undefined) this.#requests.asked(message, session.key);
  }

  /** A part of a message that has not ended. */
  part(frame: number, size: number): void {
    this.#partsSize += size;
    this.#ledger.add(frame, size, true);
  }

  fromKernel(message: KernelMessage, frame: number): void {
    this.#ledger.add(frame, Math.max(0, message.size - this.#partsSize));
    this.#partsSize = 0;
    const { session, msg_type: type } = message.header;
    if (this.muted || type === 'iopub_welcome') {
      this.#done(frame);
      return;
    }
    if (message.parent.session === this.messages.own) {
      this.#done(frame);
      this.#learn(session);
      if (message.channel !== 'iopub') this.#options.hooks.ownReply(message);
      return;
    }
    this.#learn(session);
    this.#heard(message);
    if (message.channel === 'iopub') this.#published(message, frame);
    else this.#answered(message, frame);
  }

  /** A frame that carries nothing for anybody. */
  nothing(frame: number): void {
    this.#partsSize = 0;
    this.#ledger.add(frame, 0);
    this.#done(frame);
  }

  /** All that came at once has been handed out. */
  settled(): void {
    this.#log.settle();
    this.#acknowledge();
    this.#watchSlow();
  }

  /** Text to stderr of the cell that runs, or of none. */
  notice(text: string): void {
    const parent = this.activity.cell?.rawHeader ?? Buffer.from('{}');
    this.#log.add(this.messages.notice(parent, text), 'everybody', undefined);
    this.settled();
  }

  /**
   * RL30: every request that the kernel owes an answer gets one. Where another kernel follows, the handshakes are not
   * answered but returned, to be asked again.
   */
  fail(failure: Failure, another: boolean): { message: KernelMessage; client: KernelClient }[] {
    const again: { message: KernelMessage; client: KernelClient }[] = [];
    for (const request of this.#requests.takeAll()) {
      const { asker, message, rawHeader } = request;
      const client = [...this.#sessions].find(([, session]) => session.key === asker)?.[0];
      if (another && message !== undefined && client !== undefined && !request.replied) again.push({ message, client });
      else this.#owe(request, failure, rawHeader);
    }
    this.#log.runs(undefined);
    this.settled();
    return again;
  }

  /** To every client, with an empty parent: no cell is its cause. */
  announce(state: ExecutionState): void {
    this.#log.add(this.messages.status(state), 'everybody', undefined);
    this.settled();
  }

  expire(): void {
    this.#log.expire(this.#options.clock.now());
  }

  close(code: number, reason: string): void {
    for (const client of [...this.#sessions.keys()]) {
      this.disconnect(client);
      client.close(code, reason);
    }
    this.#log.close();
  }

  #heard(message: KernelMessage): void {
    const { clock, policy } = this.#options;
    const { cell } = this.activity;
    this.activity.heard(message, clock.now());
    if (cell !== undefined && this.activity.cell === undefined)
      this.#meter.executed(policy.name, (clock.now() - cell.since) / 1000);
  }

  #learn(session: unknown): void {
    if (typeof session === 'string' && session !== '') this.messages.session = session;
  }

  #published(message: KernelMessage, frame: number): void {
    const { parent } = message;
    const type = message.header.msg_type;
    const cell = parent.msg_id ?? '';
    this.#requests.heardOf(message);
    const state = type === 'status' && message.contentSize < 1000 ? message.content['execution_state'] : undefined;
    if (state === 'busy' && this.activity.cell?.id === cell) this.#log.runs(cell);
    if (state === 'idle') this.#tellCut(cell, message.rawParent);
    const verdict = this.#limits.judge(cell, type, message.contentSize);
    if (verdict === 'pass') {
      this.#log.add(message, 'everybody', frame);
    } else {
      if (verdict !== 'cut') this.#tellLimit(message.rawParent, verdict.firstCut.shown);
      this.#done(frame);
    }
    if (state !== 'idle') return;
    this.#requests.finished(parent, 'idle');
    if (this.activity.cell === undefined) this.#log.runs(undefined);
  }

  #tellLimit(parent: Buffer, shown: number): void {
    const name = this.#options.policy.name;
    const text = `output limit of policy ${name} reached: ${formatSize(shown)} of this cell were shown, the rest is cut`;
    this.#log.add(this.messages.notice(parent, text), 'everybody', undefined);
  }

  #tellCut(cell: string, parent: Buffer): void {
    const cut = this.#limits.end(cell);
    if (cut === undefined) return;
    this.#meter.outputCut(this.#options.policy.name, cut.bytes);
    const text = `${formatSize(cut.bytes)} in ${cut.messages} messages of this cell were cut`;
    this.#log.add(this.messages.notice(parent, text), 'everybody', undefined);
  }

  /** RL10: replies and input requests go to who asked. */
  #answered(message: KernelMessage, frame: number): void {
    const request = this.#requests.find(message.parent);
    const type = message.header.msg_type;
    if (type.endsWith('_reply')) this.#requests.finished(message.parent, 'replied');
    if (type === 'execute_reply' && message.contentSize < 65_536 && message.content['status'] === 'ok')
      this.#options.hooks.succeeded();
    const { session } = message.parent;
    const asker = request?.asker ?? (typeof session === 'string' ? DeliveryLog.keyOf(session) : undefined);
    if (asker === undefined) this.#done(frame);
    else this.#log.add(message, asker, frame);
  }

  #owe(request: ReturnType<Requests['takeAll']>[number], failure: Failure, parent: Buffer): void {
    const { messages } = this;
    if (request.type === 'execute_request' && !request.replied)
      this.#log.add(messages.error(parent, failure), 'everybody', undefined);
    const asker = request.asker ?? this.#askerIn(parent);
    if (!request.replied && asker !== undefined)
      this.#log.add(messages.reply(request.channel, request.type, parent, failure), asker, undefined);
    if (!request.idle) this.#log.add(messages.status('idle', parent), 'everybody', undefined);
  }

  #askerIn(rawHeader: Buffer): string | undefined {
    const header: unknown = JSON.parse(rawHeader.toString('utf8'));
    const session = header !== null && typeof header === 'object' && 'session' in header ? header.session : undefined;
    return typeof session === 'string' ? DeliveryLog.keyOf(session) : undefined;
  }

  #done(frame: number): void {
    this.#ledger.done(frame);
    if (this.#acknowledging) return;
    this.#acknowledging = true;
    queueMicrotask(() => {
      this.#acknowledging = false;
      this.#acknowledge();
    });
  }

  #acknowledge(): void {
    const frame = this.#ledger.advance();
    if (frame !== undefined) this.#options.hooks.acknowledge(frame);
  }

  /** RL20, RL21 */
  #watchSlow(): void {
    if (this.#waiting) return;
    const clients = [...this.#sessions.keys()];
    const slow = clients.filter((client) => client.bufferedAmount > SLOW);
    if (slow.length === 0) return;
    if (slow.length < clients.length) {
      for (const client of slow) if (client.bufferedAmount > TOO_SLOW) this.#letGo(client);
      return;
    }
    this.#waiting = true;
    this.#options.hooks.pause(true);
    this.#awaitRoom();
  }

  #awaitRoom(): void {
    this.#options.clock.after(LOOK_AGAIN, () => {
      const clients = [...this.#sessions.keys()];
      if (clients.length > 0 && !clients.some((client) => client.bufferedAmount <= CAUGHT_UP)) {
        this.#awaitRoom();
        return;
      }
      this.#waiting = false;
      this.#options.hooks.pause(false);
    });
  }

  #letGo(client: KernelClient): void {
    this.disconnect(client);
    client.close(COME_BACK, `too slow: more than ${formatSize(TOO_SLOW)} waited for this client`);
  }
}
