/** A worksheet on fake sandboxes: its document, what of it is stored, its room, and what a page would be told. */
import * as Y from 'yjs';
import { kernelOfWorksheet, type WorksheetId } from '../../gateway/src/base/ids.ts';
import { silentLogger } from '../../gateway/src/base/ports.ts';
import type { KernelMessage } from '../../gateway/src/wire/kernel-message.ts';
import type { Output } from '../../gateway/src/wire/notebook.ts';
import type { WidgetEvent } from '../../gateway/src/wire/widget-models.ts';
import type { WorksheetCommand, WorksheetNotice, WorksheetStatus } from '../../gateway/src/wire/worksheet-protocol.ts';
import { cellOf, fillDocument, readDocument } from '../../gateway/src/worksheet/document/document.ts';
import { Room, type RoomOptions } from '../../gateway/src/worksheet/run/room.ts';
import type { FakeAgent } from './fake-agent.ts';
import { owner, turns, World } from './kernel-world.ts';

const id = '6f1c4a3e-0000-4000-8000-0123456789ab' as WorksheetId;

type Distribute<T> = T extends { id: string } ? Omit<T, 'id'> & { id?: string } : never;
type Asked = Distribute<WorksheetCommand>;

export class WorksheetWorld {
  readonly kernels: World;
  readonly kernelId = kernelOfWorksheet(id);
  doc = new Y.Doc();
  room!: Room;
  /** What `busy` was told last. */
  busy = false;
  readonly widgetEvents: WidgetEvent[] = [];
  /** What the worksheet's kernelspec stands for; a test may refuse. */
  choose: RoomOptions['choose'] = async () => {
    const { name, kernel } = this.kernels.policy;
    return { policy: name, kernel, kernelspec: kernel };
  };
  /** Where the whole of long outputs goes. */
  spool: RoomOptions['spool'];
  /** False: nothing is stored until `store`. */
  storing = true;
  #unstored: Uint8Array[] = [];
  #stored: Uint8Array[] = [];
  #waiting: (() => void)[] = [];
  #commands = 0;

  /** Cells are named `a`, `b`, … and have these sources. */
  constructor(sources: readonly string[], world: World) {
    this.kernels = world;
    world.warden.prepare = serial;
    const cells = sources.map((source, i) => ({
      ...{ cell_type: 'code' as const, id: String.fromCharCode(97 + i), source, metadata: {} },
      ...{ outputs: [], execution_count: null },
    }));
    this.#watch();
    fillDocument(this.doc, { nbformat: 4, nbformat_minor: 5, metadata: {}, cells });
  }

  static open(...sources: string[]): Promise<WorksheetWorld> {
    return WorksheetWorld.openIn(new World(), ...sources);
  }

  static async openIn(kernels: World, ...sources: string[]): Promise<WorksheetWorld> {
    const world = new WorksheetWorld(sources, kernels);
    await world.kernels.registry.restore();
    world.openRoom();
    return world;
  }

  openRoom(): void {
    const { registry, clock, policy } = this.kernels;
    const stored = () => this.#store();
    registry.onUsage((kernel) => kernel === this.kernelId && this.room.used());
    this.room = new Room({
      tellWidgets: (events) => void this.widgetEvents.push(...events),
      ...{ id, owner, doc: this.doc, kernels: registry, clock, stored },
      kernelspec: { name: policy.kernel, title: policy.kernel },
      choose: () => this.choose(),
      ...(this.spool === undefined ? {} : { spool: this.spool }),
      logger: silentLogger,
      bound: { head: 100_000, tail: 100_000 },
      busy: (yes) => {
        this.busy = yes;
      },
    });
  }

  /** The gateway's process is killed; the next one has of the document what was stored. */
  async kill(): Promise<void> {
    this.doc = new Y.Doc();
    for (const update of this.#stored) Y.applyUpdate(this.doc, update);
    this.#unstored = [];
    this.#waiting.length = 0;
    this.storing = true;
    this.#watch();
    await this.kernels.restartGateway();
    this.openRoom();
    await turns();
  }

  /** Stores what has gathered, and everything from now on. */
  async store(): Promise<void> {
    this.storing = true;
    this.#stored.push(...this.#unstored.splice(0));
    for (const stored of this.#waiting.splice(0)) stored();
    await turns();
  }

  /** What has gathered is stored, and nobody hears of it. */
  keepUnconfirmed(): void {
    this.#stored.push(...this.#unstored.splice(0));
  }

  /** Gives a command and lets everything run that follows at once; answers what was answered by then. */
  async do(command: Asked): Promise<WorksheetNotice[]> {
    const notices = this.ask(command);
    await turns();
    return notices;
  }

  ask(command: Asked): WorksheetNotice[] {
    const notices: WorksheetNotice[] = [];
    this.#commands += 1;
    const named = { id: `c${this.#commands}`, ...command } as WorksheetCommand;
    this.room.command(named, (notice) => notices.push(notice));
    return notices;
  }

  run(...cells: string[]): Promise<WorksheetNotice[]> {
    return this.do({ do: 'run', cells });
  }

  get status(): WorksheetStatus {
    return this.room.status;
  }

  /** The cell's outputs: texts of streams, names and messages of errors, plain texts of the rest. */
  outputs(cell: string): string[] {
    const found = readDocument(this.doc).cells.find((each) => each.id === cell);
    return found?.cell_type === 'code' ? found.outputs.map(inShort) : [];
  }

  field(cell: string, name: string): unknown {
    return cellOf(this.doc, cell)?.get(name);
  }

  /** `execution_state` of the cells, the first letter of each. */
  get marks(): string {
    const states = readDocument(this.doc).cells.map(({ id }) => this.field(id, 'execution_state') ?? 'idle');
    return states.map((state) => String(state)[0]).join('');
  }

  timing(cell: string): Record<string, string> {
    const found = readDocument(this.doc).cells.find((each) => each.id === cell);
    return (found?.metadata['execution'] ?? {}) as Record<string, string>;
  }

  /** Lets output that is being gathered come into the document. */
  async gather(): Promise<void> {
    await turns();
    await this.kernels.pass(30);
  }

  #watch(): void {
    const { doc } = this;
    doc.on('update', (update: Uint8Array) => {
      if (doc === this.doc) (this.storing ? this.#stored : this.#unstored).push(update);
    });
  }

  #store(): Promise<void> | undefined {
    if (this.#unstored.length === 0) return undefined;
    return new Promise((stored) => this.#waiting.push(stored));
  }
}

/** A kernel does one thing at a time: other requests are answered when the cell has ended. */
function serial(agent: FakeAgent): void {
  const open = new Set<string>();
  const waiting: KernelMessage[] = [];
  const { end, status, started } = agent;
  agent.status = (state, parent) => {
    status.call(agent, state, parent);
    if (parent?.header.msg_type !== 'execute_request') return;
    if (state === 'busy') open.add(parent.header.msg_id);
    else open.delete(parent.header.msg_id);
    if (open.size === 0) for (const request of waiting.splice(0)) end.call(agent, request);
  };
  agent.end = (parent, content) => {
    if (open.size > 0 && parent.header.msg_type !== 'execute_request') waiting.push(parent);
    else end.call(agent, parent, content);
  };
  agent.started = () => {
    open.clear();
    waiting.length = 0;
    started.call(agent);
  };
}

function inShort(output: Output): string {
  if (output.output_type === 'stream') return output.text;
  if (output.output_type === 'error') return `${output.ename}: ${output.evalue}`;
  return String(output.data['text/plain']);
}
