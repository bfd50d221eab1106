/**
 * Who is in which document by which socket, and what they may do there. When rights change, open sockets follow at once: a seat
 * whose role has changed is told and goes on with it, one without any right is closed.
 */
import type { Connection } from '@hocuspocus/server';
import { mayWorksheet, type WorksheetRight, type WorksheetRole } from '../../auth/permissions.ts';
import type { Person } from '../../auth/principal.ts';
import type { WorksheetNotice } from '../../wire/worksheet-protocol.ts';
import { ACCESS_WITHDRAWN } from '../../wire/worksheet-role.ts';
import type { Access, Accessible } from '../library/access.ts';
import type { RoomsSocket } from './socket.ts';

/** WebSocket close code: try again later. */
const COME_BACK = 1013;
const OPEN = 1;

export class Seat {
  readonly person: Person;
  readonly document: string;
  readonly socket: RoomsSocket;
  /** Undefined before the person was admitted, and when every right is gone. */
  role: WorksheetRole | undefined;
  /** The client of the document for which this socket speaks: the first that it names. */
  client: number | undefined;
  /** What Hocuspocus makes the connection of. */
  config: { readOnly: boolean } | undefined;
  connection: Connection | undefined;
  /** One question to the store after the other, so that the last answer is the newest. */
  asked: Promise<unknown> = Promise.resolve();

  constructor(person: Person, document: string, socket: RoomsSocket) {
    this.person = person;
    this.document = document;
    this.socket = socket;
  }

  may(right: WorksheetRight): boolean {
    return this.role !== undefined && mayWorksheet(this.role, right);
  }
}

export class Seats {
  readonly #access: Access;
  readonly #seats = new Map<string, Set<Seat>>();

  constructor(access: Access) {
    this.#access = access;
  }

  /** The seat of this socket in the document; made when it is first asked for. A socket that has gone gets one that nobody knows. */
  of(person: Person, socket: RoomsSocket, document: string): Seat {
    const seats = this.#seats.get(document) ?? new Set();
    for (const seat of seats) if (seat.socket === socket) return seat;
    const seat = new Seat(person, document, socket);
    if (socket.readyState === OPEN) this.#seats.set(document, seats.add(seat));
    return seat;
  }

  /** What the person may do now; undefined where they may not even look, or the worksheet is in the trash. */
  async admit(seat: Seat, config: { readOnly: boolean }): Promise<Accessible | undefined> {
    seat.config = config;
    const found = seat.asked.then(() => this.#ask(seat));
    seat.asked = found.catch(() => {});
    return found;
  }

  /** Asks again for everybody who is in the document. Resolves when what has changed is true for all of them. */
  async recheck(document: string): Promise<void> {
    const seats = [...(this.#seats.get(document) ?? [])].filter(({ config }) => config !== undefined);
    await Promise.all(
      seats.map((seat) => {
        seat.asked = seat.asked.then(() => this.#follow(seat));
        return seat.asked;
      }),
    );
  }

  /** Whether the seat speaks for this client of the document; nobody speaks for a client of somebody else. */
  speaks(seat: Seat, client: number): boolean {
    if (seat.client !== undefined) return seat.client === client;
    for (const other of this.#seats.get(seat.document) ?? []) {
      if (other === seat || other.client !== client) continue;
      if (other.person.user !== seat.person.user) return false;
      /** A page that comes back before its broken line was noticed. */
      other.client = undefined;
    }
    seat.client = client;
    return true;
  }

  leave(socket: RoomsSocket, document: string): Seat | undefined {
    const seats = this.#seats.get(document);
    for (const seat of seats ?? []) {
      if (seat.socket !== socket) continue;
      seats?.delete(seat);
      if (seats?.size === 0) this.#seats.delete(document);
      return seat;
    }
    return undefined;
  }

  async #ask(seat: Seat): Promise<Accessible | undefined> {
    const found = await this.#access.of(seat.person, seat.document);
    seat.role = found?.worksheet.trashedAt === null ? found.role : undefined;
    const readOnly = !seat.may('edit');
    if (seat.config !== undefined) seat.config.readOnly = readOnly;
    if (seat.connection !== undefined) seat.connection.readOnly = readOnly;
    return found;
  }

  async #follow(seat: Seat): Promise<void> {
    const before = seat.role;
    try {
      await this.#ask(seat);
    } catch {
      seat.socket.close(COME_BACK, 'it cannot be found out what you may do here');
      return;
    }
    if (seat.role === before) return;
    if (seat.role === undefined) seat.socket.close(ACCESS_WITHDRAWN, 'this worksheet is no longer shared with you');
    else seat.connection?.sendStateless(roleNotice(seat.role));
  }
}

export const roleNotice = (role: WorksheetRole): string =>
  JSON.stringify({ say: 'role', role } satisfies WorksheetNotice);
