/**
 * One client's socket as Hocuspocus sees it: a WebSocket that lets nothing out before the store has what it tells of. Every
 * message waits for the changes that were made to its document before it, so that neither an acknowledgement nor a change
 * for others runs ahead of the store; messages keep their order.
 */
import { EventEmitter } from 'node:events';
import { Backlog } from '../../base/backlog.ts';
import { documentOf, readFrame } from './frame.ts';

/** The network's side; `edge/ws` implements it. */
export interface Outlet {
  send(bytes: Uint8Array): void;
  /** Ends the connection with a WebSocket close code. */
  close(code: number, reason: string): void;
}

/** What a socket asks of a document's journal. */
export interface Stored {
  /** Resolves when the document's changes up to now are stored, undefined where they are. */
  stored(): Promise<void> | undefined;
  /** Bytes that are not. */
  readonly backlog: number;
}

/** What of a well-formed message goes on to Hocuspocus; undefined for nothing of it. */
export type Screen = (bytes: Uint8Array, document: string) => Uint8Array | undefined;

/** RFC 6455 §7.4.1 and the registry behind it. */
const UNREADABLE = 1007;
const NOT_ALLOWED = 1008;
const COME_BACK = 1013;

const MOST_DOCUMENTS = 20;
/** Bytes that wait for the store beside the largest message (WS21). */
const MOST_WAITING = 64 * 1024 * 1024;
/** Bytes that wait for the answer whether the client may open the document. */
const MOST_EARLY = 16 * 1024 * 1024;
/** Beyond, the client is not read until the store has caught up. */
const MOST_BACKLOG = 16 * 1024 * 1024;

const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;

export class RoomsSocket extends EventEmitter {
  /** Hocuspocus sets it. */
  binaryType = 'nodebuffer';
  readyState: number = OPEN;
  readonly #outlet: Outlet;
  readonly #journalOf: (document: string) => Stored | undefined;
  readonly #screen: Screen;
  #queue: Uint8Array[] = [];
  #queued = 0;
  readonly #backlog = new Backlog(MOST_WAITING);
  #flushing = false;
  /** Documents that the client has named, and the bytes about each that came before it was open; undefined once it is. */
  readonly #documents = new Map<string, number | undefined>();

  /** `journalOf`: undefined for a document that is not open. */
  constructor(outlet: Outlet, journalOf: (document: string) => Stored | undefined, screen: Screen = (bytes) => bytes) {
    super();
    this.#screen = screen;
    this.#outlet = outlet;
    this.#journalOf = journalOf;
  }

  /** A message from the client. Where it answers a promise, the client is not to be read until that is settled. */
  receive(bytes: Uint8Array): Promise<void> | undefined {
    if (this.readyState !== OPEN) return undefined;
    const document = documentIn(bytes);
    if (document === undefined) this.close(UNREADABLE, 'not a message about a worksheet');
    else if (this.#isWelcome(document, bytes.length)) this.#pass(bytes, document);
    const journal = document === undefined ? undefined : this.#journalOf(document);
    return journal !== undefined && journal.backlog > MOST_BACKLOG ? journal.stored() : undefined;
  }

  #pass(bytes: Uint8Array, document: string): void {
    const screened = this.#screen(bytes, document);
    if (screened !== undefined) this.emit('message', screened);
  }

  /** The network has gone. */
  closed(code: number, reason: string): void {
    if (this.readyState === CLOSED) return;
    this.readyState = CLOSED;
    this.#queue = [];
    this.emit('close', code, Buffer.from(reason));
  }

  /** Those that the client has named and not left. */
  get documents(): Iterable<string> {
    return this.#documents.keys();
  }

  /** The client's connection to the document stands. */
  opened(document: string): void {
    this.#documents.set(document, undefined);
  }

  /** The client has left the document, not the socket. */
  left(document: string): void {
    this.#documents.delete(document);
  }

  send(bytes: Uint8Array, done?: (error?: Error) => void): void {
    if (this.readyState !== OPEN) return;
    if (!this.#backlog.takes(this.#queued, bytes.length)) {
      this.close(COME_BACK, 'too much waits to be saved');
      return;
    }
    this.#queue.push(bytes);
    this.#queued += bytes.length;
    if (!this.#flushing) void this.#flush();
    done?.();
  }

  /** The edge has its own pings, and ends a socket that does not answer. */
  ping(): void {
    this.emit('pong');
  }

  close(code = 1000, reason = ''): void {
    if (this.readyState !== OPEN) return;
    this.readyState = CLOSING;
    this.#outlet.close(code, reason);
  }

  async #flush(): Promise<void> {
    this.#flushing = true;
    /** A change is announced by the same call that makes it: the journal may hear of it after us. */
    await Promise.resolve();
    try {
      while (this.#queue.length > 0) {
        const ready = this.#queue;
        this.#queue = [];
        const waits = [...new Set(ready.map(documentOf))].flatMap(
          (document) => this.#journalOf(document)?.stored() ?? [],
        );
        if (waits.length > 0) await Promise.all(waits);
        for (const bytes of ready) {
          this.#queued -= bytes.length;
          if (this.readyState === OPEN) this.#outlet.send(bytes);
        }
      }
    } catch {
      this.close(COME_BACK, 'the worksheet cannot be saved');
    }
    this.#flushing = false;
  }

  #isWelcome(document: string, length: number): boolean {
    if (!this.#documents.has(document)) {
      if (this.#documents.size >= MOST_DOCUMENTS) {
        this.close(NOT_ALLOWED, `at most ${MOST_DOCUMENTS} worksheets in one socket`);
        return false;
      }
      this.#documents.set(document, 0);
    }
    const early = this.#documents.get(document);
    if (early === undefined) return true;
    this.#documents.set(document, early + length);
    if (early + length <= MOST_EARLY) return true;
    this.close(NOT_ALLOWED, 'too much was sent before the worksheet was open');
    return false;
  }
}

function documentIn(bytes: Uint8Array): string | undefined {
  try {
    return readFrame(bytes);
  } catch {
    return undefined;
  }
}
