/**
 * The worksheets that are open: the document, its journal and its room, from the first connection to the last, and while
 * something runs. Whether a person may open one is asked here, before anything is loaded.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Document } from '@hocuspocus/server';
import { removeAwarenessStates } from 'y-protocols/awareness';
import * as Y from 'yjs';
import type { Person } from '../../auth/principal.ts';
import type { Clock } from '../../base/clock.ts';
import { CarrelError } from '../../base/errors.ts';
import { isLibraryId, kernelOfWorksheet, type WorksheetId } from '../../base/ids.ts';
import type { StoredWorksheet } from '../../store/worksheets.ts';
import type { VersionCells } from '../../wire/version-rest.ts';
import type { WorksheetKernelState, WorksheetNotice } from '../../wire/worksheet-protocol.ts';
import type { Recorder } from '../history/recorder.ts';
import type { Access } from '../library/access.ts';
import { type NotebookKernel, namesOf } from '../library/notebook.ts';
import type { FullOutputFile } from '../run/output-spool.ts';
import { Commands, type CommandsOptions } from './commands.ts';
import { SharedDocuments } from './documents.ts';
import { chosen, Execution, type ExecutionOptions } from './execution.ts';
import { Holders } from './holders.ts';
import { asText, endWorksheet, type OpenWorksheet, openWorksheet } from './open-worksheet.ts';
import { ownPresence } from './presence.ts';
import { roleNotice, type Seat, Seats } from './seats.ts';
import { type Outlet, RoomsSocket } from './socket.ts';

export interface RoomsOptions extends ExecutionOptions {
  readonly access: Access;
  readonly recorder: Recorder;
  readonly clock: Clock;
  readonly asked?: CommandsOptions['asked'];
}

/** What Hocuspocus keeps for each connection. */
interface Context {
  readonly person: Person;
  readonly socket: RoomsSocket;
}

/** The `ws` of the edge's sockets; a RoomsSocket does what is asked of it. */
type HocuspocusSocket = Parameters<SharedDocuments['handleConnection']>[0];

/** A worksheet stays open this long after the last has left, in milliseconds: a page that is loaded anew finds it. */
const LINGER = 10_000;
/** A worksheet whose cell runs is opened again after the store has failed. */
const AGAIN = 5000;
/** WebSocket close codes: an ordinary end, and "try again later". */
const NORMAL = 1000;
const COME_BACK = 1013;

/** Hocuspocus prints errors that have a message; it shows this one's reason to the client. */
class Refusal {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

export class Rooms {
  readonly #options: RoomsOptions;
  readonly #documents: SharedDocuments;
  readonly #seats: Seats;
  readonly #execution: Execution;
  readonly #open = new Map<WorksheetId, OpenWorksheet>();
  readonly #holders = new Holders((id) => this.#linger(id));
  readonly #commands: Commands;
  /** A document is loaded again only when all of it is stored. */
  readonly #closing = new Map<WorksheetId, Promise<void>>();
  #ended = false;

  constructor(options: RoomsOptions) {
    this.#options = options;
    this.#seats = new Seats(options.access);
    const { logger, asked } = options;
    this.#commands = new Commands({ logger, asked, openOf: (id) => this.#open.get(id) });
    this.#execution = new Execution(options, (id, sleep) => this.#open.get(id)?.room.slept(sleep));
    options.kernels.onUsage((kernel: string) => {
      if (isLibraryId(kernel)) this.#open.get(kernel)?.room.used();
    });
    this.#documents = new SharedDocuments({
      quiet: true,
      onAuthenticate: ({ documentName, context, connectionConfig }) =>
        this.#guard(this.#admit(documentName, context, connectionConfig)),
      onLoadDocument: ({ documentName, document }) => this.#guard(this.#load(documentName, document)),
      connected: async ({ documentName, connection, context }) => {
        const seat = this.#seatOf(context, documentName);
        seat.socket.opened(documentName);
        seat.connection = connection;
        connection.readOnly = !seat.may('edit');
        if (seat.role !== undefined) connection.sendStateless(roleNotice(seat.role));
        const open = isLibraryId(documentName) ? this.#open.get(documentName) : undefined;
        if (open !== undefined) connection.sendStateless(asText({ say: 'status', status: open.room.status }));
      },
      onStateless: async ({ documentName, connection, payload }) => {
        const seat = this.#seatOf(connection.context, documentName);
        this.#commands.take(seat, payload, (notice) => connection.sendStateless(asText(notice)));
      },
      onDisconnect: async ({ documentName, document, context }) => {
        const { socket } = context as Context;
        socket.left(documentName);
        forgetPresence(this.#seats.leave(socket, documentName), document);
        if (isLibraryId(documentName)) this.#holders.release(documentName, socket);
      },
    });
    this.#documents.onLeft = ({ name }) => {
      if (isLibraryId(name)) this.#linger(name);
    };
  }

  /** Opens again what was at work when an earlier process ended, so that its output is heard though nobody looks. */
  async restore(): Promise<void> {
    const { worksheets, logger } = this.#options;
    const found = await worksheets.withKernel().catch((error) => {
      logger.error({ err: error }, 'the worksheets that are at work could not be found');
      return [];
    });
    this.#execution.keepFullOutputsOf(found.map(({ id }) => id));
    for (const { id } of found) if (!this.#ended) await this.#openAgain(id);
  }

  /** A client's socket, of which the upgrade has said whose it is. */
  connect(person: Person, request: IncomingMessage, outlet: Outlet): RoomsSocket {
    const socket: RoomsSocket = new RoomsSocket(
      outlet,
      (document) => (isLibraryId(document) ? this.#open.get(document)?.journal : undefined),
      (bytes, document) => {
        const seat = this.#seats.of(person, socket, document);
        return ownPresence(bytes, person.name, (client) => this.#seats.speaks(seat, client));
      },
    );
    this.#documents.handleConnection(socket as unknown as HocuspocusSocket, request, {
      person,
      socket,
    } satisfies Context);
    socket.once('close', () => {
      for (const name of [...socket.documents]) {
        const seat = this.#seats.leave(socket, name);
        if (!isLibraryId(name)) continue;
        forgetPresence(seat, this.#open.get(name)?.document);
        this.#holders.release(name, socket);
      }
    });
    return socket;
  }

  /** Says something to every page that has the worksheet open. */
  tell(id: WorksheetId, notice: WorksheetNotice): void {
    this.#open.get(id)?.document.broadcastStateless(asText(notice));
  }

  /** How many worksheets are open in this process, and the bytes of their documents as they are stored. */
  get load(): { readonly worksheets: number; readonly bytes: number } {
    let bytes = 0;
    for (const { journal } of this.#open.values()) bytes += journal.size;
    return { worksheets: this.#open.size, bytes };
  }

  kernelState(worksheet: StoredWorksheet): WorksheetKernelState {
    const open = this.#open.get(worksheet.id);
    if (open !== undefined) return open.room.status.kernel;
    const kernel = this.#options.kernels.find(worksheet.owner, kernelOfWorksheet(worksheet.id));
    if (kernel === undefined) return 'none';
    return kernel.execution_state === 'dead' ? 'lost' : kernel.execution_state;
  }

  /** Null while it has a kernel, or where that ended otherwise. */
  asleepSince(worksheet: StoredWorksheet): string | null {
    const { slept } = worksheet;
    return slept === undefined || this.kernelState(worksheet) !== 'none' ? null : new Date(slept.at).toISOString();
  }

  /** The document as it is now; it may be read during this turn only. */
  async read(id: WorksheetId): Promise<Y.Doc> {
    const open = this.#open.get(id);
    if (open !== undefined) return open.document;
    await this.#closing.get(id);
    const doc = new Y.Doc();
    for (const { data } of await this.#options.worksheets.updates(id)) Y.applyUpdate(doc, data);
    return doc;
  }

  /** What makes the document as it is now, for whoever builds it elsewhere. */
  async updates(id: WorksheetId): Promise<readonly Uint8Array[]> {
    const open = this.#open.get(id);
    if (open !== undefined) return [Y.encodeStateAsUpdate(open.document)];
    await this.#closing.get(id);
    return (await this.#options.worksheets.updates(id)).map(({ data }) => data);
  }

  /** Rights have changed: who is in the worksheet goes on with those that they have now, or ends where they have none. */
  async recheck(id: WorksheetId): Promise<void> {
    await this.#seats.recheck(id);
  }

  /** What a difference is made of, where the worksheet is open. */
  cells(id: WorksheetId): Promise<VersionCells> | undefined {
    return this.#open.get(id)?.recording.cells();
  }

  /** Opens the worksheet for as long as the work takes. What the work has changed is stored when this resolves. */
  async work<T>(
    id: WorksheetId,
    work: (open: Pick<OpenWorksheet, 'document' | 'recording'>) => Promise<T>,
  ): Promise<T> {
    return this.#with(id, async (open) => {
      const done = await work(open);
      await open.journal.stored();
      return done;
    });
  }

  /** The next run uses this kernel, which the worksheet's row names already; the kernel that there is ends. */
  async changeKernel(id: WorksheetId, kernel: NotebookKernel & { readonly cell?: number | undefined }): Promise<void> {
    await this.#with(id, async ({ document, journal, room }) => {
      const metadata = document.getMap('meta').get('metadata');
      document.transact(() => {
        if (!(metadata instanceof Y.Map)) return;
        for (const [key, value] of Object.entries(namesOf(kernel))) metadata.set(key, value);
      });
      room.changeKernel(chosen(kernel), `the worksheet goes on with ${kernel.title}; variables are gone`);
      await journal.stored();
    });
  }

  /** All that a cell has printed, where that is more than the document holds and the sandbox lives. */
  fullOutput(id: WorksheetId, cell: string): FullOutputFile | undefined {
    return this.#execution.fullOutput(id, cell);
  }

  /** Ends every connection to the worksheet, forgets its document, which is stored, and ends its kernel. */
  async end({ id, owner }: StoredWorksheet, reason: string): Promise<void> {
    await this.#documents.loaded(id);
    this.#endSockets(id, NORMAL, reason);
    this.#holders.forget(id);
    await this.#close(id);
    const { kernels } = this.#options;
    const kernel = kernelOfWorksheet(id);
    if (kernels.find(owner, kernel) !== undefined) await kernels.shutdown(owner, kernel);
  }

  /** Stores what is left of every document; kernels go on. */
  async close(): Promise<void> {
    this.#ended = true;
    await Promise.all([...this.#open.keys()].map((id) => this.#close(id)));
    await Promise.all(this.#closing.values());
  }

  /** What fails here fails with a reason for the client; the rest is for the log. */
  async #guard(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      if (error instanceof Refusal) throw error;
      this.#options.logger.error({ err: error }, 'a worksheet could not be opened');
      throw new Refusal('the worksheet cannot be opened at the moment');
    }
  }

  #seatOf(context: unknown, document: string): Seat {
    const { person, socket } = context as Context;
    return this.#seats.of(person, socket, document);
  }

  async #admit(name: string, context: Context, config: { readOnly: boolean }): Promise<void> {
    const { socket } = context;
    const worksheet = (await this.#seats.admit(this.#seatOf(context, name), config))?.worksheet;
    if (worksheet === undefined) throw new Refusal('there is no such worksheet');
    if (worksheet.trashedAt !== null) throw new Refusal('this worksheet is in the trash; restore it to open it');
    this.#holders.hold(worksheet.id, socket);
  }

  async #load(name: string, document: Document): Promise<void> {
    if (!isLibraryId(name) || this.#ended) throw new Refusal('there is no such worksheet');
    await this.#closing.get(name);
    const worksheet = await this.#options.worksheets.get(name);
    if (worksheet === undefined || worksheet.trashedAt !== null) throw new Refusal('there is no such worksheet');
    const execution = await this.#execution.of(worksheet);
    const busy = (yes: boolean) => (yes ? this.#holders.hold(name, document) : this.#holders.release(name, document));
    const onFailure = (reason: string) => void this.#failed(name, reason);
    const open = await openWorksheet(worksheet, document, { ...this.#options, execution, busy, onFailure, personOf });
    this.#open.set(name, open);
  }

  /** Opens the worksheet without a connection for as long as the work takes, and a while longer. */
  async #with<T>(id: WorksheetId, work: (open: OpenWorksheet) => Promise<T>): Promise<T> {
    const holder = {};
    this.#holders.hold(id, holder);
    try {
      await this.#documents.createDocument(id, {}, randomUUID(), { isAuthenticated: true, readOnly: false }, {});
      const open = this.#open.get(id);
      if (open === undefined) throw new CarrelError('gone', 'the worksheet was closed');
      return await work(open);
    } catch (error) {
      throw error instanceof Refusal ? new CarrelError('not_found', error.reason) : error;
    } finally {
      this.#holders.release(id, holder);
    }
  }

  #linger(id: WorksheetId): void {
    const open = this.#open.get(id);
    if (open === undefined || this.#holders.of(id).size > 0) return;
    this.#options.clock.after(LINGER, () => {
      if (this.#open.get(id) === open && this.#holders.of(id).size === 0) void this.#close(id);
    });
  }

  #close(id: WorksheetId): Promise<void> {
    const open = this.#open.get(id);
    if (open === undefined) return this.#closing.get(id) ?? Promise.resolve();
    this.#open.delete(id);
    this.#documents.documents.delete(id);
    const closing = endWorksheet(open, this.#options).finally(() => this.#closing.delete(id));
    this.#closing.set(id, closing);
    return closing;
  }

  /** What this process has of the document is more than what is stored: everybody begins anew from there. */
  async #failed(id: WorksheetId, reason: string): Promise<void> {
    await this.#documents.loaded(id);
    const wasBusy = this.#holders.of(id).has(this.#open.get(id)?.document);
    this.#endSockets(id, COME_BACK, reason);
    this.#holders.forget(id);
    await this.#close(id);
    if (wasBusy && !this.#ended) this.#options.clock.after(AGAIN, () => void this.#openAgain(id));
  }

  async #openAgain(id: WorksheetId): Promise<void> {
    try {
      await this.#with(id, async () => {});
    } catch (error) {
      this.#options.logger.error({ err: error, worksheet: id }, 'a worksheet could not be opened again');
    }
  }

  #endSockets(id: WorksheetId, code: number, reason: string): void {
    for (const holder of this.#holders.of(id)) if (holder instanceof RoomsSocket) holder.close(code, reason);
  }
}

/** Hocuspocus does so for who is new in the document, and not for who had been there before. */
function forgetPresence(seat: Seat | undefined, document: Document | undefined): void {
  if (seat?.client !== undefined && document !== undefined)
    removeAwarenessStates(document.awareness, [seat.client], null);
}

/** Whose edit a change of the document is: changes that come by a connection have it as their origin. */
const personOf = (origin: unknown): string | undefined =>
  (origin as { readonly context?: Partial<Context> } | null | undefined)?.context?.person?.name;
