/**
 * The worksheets that are open: the document, its journal and its room, from the first connection to the last, and while
 * something runs. Whether a person may open one is asked here, before anything is loaded.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Document } from '@hocuspocus/server';
import * as Y from 'yjs';
import type { Person } from '../../auth/principal.ts';
import type { Clock } from '../../base/clock.ts';
import { CarrelError } from '../../base/errors.ts';
import { isLibraryId, kernelOfWorksheet, type WorksheetId } from '../../base/ids.ts';
import type { Logger } from '../../base/ports.ts';
import type { Kernels } from '../../kernel/contract.ts';
import type { StoredWorksheet, Worksheets } from '../../store/worksheets.ts';
import type { WorksheetCommand, WorksheetKernelState, WorksheetNotice } from '../../wire/worksheet-protocol.ts';
import type { OutputBound } from '../document/cell-outputs.ts';
import { cellsOf, repairCells } from '../document/document.ts';
import { Room } from '../run/room.ts';
import { readCommand } from './command.ts';
import { SharedDocuments } from './documents.ts';
import { Journal } from './journal.ts';
import { type Outlet, RoomsSocket } from './socket.ts';

export interface RoomsOptions {
  readonly worksheets: Worksheets;
  readonly kernels: Kernels;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly bound: OutputBound;
}

interface OpenWorksheet {
  readonly worksheet: StoredWorksheet;
  readonly document: Document;
  readonly journal: Journal;
  readonly room: Room;
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
  readonly #open = new Map<WorksheetId, OpenWorksheet>();
  /** Who keeps a worksheet open: sockets, work of this process, and the room itself while something runs. */
  readonly #holders = new Map<WorksheetId, Set<unknown>>();
  /** A document is loaded again only when all of it is stored. */
  readonly #closing = new Map<WorksheetId, Promise<void>>();
  #ended = false;

  constructor(options: RoomsOptions) {
    this.#options = options;
    this.#documents = new SharedDocuments({
      quiet: true,
      onAuthenticate: ({ documentName, context }) => this.#guard(this.#admit(documentName, context)),
      onLoadDocument: ({ documentName, document }) => this.#guard(this.#load(documentName, document)),
      connected: async ({ documentName, connection, context }) => {
        (context as Context).socket.opened(documentName);
        const open = isLibraryId(documentName) ? this.#open.get(documentName) : undefined;
        if (open !== undefined) connection.sendStateless(asText({ say: 'status', status: open.room.status }));
      },
      onStateless: async ({ documentName, connection, payload }) => {
        this.#command(documentName, payload, (notice) => connection.sendStateless(asText(notice)));
      },
      onDisconnect: async ({ documentName, context }) => {
        const { socket } = context as Context;
        socket.left(documentName);
        if (isLibraryId(documentName)) this.#release(documentName, socket);
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
    for (const { id } of found) if (!this.#ended) await this.#openAgain(id);
  }

  /** A client's socket, of which the upgrade has said whose it is. */
  connect(person: Person, request: IncomingMessage, outlet: Outlet): RoomsSocket {
    const socket = new RoomsSocket(outlet, (document) =>
      isLibraryId(document) ? this.#open.get(document)?.journal : undefined,
    );
    this.#documents.handleConnection(socket as unknown as HocuspocusSocket, request, {
      person,
      socket,
    } satisfies Context);
    socket.once('close', () => {
      for (const id of this.#holders.keys()) this.#release(id, socket);
    });
    return socket;
  }

  kernelState(worksheet: StoredWorksheet): WorksheetKernelState {
    const open = this.#open.get(worksheet.id);
    if (open !== undefined) return open.room.status.kernel;
    const kernel = this.#options.kernels
      .list(worksheet.owner)
      .find((each) => each.id === kernelOfWorksheet(worksheet.id));
    if (kernel === undefined) return 'none';
    return kernel.execution_state === 'dead' ? 'lost' : kernel.execution_state;
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

  /** Ends every connection to the worksheet, forgets its document, which is stored, and ends its kernel. */
  async end({ id, owner }: StoredWorksheet, reason: string): Promise<void> {
    await this.#documents.loaded(id);
    this.#endSockets(id, NORMAL, reason);
    this.#holders.delete(id);
    await this.#close(id);
    const { kernels } = this.#options;
    const kernel = kernelOfWorksheet(id);
    if (kernels.list(owner).some((each) => each.id === kernel)) await kernels.shutdown(owner, kernel);
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

  async #admit(name: string, { person, socket }: Context): Promise<void> {
    const worksheet = isLibraryId(name) ? await this.#options.worksheets.get(name) : undefined;
    if (worksheet === undefined || worksheet.owner !== person.user) throw new Refusal('there is no such worksheet');
    if (worksheet.trashedAt !== null) throw new Refusal('this worksheet is in the trash; restore it to open it');
    this.#hold(worksheet.id, socket);
  }

  async #load(name: string, document: Document): Promise<void> {
    if (!isLibraryId(name) || this.#ended) throw new Refusal('there is no such worksheet');
    await this.#closing.get(name);
    const { worksheets: records, kernels, clock, logger, bound } = this.#options;
    const worksheet = await records.get(name);
    if (worksheet === undefined || worksheet.trashedAt !== null) throw new Refusal('there is no such worksheet');
    const onFailure = (reason: string) => void this.#failed(name, reason);
    const journal = await Journal.open({ id: name, doc: document, records, clock, logger, onFailure });
    keepRepaired(document);
    const { id, owner, policy, kernelspec, kernel } = worksheet;
    const busy = (yes: boolean) => (yes ? this.#hold(id, document) : this.#release(id, document));
    const stored = () => journal.stored();
    const about = { id, owner, policy, kernelspec, kernel, doc: document };
    const room = new Room({ ...about, kernels, clock, logger, bound, busy, stored });
    room.onStatus((status) => document.broadcastStateless(asText({ say: 'status', status })));
    this.#open.set(id, { worksheet, document, journal, room });
  }

  #command(name: string, payload: string, reply: (notice: WorksheetNotice) => void): void {
    const open = isLibraryId(name) ? this.#open.get(name) : undefined;
    const command = readCommand(payload);
    if ('refused' in command) reply({ say: 'refused', id: command.id, message: command.refused });
    else if (open === undefined) reply({ say: 'refused', id: command.id, message: 'the worksheet is being closed' });
    else this.#perform(open, command, reply);
  }

  /** A command that meets a document of an unexpected shape costs itself and no more. */
  #perform(
    { room, worksheet }: OpenWorksheet,
    command: WorksheetCommand,
    reply: (notice: WorksheetNotice) => void,
  ): void {
    try {
      room.command(command, reply);
    } catch (error) {
      this.#options.logger.error({ err: error, worksheet: worksheet.id, do: command.do }, 'a command failed');
      reply({ say: 'refused', id: command.id, message: 'the server met an unexpected condition' });
    }
  }

  /** Opens the worksheet without a connection for as long as the work takes, and a while longer. */
  async #with<T>(id: WorksheetId, work: (open: OpenWorksheet) => Promise<T>): Promise<T> {
    const holder = {};
    this.#hold(id, holder);
    try {
      await this.#documents.createDocument(id, {}, randomUUID(), { isAuthenticated: true, readOnly: false }, {});
      const open = this.#open.get(id);
      if (open === undefined) throw new CarrelError('gone', 'the worksheet was closed');
      return await work(open);
    } catch (error) {
      throw error instanceof Refusal ? new CarrelError('not_found', error.reason) : error;
    } finally {
      this.#release(id, holder);
    }
  }

  #hold(id: WorksheetId, holder: unknown): void {
    this.#holders.set(id, (this.#holders.get(id) ?? new Set()).add(holder));
  }

  #release(id: WorksheetId, holder: unknown): void {
    const holders = this.#holders.get(id);
    if (holders?.delete(holder) !== true || holders.size > 0) return;
    this.#holders.delete(id);
    this.#linger(id);
  }

  #linger(id: WorksheetId): void {
    const open = this.#open.get(id);
    if (open === undefined || this.#holders.has(id)) return;
    this.#options.clock.after(LINGER, () => {
      if (this.#open.get(id) === open && !this.#holders.has(id)) void this.#close(id);
    });
  }

  #close(id: WorksheetId): Promise<void> {
    const open = this.#open.get(id);
    if (open === undefined) return this.#closing.get(id) ?? Promise.resolve();
    this.#open.delete(id);
    this.#documents.documents.delete(id);
    const closing = this.#end(open).finally(() => this.#closing.delete(id));
    this.#closing.set(id, closing);
    return closing;
  }

  async #end({ worksheet, document, journal, room }: OpenWorksheet): Promise<void> {
    try {
      await room.close();
      await journal.close();
    } catch (error) {
      this.#options.logger.error({ err: error, worksheet: worksheet.id }, 'a worksheet could not be closed in order');
    }
    document.destroy();
  }

  /** What this process has of the document is more than what is stored: everybody begins anew from there. */
  async #failed(id: WorksheetId, reason: string): Promise<void> {
    await this.#documents.loaded(id);
    const wasBusy = this.#holders.get(id)?.has(this.#open.get(id)?.document) === true;
    this.#endSockets(id, COME_BACK, reason);
    this.#holders.delete(id);
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
    for (const holder of this.#holders.get(id) ?? []) if (holder instanceof RoomsSocket) holder.close(code, reason);
  }
}

/** Two people who move a cell at the same time leave it there twice; not within their own change, which goes out as it is. */
function keepRepaired(document: Y.Doc): void {
  repairCells(document);
  cellsOf(document).observe(() => queueMicrotask(() => repairCells(document)));
}

const asText = (notice: WorksheetNotice): string => JSON.stringify(notice);
