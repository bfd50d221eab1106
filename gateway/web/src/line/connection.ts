/** The line to the gateway: the shared document, the commands and the live status, over one WebSocket that comes back by itself. */
import { HocuspocusProvider } from '@hocuspocus/provider';
import type * as Y from 'yjs';
import type { WidgetEvent } from '../../../src/wire/widget-models.ts';
import type { WorksheetNotice, WorksheetStatus } from '../../../src/wire/worksheet-protocol.ts';
import { ACCESS_WITHDRAWN, type WorksheetRole } from '../../../src/wire/worksheet-role.ts';
import { newId } from '../shared/new-id.ts';
import { Value } from '../shared/value.ts';
import { inLanguage } from '../texts/told.ts';
import { calmRun } from './calm-run.ts';
import { calmSave } from './calm-save.ts';
import { CommandQueue, type NewCommand } from './command-queue.ts';
import { LiveSocket } from './live-socket.ts';
import { afterSaveEvent, firstSaveState, type SaveEvent, type SaveState } from './save-state.ts';

/** Milliseconds. */
const FIRST_WAIT = 400;
const LONGEST_WAIT = 8000;

export class Connection {
  readonly status = new Value<WorksheetStatus | undefined>(undefined);
  /** What the person is to the worksheet; undefined before the gateway has told it. */
  readonly role = new Value<WorksheetRole | undefined>(undefined);
  /** Whether the person has lost every right to it while it was open; the line does not come back. */
  readonly withdrawn = new Value(false);
  readonly save = new Value<SaveState>(firstSaveState);
  /** The same as it is shown. */
  readonly shownSave = calmSave(this.save);
  /** Counts the server's words that the worksheet's files may be others. */
  readonly fileChanges = new Value(0);
  /** Counts the lines that broke before they stood; 0 while one stands. */
  readonly failures = new Value(0);
  /** Commands that wait for their answer. */
  readonly waiting = new Value<readonly string[]>([]);
  /** The status, and whose run waits for an answer, as they are shown. */
  readonly shownRun = calmRun(this.status, this.waiting);
  /** Hears what has happened to widgets. */
  onWidgets: (events: readonly WidgetEvent[]) => void = () => {};
  readonly provider: HocuspocusProvider;
  readonly #socket: LiveSocket;
  readonly #commands: CommandQueue;

  constructor(url: string, worksheet: string, doc: Y.Doc) {
    this.#socket = new LiveSocket({ url, delay: FIRST_WAIT, minDelay: FIRST_WAIT, maxDelay: LONGEST_WAIT });
    this.provider = new HocuspocusProvider({ websocketProvider: this.#socket, name: worksheet, document: doc });
    this.#commands = new CommandQueue((text) => this.provider.sendStateless(text), newId);
    this.#followEdits(doc);
    this.provider.on('authenticated', () => this.#appear());
    this.provider.on('synced', () => this.#settle());
    this.provider.on('unsyncedChanges', () => this.#settle());
    this.provider.on('stateless', ({ payload }: { payload: string }) => this.#hear(payload));
    this.provider.on('close', ({ event }: { event: { code: number } }) => this.#lost(event.code));
    this.provider.attach();
    addEventListener('online', () => void this.#socket.connect());
  }

  get awareness() {
    return this.provider.awareness;
  }

  /** Resolves when the gateway has answered; see CommandQueue. */
  async command(wish: NewCommand): Promise<Extract<WorksheetNotice, { id: string }> | undefined> {
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

  /**
   * Everything that this page knows has arrived at the server, edits before commands. Edits of one who may not edit any more never
   * do; they are no reason for commands to wait.
   */
  #settle(): void {
    if (!this.provider.synced) return;
    if (this.provider.hasUnsyncedChanges && this.#mayEdit) return;
    this.failures.set(0);
    this.#saved('joined');
    if (this.#mayEdit) this.#saved('acknowledged');
    this.#commands.open();
  }

  /** Others take only what is newer than what they know, so that who comes, or comes back, has to say it anew. */
  #appear(): void {
    this.awareness?.setLocalState(this.awareness.getLocalState() ?? {});
  }

  get #mayEdit(): boolean {
    const role = this.role.get();
    return role === undefined || role === 'owner' || role === 'editor';
  }

  /** Edits that were refused meanwhile go out again when they are allowed. */
  #become(role: WorksheetRole): void {
    const could = this.#mayEdit;
    this.role.set(role);
    if (this.#mayEdit && !could && this.provider.hasUnsyncedChanges) this.provider.forceSync();
    this.#settle();
  }

  #lost(code: number): void {
    if (code === ACCESS_WITHDRAWN) {
      this.#socket.ended = true;
      this.withdrawn.set(true);
    }
    this.failures.set(this.failures.get() + 1);
    this.#saved('lost');
    if (this.#socket.ended) this.#commands.end();
    else this.#commands.lost();
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
      doc.on('update', (update: Uint8Array, origin: unknown) => {
        if (origin === provider) return;
        this.#socket.behindFrame(() => provider.documentUpdateHandler(update, origin));
        this.#saved('edit');
      });
    };
    provider.on('synced', begin);
  }

  #hear(payload: string): void {
    const notice = JSON.parse(payload) as WorksheetNotice;
    if (notice.say === 'status') this.#state(notice.status);
    else if (notice.say === 'role') this.#become(notice.role);
    else if (notice.say === 'files') this.fileChanges.set(this.fileChanges.get() + 1);
    else if (notice.say === 'widgets') this.onWidgets(notice.events);
    else if (notice.say === 'refused')
      this.#commands.answered({ ...notice, message: inLanguage(notice.message, notice.told) });
    else this.#commands.answered(notice);
  }

  #state(status: WorksheetStatus): void {
    this.status.set({ ...status, reason: inLanguage(status.reason, status.told) });
  }

  #saved(event: SaveEvent): void {
    this.save.set(afterSaveEvent(this.save.get(), event));
  }

  #told(): void {
    this.waiting.set(this.askedFor);
  }
}
