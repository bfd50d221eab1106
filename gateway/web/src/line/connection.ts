/** The line to the gateway: the shared document, the commands and the live status, over one WebSocket that comes back by itself. */
import { HocuspocusProvider, HocuspocusProviderWebsocket } from '@hocuspocus/provider';
import type * as Y from 'yjs';
import type { WorksheetNotice, WorksheetStatus } from '../../../src/wire/worksheet-protocol.ts';
import { newId } from '../shared/new-id.ts';
import { Value } from '../shared/value.ts';
import { CommandQueue, type NewCommand } from './command-queue.ts';
import { afterSaveEvent, firstSaveState, type SaveEvent, type SaveState } from './save-state.ts';

/** Milliseconds. */
const FIRST_WAIT = 400;
const LONGEST_WAIT = 8000;

/**
 * The library would keep what is sent while the line is down and send it after the next handshake as well, which makes its count
 * of acknowledgements wrong. The handshake itself carries every edit, so there is nothing to keep.
 */
class LiveSocket extends HocuspocusProviderWebsocket {
  override send(message: unknown): void {
    if (this.webSocket?.readyState === WebSocket.OPEN) super.send(message);
  }
}

export class Connection {
  readonly status = new Value<WorksheetStatus | undefined>(undefined);
  readonly save = new Value<SaveState>(firstSaveState);
  /** Counts the lines that broke before they stood; 0 while one stands. */
  readonly failures = new Value(0);
  /** Commands that wait for their answer. */
  readonly waiting = new Value<readonly string[]>([]);
  readonly provider: HocuspocusProvider;
  readonly #socket: LiveSocket;
  readonly #commands: CommandQueue;

  constructor(url: string, worksheet: string, doc: Y.Doc) {
    this.#socket = new LiveSocket({ url, delay: FIRST_WAIT, minDelay: FIRST_WAIT, maxDelay: LONGEST_WAIT });
    this.provider = new HocuspocusProvider({ websocketProvider: this.#socket, name: worksheet, document: doc });
    this.#commands = new CommandQueue((text) => this.provider.sendStateless(text), newId);
    this.#followEdits(doc);
    this.provider.on('synced', () => this.#settle());
    this.provider.on('unsyncedChanges', () => this.#settle());
    this.provider.on('stateless', ({ payload }: { payload: string }) => this.#hear(payload));
    this.provider.on('close', () => this.#lost());
    this.provider.attach();
    addEventListener('online', () => void this.#socket.connect());
  }

  get awareness() {
    return this.provider.awareness;
  }

  /** Resolves when the gateway has answered; see CommandQueue. */
  async command(wish: NewCommand): Promise<Exclude<WorksheetNotice, { say: 'status' }> | undefined> {
    const answer = this.#commands.add(wish);
    this.#told();
    const result = await answer;
    this.#told();
    return result;
  }

  /** The cells whose run was asked for and not answered. */
  get askedFor(): readonly string[] {
    return this.#commands.waiting.flatMap((command) =>
      command.do === 'run' || command.do === 'restart' ? (command.cells ?? []) : [],
    );
  }

  close(): void {
    this.provider.destroy();
    this.#socket.destroy();
  }

  /** Everything that this page knows has arrived at the server, edits before commands. */
  #settle(): void {
    if (!this.provider.synced || this.provider.hasUnsyncedChanges) return;
    this.failures.set(0);
    this.#saved('joined');
    this.#saved('acknowledged');
    this.#commands.open();
  }

  #lost(): void {
    this.failures.set(this.failures.get() + 1);
    this.#saved('lost');
    this.#commands.lost();
    this.#told();
  }

  /**
   * Nobody edits before the document has come, and Yjs encodes each change as soon as anybody listens: what comes first is the
   * whole document, which is not worth that.
   */
  #followEdits(doc: Y.Doc): void {
    const { provider } = this;
    doc.off('update', provider.boundDocumentUpdateHandler);
    const begin = () => {
      provider.off('synced', begin);
      doc.on('update', provider.boundDocumentUpdateHandler);
      doc.on('update', (_update: Uint8Array, origin: unknown) => {
        if (origin !== provider) this.#saved('edit');
      });
    };
    provider.on('synced', begin);
  }

  #hear(payload: string): void {
    const notice = JSON.parse(payload) as WorksheetNotice;
    if (notice.say === 'status') this.status.set(notice.status);
    else this.#commands.answered(notice);
  }

  #saved(event: SaveEvent): void {
    this.save.set(afterSaveEvent(this.save.get(), event));
  }

  #told(): void {
    this.waiting.set(this.askedFor);
  }
}
