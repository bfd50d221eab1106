/** Kernels on fake sandboxes, and clients whose confirmations the test decides. Time stands still until it is moved. */
import { randomUUID } from 'node:crypto';
import { ManualClock } from '../../gateway/src/base/clock.ts';
import { CarrelError } from '../../gateway/src/base/errors.ts';
import { type KernelId, storedUserId } from '../../gateway/src/base/ids.ts';
import { silentLogger } from '../../gateway/src/base/ports.ts';
import type { Policy } from '../../gateway/src/config/policy.ts';
import type { KernelClient } from '../../gateway/src/kernel/client.ts';
import type { FileKeeper, KernelConnection, KernelModel } from '../../gateway/src/kernel/contract.ts';
import type { KernelRecord, LastActivity } from '../../gateway/src/kernel/records.ts';
import { KernelRegistry } from '../../gateway/src/kernel/registry.ts';
import type { Channel, KernelMessage } from '../../gateway/src/wire/kernel-message.ts';
import { makeMessage } from '../../gateway/src/wire/wire-message.ts';
import type { FakeAgent } from './fake-agent.ts';
import { FakeWarden } from './fake-warden.ts';

export const owner = storedUserId('anna');

const MiB = 2 ** 20;
/** Only what the kernel layer reads of a policy. */
export const policy = {
  name: 'standard',
  kernel: 'python3',
  memory: 512 * MiB,
  idle: 60_000,
  life: 3_600_000,
  cell: 600_000,
  output: { perCell: 64 * MiB, rate: 1024 * MiB },
} as unknown as Policy;

export class World {
  readonly clock = new ManualClock(1_700_000_000_000);
  readonly warden = new FakeWarden();
  readonly records = new Map<KernelId, KernelRecord>();
  /** Of how many kernels the last activity was stored, each time. */
  readonly touched: number[] = [];
  /** False: the store is away. */
  stores = true;
  readonly policy: Policy;
  readonly gone: KernelId[] = [];
  readonly files: FileKeeper | undefined;
  registry: KernelRegistry;

  constructor(changes: Partial<Policy> = {}, files?: FileKeeper) {
    this.policy = { ...policy, ...changes };
    this.files = files;
    this.registry = this.#newRegistry();
  }

  get agent(): FakeAgent {
    return this.warden.newest;
  }

  async start(): Promise<KernelModel> {
    const { name, kernel } = this.policy;
    return await this.registry.start({ owner, policy: name, kernel, name: kernel, env: { KERNEL_A: '1' } });
  }

  /** A kernel that has been started, and the first client of it. */
  async open(session?: string): Promise<{ id: KernelId; client: FakeClient }> {
    await this.registry.restore();
    const { id } = await this.start();
    return { id, client: this.connect(id, session) };
  }

  connect(id: KernelId, session?: string): FakeClient {
    const client = new FakeClient(session ?? randomUUID());
    client.connection = this.registry.connect(owner, id, client, session);
    return client;
  }

  /** The gateway's process dies and another one finds the kernels. */
  async restartGateway(): Promise<void> {
    this.registry.detach();
    this.registry = this.#newRegistry();
    await this.registry.restore();
    await turns();
  }

  /** Moves the time on in steps, letting what is due run. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 1000) {
      this.clock.advance(Math.min(1000, left));
      await turns();
    }
  }

  #newRegistry(): KernelRegistry {
    const records = {
      all: async () => [...this.records.values()],
      put: async (record: KernelRecord) => void this.records.set(record.id, record),
      touch: async (seen: readonly LastActivity[]) => {
        this.touched.push(seen.length);
        for (const { id, lastActivity } of seen) {
          const record = this.records.get(id);
          if (record !== undefined) this.records.set(id, { ...record, lastActivity });
        }
      },
      remove: async (id: KernelId) => {
        if (!this.stores) throw new CarrelError('store_unavailable', 'the store is away');
        this.records.delete(id);
      },
    };
    const options = { warden: this.warden, records, policies: () => this.policy, perPerson: 3 };
    const ports = { secret: Buffer.alloc(32, 7), clock: this.clock, logger: silentLogger };
    const registry = new KernelRegistry({ ...options, ...ports, files: this.files });
    registry.onGone((id) => this.gone.push(id));
    return registry;
  }
}

export class FakeClient implements KernelClient {
  readonly received: KernelMessage[] = [];
  readonly session: string;
  connection: KernelConnection | undefined;
  bufferedAmount = 0;
  closed: { code: number; reason: string } | undefined;
  /** False: nothing is confirmed until `confirm`. */
  confirming = true;
  #syncs: (() => void)[] = [];

  constructor(session: string) {
    this.session = session;
  }

  send(message: KernelMessage): void {
    this.received.push(message);
  }

  sync(delivered: () => void): void {
    this.#syncs.push(delivered);
    if (this.confirming) queueMicrotask(() => this.confirm());
  }

  confirm(): void {
    const syncs = this.#syncs;
    this.#syncs = [];
    for (const delivered of syncs) delivered();
  }

  close(code: number, reason: string): void {
    this.closed = { code, reason };
  }

  /** The network is lost. */
  leave(): void {
    this.connection?.closed();
  }

  ask(type: string, content: object = {}, channel: Channel = 'shell', id: string = randomUUID()): string {
    const header = { msg_id: id, msg_type: type, session: this.session, username: '', version: '5.3' };
    void this.connection?.receive(makeMessage(channel, header, {}, content));
    return id;
  }

  execute(code: string): string {
    return this.ask('execute_request', { code, silent: false });
  }

  /** What was received for a request: types, with states and texts where they have one. */
  story(id: string): string[] {
    return this.received.filter((message) => message.parent.msg_id === id).map(describe);
  }

  /** As `story`, of everything. */
  get everything(): string[] {
    return this.received.map(describe);
  }

  text(id: string): string {
    const streams = this.received.filter((each) => each.parent.msg_id === id && each.header.msg_type === 'stream');
    return streams.map((each) => each.content['text']).join('');
  }
}

function describe(message: KernelMessage): string {
  const { execution_state: state, text, status, ename } = message.content as Record<string, string | undefined>;
  const detail = [state, text?.slice(0, 200), status, ename].filter((word) => word !== undefined);
  return [message.header.msg_type, ...detail].join(' ');
}

/** Lets everything run that is ready to run. */
export async function turns(count = 12): Promise<void> {
  for (let i = 0; i < count; i += 1) await new Promise((next) => setImmediate(next));
}
