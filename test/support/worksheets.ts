/** A page of a worksheet without a browser: the shared document by Hocuspocus' own client, commands and what is answered. */
import { randomUUID } from 'node:crypto';
import { HocuspocusProvider, HocuspocusProviderWebsocket } from '@hocuspocus/provider';
import { WebSocket } from 'ws';
import type * as Y from 'yjs';
import type { WorksheetCommand, WorksheetNotice, WorksheetStatus } from '../../gateway/src/wire/worksheet-protocol.ts';
import type { WorksheetModel, WorksheetRole } from '../../gateway/src/wire/worksheet-rest.ts';
import { cellsOf, readDocument, sourceOf } from '../../gateway/src/worksheet/document/document.ts';
import { rest, type Server } from './jupyter.ts';

const WITHIN = 30_000;

/** Everything of a command but its id. */
type Wish = WorksheetCommand extends infer Each ? (Each extends { id: string } ? Omit<Each, 'id'> : never) : never;

export async function newWorksheet(server: Server, body: object = {}): Promise<WorksheetModel> {
  const answer = await rest(server, 'POST', '/api/worksheets', body);
  if (answer.status !== 201) throw new Error(`POST /api/worksheets answered ${answer.status}: ${answer.text}`);
  return answer.json;
}

export class Page implements Disposable {
  readonly provider: HocuspocusProvider;
  readonly notices: WorksheetNotice[] = [];
  status: WorksheetStatus | undefined;
  /** What the person is to the worksheet, as the server said last. */
  role: WorksheetRole | undefined;
  /** Why the server did not let it in. */
  denied: string | undefined;
  closes: { code: number; reason: string }[] = [];
  readonly #line: HocuspocusProviderWebsocket;

  constructor(server: Server, id: string) {
    const url = `${server.url.replace(/^http/, 'ws')}/api/worksheets/socket`;
    const headers = { Authorization: `token ${server.token}` };
    class Authorized extends WebSocket {
      constructor(address: string) {
        super(address, { headers });
        this.on('error', () => {});
      }
    }
    this.#line = new HocuspocusProviderWebsocket({
      url,
      WebSocketPolyfill: Authorized,
      delay: 100,
      minDelay: 100,
      maxDelay: 500,
      onClose: ({ event }) => void this.closes.push({ code: event.code, reason: String(event.reason) }),
    });
    this.provider = new HocuspocusProvider({
      websocketProvider: this.#line,
      name: id,
      onAuthenticated: () => {
        const { awareness } = this.provider;
        awareness?.setLocalState(awareness.getLocalState() ?? {});
      },
      onAuthenticationFailed: ({ reason }) => {
        this.denied = reason;
      },
      onStateless: ({ payload }) => {
        const notice = JSON.parse(payload) as WorksheetNotice;
        if (notice.say === 'status') this.status = notice.status;
        else if (notice.say === 'role') this.role = notice.role;
        else this.notices.push(notice);
      },
    });
    this.provider.attach();
  }

  /** One that has received the document. */
  static async open(server: Server, id: string): Promise<Page> {
    const page = new Page(server, id);
    await page.until('the document', () => page.provider.isSynced);
    return page;
  }

  get doc(): Y.Doc {
    return this.provider.document;
  }

  get cells() {
    return readDocument(this.doc).cells;
  }

  /** The text of a code cell's outputs. */
  output(index = 0): string {
    const cell = this.cells[index];
    if (cell?.cell_type !== 'code') return '';
    return cell.outputs
      .map((output) => {
        if (output.output_type === 'stream') return output.text;
        if (output.output_type === 'error') return `${output.ename}: ${output.evalue}`;
        return String(output.data['text/plain']);
      })
      .join('');
  }

  /** Replaces the text of a cell. */
  type(text: string, index = 0): string {
    const cell = cellsOf(this.doc).get(index);
    const source = cell.get('source') as Y.Text;
    this.doc.transact(() => {
      source.delete(0, sourceOf(cell).length);
      source.insert(0, text);
    });
    return String(cell.get('id'));
  }

  /** Adds to the text of a cell. */
  append(text: string, index = 0): void {
    const source = cellsOf(this.doc).get(index).get('source') as Y.Text;
    source.insert(source.length, text);
  }

  send(wish: Wish): string {
    const id = randomUUID();
    this.provider.sendStateless(JSON.stringify({ id, ...wish }));
    return id;
  }

  async command(wish: Wish): Promise<WorksheetNotice> {
    const id = this.send(wish);
    const found = () => this.notices.find((notice) => 'id' in notice && notice.id === id);
    await this.until(`the answer to ${wish.do}`, () => found() !== undefined);
    return found() as WorksheetNotice;
  }

  /** Types the code into the first cell and asks for it to be run. */
  async run(code: string): Promise<WorksheetNotice> {
    return this.command({ do: 'run', cells: [this.type(code)] });
  }

  /** The server has said that it has stored every edit of this page. */
  saved(): Promise<void> {
    return this.until('every edit is saved', () => this.provider.isSynced && !this.provider.hasUnsyncedChanges);
  }

  async until(what: string, holds: () => boolean, ms = WITHIN): Promise<void> {
    const end = Date.now() + ms;
    while (!holds()) {
      if (Date.now() > end) {
        const state = { status: this.status, denied: this.denied, closes: this.closes, cells: this.cells };
        throw new Error(`waited ${ms} ms for ${what}: ${JSON.stringify(state).slice(0, 2000)}`);
      }
      await new Promise((next) => setTimeout(next, 5));
    }
  }

  close(): void {
    this.provider.destroy();
    this.#line.destroy();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
