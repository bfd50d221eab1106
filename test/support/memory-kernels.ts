/** Kernels without sandboxes, for tests of what lies in front of them: they answer every request with an echo. */
import { CarrelError } from '../../gateway/src/base/errors.ts';
import { type KernelId, newKernelId, type UserId } from '../../gateway/src/base/ids.ts';
import type { KernelClient } from '../../gateway/src/kernel/client.ts';
import type {
  KernelConnection,
  KernelEnd,
  KernelModel,
  KernelStart,
  Kernels,
  KernelUsage,
  OpenSandbox,
} from '../../gateway/src/kernel/contract.ts';
import type { KernelMessage } from '../../gateway/src/wire/kernel-message.ts';
import { makeMessage } from '../../gateway/src/wire/wire-message.ts';

interface Held {
  readonly start: KernelStart;
  readonly model: KernelModel;
  readonly clients: Map<KernelClient, string | undefined>;
}

export class MemoryKernels implements Kernels {
  readonly starts: KernelStart[] = [];
  /** The files of every worksheet's sandbox, where a test gives them. */
  sandbox: OpenSandbox | undefined;
  readonly received: KernelMessage[] = [];
  /** The next start fails with this. */
  failure: Error | undefined;
  /** Holds `start` back while it is set. */
  hold: Promise<void> | undefined;
  /** Holds `receive` back while it is set. */
  gate: Promise<void> | undefined;
  /** What a client hears after a message. */
  answers: (request: KernelMessage) => KernelMessage[] = (request) => [echo(request)];
  readonly #kernels = new Map<KernelId, Held>();
  readonly #gone: ((id: KernelId, end: KernelEnd) => void)[] = [];

  async start(start: KernelStart): Promise<KernelModel> {
    if (this.failure !== undefined) throw this.failure;
    await this.hold;
    const id = start.id ?? newKernelId();
    if (this.#kernels.has(id)) throw new CarrelError('conflict', `there is a kernel ${id} already`);
    this.starts.push(start);
    const last_activity = new Date().toISOString();
    const model: KernelModel = { id, name: start.name, last_activity, execution_state: 'idle', connections: 0 };
    this.#kernels.set(id, { start, model, clients: new Map() });
    return model;
  }

  list(owner: UserId): KernelModel[] {
    return [...this.#kernels.values()]
      .filter((held) => held.start.owner === owner)
      .map((held) => ({ ...held.model, connections: held.clients.size }));
  }

  get(owner: UserId, id: KernelId): KernelModel {
    const held = this.#find(owner, id);
    return { ...held.model, connections: held.clients.size };
  }

  find(owner: UserId, id: KernelId): KernelModel | undefined {
    return this.#kernels.get(id)?.start.owner === owner ? this.get(owner, id) : undefined;
  }

  usage(owner: UserId, id: KernelId): KernelUsage {
    this.#find(owner, id);
    return { memory: { used: 1, peak: 2, limit: 3 }, cpu: { usec: 4 } };
  }

  async interrupt(owner: UserId, id: KernelId): Promise<void> {
    this.#find(owner, id);
  }

  async restart(owner: UserId, id: KernelId): Promise<KernelModel> {
    return this.get(owner, id);
  }

  async shutdown(owner: UserId, id: KernelId): Promise<void> {
    const held = this.#find(owner, id);
    this.#kernels.delete(id);
    for (const client of held.clients.keys()) client.close(1000, 'the kernel is gone');
    const end = { by: 'other', why: '', at: 0 } as const;
    for (const listener of this.#gone) listener(id, end);
  }

  connect(owner: UserId, id: KernelId, client: KernelClient, session: string | undefined): KernelConnection {
    const held = this.#find(owner, id);
    held.clients.set(client, session);
    return {
      receive: async (message) => {
        this.received.push(message);
        for (const answer of this.answers(message)) client.send(answer);
        await this.gate;
      },
      closed: () => void held.clients.delete(client),
    };
  }

  /** What they use never changes. */
  onUsage(): void {}

  onGone(listener: (id: KernelId, end: KernelEnd) => void): void {
    this.#gone.push(listener);
  }

  clients(id: KernelId): KernelClient[] {
    return [...(this.#kernels.get(id)?.clients.keys() ?? [])];
  }

  sessions(id: KernelId): (string | undefined)[] {
    return [...(this.#kernels.get(id)?.clients.values() ?? [])];
  }

  #find(owner: UserId, id: KernelId): Held {
    const held = this.#kernels.get(id);
    if (held === undefined || held.start.owner !== owner)
      throw new CarrelError('not_found', `Kernel does not exist: ${id}`);
    return held;
  }
}

/** A reply that carries the request's content, for looking at what arrived. */
export function echo(request: KernelMessage): KernelMessage {
  const type = request.header.msg_type.replace(/_request$/, '_reply');
  const header = { msg_id: `re-${request.header.msg_id}`, msg_type: type, session: 'kernel' };
  return makeMessage(request.channel, header, request.header, request.content);
}
