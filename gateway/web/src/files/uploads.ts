/** Files on their way to the server, two at a time. They go on when the panel is closed. */
import type { Dropped } from '../editor/dropped-files.ts';
import type { Worksheet } from '../editor/worksheet.ts';
import { ApiError } from '../shared/api.ts';
import { type FileListModel, fileApi, pathProblem } from '../shared/file-api.ts';
import { size as sizeOf } from '../shared/size.ts';
import { Value } from '../shared/value.ts';
import { t } from '../texts/texts.ts';
import { ownInLanguage } from '../texts/told.ts';

export interface Upload {
  readonly key: number;
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly sent: number;
  readonly state: 'waiting' | 'sending' | 'failed';
  /** Why it failed. */
  readonly message: string;
}

const AT_ONCE = 2;
/** Names in a question. */
const NAMED = 5;

export class Uploads {
  readonly list = new Value<readonly Upload[]>([]);
  readonly #worksheet: Worksheet;
  readonly #files = new Map<number, File>();
  readonly #cancels = new Map<number, () => void>();
  #next = 0;

  constructor(worksheet: Worksheet) {
    this.#worksheet = worksheet;
  }

  /** Those of a worksheet. */
  static of(worksheet: Worksheet): Uploads {
    const found = all.get(worksheet) ?? new Uploads(worksheet);
    all.set(worksheet, found);
    return found;
  }

  /** Asks before files that are there are replaced. */
  async offer(dropped: readonly Dropped[]): Promise<void> {
    const list = await fileApi.list(this.#worksheet.id).catch(() => undefined);
    const there = new Set(list?.files.map(({ path }) => path));
    const clashes = dropped.flatMap(({ path }) => (there.has(path) ? path : []));
    const act = () => this.#add(dropped, list);
    if (clashes.length === 0) return act();
    const text = t.files.replaceQuestion(clashes.slice(0, NAMED).join(', ') + (clashes.length > NAMED ? ', …' : ''));
    this.#worksheet.question.set({ text, confirm: t.files.replace, act });
  }

  #add(dropped: readonly Dropped[], list: FileListModel | undefined): void {
    const added = dropped.map(({ path, file }): Upload => {
      this.#next += 1;
      this.#files.set(this.#next, file);
      const unkept = pathProblem(path);
      const problem = unkept === undefined ? sizeProblem(path, file.size, list) : ownInLanguage(unkept);
      const state = problem === undefined ? 'waiting' : 'failed';
      return { key: this.#next, path, size: file.size, sent: 0, state, message: problem ?? '' };
    });
    this.list.set([...this.list.get(), ...added]);
    this.#begin();
  }

  again(key: number): void {
    this.#change(key, { state: 'waiting', sent: 0, message: '' });
    this.#begin();
  }

  /** Takes it away, whatever it is at. */
  cancel(key: number): void {
    this.#cancels.get(key)?.();
    this.#forget(key);
    this.#begin();
  }

  #begin(): void {
    const uploads = this.list.get();
    const room = AT_ONCE - this.#cancels.size;
    for (const upload of uploads.filter(({ state }) => state === 'waiting').slice(0, Math.max(0, room)))
      void this.#send(upload);
  }

  async #send({ key, path }: Upload): Promise<void> {
    const file = this.#files.get(key);
    if (file === undefined) return;
    this.#change(key, { state: 'sending' });
    const { done, cancel } = fileApi.send(this.#worksheet.id, path, file, (sent) => this.#change(key, { sent }));
    this.#cancels.set(key, cancel);
    try {
      await done;
      this.#forget(key);
      this.#worksheet.announcement.set(t.files.uploaded(path));
    } catch (error) {
      const message = error instanceof ApiError && error.message !== '' ? error.message : t.unreachable;
      if (this.list.get().some((upload) => upload.key === key)) {
        this.#change(key, { state: 'failed', message });
        this.#worksheet.announcement.set(t.files.uploadFailed(path, message));
      }
    } finally {
      this.#cancels.delete(key);
      this.#begin();
    }
  }

  #change(key: number, change: Partial<Upload>): void {
    this.list.set(this.list.get().map((upload) => (upload.key === key ? { ...upload, ...change } : upload)));
  }

  #forget(key: number): void {
    this.#files.delete(key);
    this.list.set(this.list.get().filter((upload) => upload.key !== key));
  }
}

/** Told without sending it; the server decides. */
function sizeProblem(path: string, size: number, list: FileListModel | undefined): string | undefined {
  if (list === undefined) return undefined;
  const before = list.files.find((file) => file.path === path && file.kept)?.size ?? 0;
  const free = Math.max(0, list.bound.size - list.used.size + before);
  return size > free ? t.files.tooLarge(sizeOf(size), sizeOf(free)) : undefined;
}

const all = new WeakMap<Worksheet, Uploads>();
