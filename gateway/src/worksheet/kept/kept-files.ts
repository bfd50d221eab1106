/**
 * The files of worksheets (docs/spec/worksheet-files.md): kept on the server within the policy's bound, put into every new sandbox
 * before its first cell, taken out of it when cells have ended and before it is ended. Whether a person may is asked before.
 */
import type { Readable } from 'node:stream';
import type { Clock } from '../../base/clock.ts';
import { CarrelError } from '../../base/errors.ts';
import {
  isLibraryId,
  type KernelId,
  kernelOfWorksheet,
  type PolicyName,
  type UserId,
  type WorksheetId,
} from '../../base/ids.ts';
import type { Logger } from '../../base/ports.ts';
import { type FileKeeper, type OpenSandbox, SandboxFileError } from '../../kernel/contract.ts';
import type { Users } from '../../store/users.ts';
import type { StoredFile, WorksheetFiles } from '../../store/worksheet-files.ts';
import type { StoredWorksheet, Worksheets } from '../../store/worksheets.ts';
import { pathProblem } from '../../wire/file-paths.ts';
import type { FileAmount, FileListModel } from '../../wire/file-rest.ts';
import { named } from '../../wire/told.ts';
import { Blobs } from './blobs.ts';
import { type Desk, Desks } from './desks.ts';
import { type DownloadPlace, DownloadPlaces } from './download-places.ts';
import { fileList } from './file-list.ts';
import { type OwnersRoom, ownersProblem } from './owners-room.ts';
import { fillSandbox, MOST_FILES, putFile, readFile, type SyncPorts, syncSandbox } from './sync.ts';
import { amountOf } from './sync-plan.ts';
import { UploadPlaces } from './upload-places.ts';
import { receive, reserve } from './uploads.ts';

export interface KeptFilesOptions {
  /** Of the data folder; only this process writes in it. */
  readonly folder: string;
  readonly records: WorksheetFiles;
  readonly worksheets: Pick<Worksheets, 'get'>;
  /** What a policy keeps; undefined where there is no such policy any more. */
  readonly bound: (policy: PolicyName) => FileAmount | undefined;
  /** Bytes that the worksheets of one person may keep together. */
  readonly perPerson: number;
  readonly users: Pick<Users, 'byId'>;
  /** The sandbox of a kernel, undefined where it has none. */
  readonly sandbox: (kernel: KernelId) => OpenSandbox | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface FileContent {
  /** Bytes. */
  readonly size: number;
  readonly content: Readable;
  /** To be called when the content was read, or is not wanted any more. */
  readonly done: () => Promise<void>;
}

/** What is being written is looked at again, so often at most; milliseconds. */
const AGAIN = 500;
const MOST_AGAIN = 4;
const SWEEP_EVERY = 3_600_000;
const NONE: FileAmount = { size: 0, count: 0 };

export class KeptFiles implements FileKeeper {
  readonly #options: KeptFilesOptions;
  readonly #ports: SyncPorts;
  readonly #desks = new Desks();
  readonly #places = new UploadPlaces();
  readonly #downloads = new DownloadPlaces();
  readonly #listeners = new Set<(worksheet: WorksheetId) => void>();
  #ended = false;

  constructor(options: KeptFilesOptions) {
    const { folder, records, clock } = options;
    this.#options = options;
    this.#ports = { records, blobs: new Blobs(folder, records), now: () => clock.now() };
    this.#sweepEvery();
  }

  /** Of the contents. */
  get folder(): string {
    return this.#options.folder;
  }

  /** Nothing is begun any more. */
  close(): void {
    this.#ended = true;
  }

  /** Called when the files of a worksheet may have changed. */
  onChange(listener: (worksheet: WorksheetId) => void): void {
    this.#listeners.add(listener);
  }

  async list(worksheet: StoredWorksheet): Promise<FileListModel> {
    const kept = await this.#options.records.list(worksheet.id);
    const shape = { used: amountOf(kept), bound: this.#boundOf(worksheet), more: false, odd: 0 };
    const { problems } = this.#desks.of(worksheet.id);
    const sandbox = this.#sandboxOf(worksheet.id);
    if (sandbox === undefined) return { ...shape, files: fileList(kept, undefined, problems), sandbox: 'none' };
    try {
      const { files, cut, odd } = await sandbox.files.list(MOST_FILES);
      return { ...shape, files: fileList(kept, files, problems), sandbox: 'open', more: cut, odd };
    } catch (error) {
      if (!(error instanceof SandboxFileError)) throw error;
      const trouble = { trouble: error.message, ...named(error.message) };
      return { ...shape, files: fileList(kept, undefined, problems), sandbox: 'silent', ...trouble };
    }
  }

  /**
   * Keeps a file of `size` bytes that `person` sends, and puts it into the sandbox where there is one. Before a byte of `source` is
   * read it throws `too_large` where it does not fit, `quota_reached` where too much is being uploaded already, and `bad_request` for
   * a path that is not kept.
   */
  async put(
    worksheet: StoredWorksheet,
    path: string,
    size: number,
    source: AsyncIterable<Buffer>,
    person: UserId,
  ): Promise<void> {
    const problem = pathProblem(path);
    if (problem !== undefined) throw new CarrelError('bad_request', `this file cannot be kept: ${problem}`);
    const place = { person, owner: worksheet.owner, size };
    this.#places.take(place);
    try {
      const before = await this.#find(worksheet.id, path);
      const room = await this.#roomOf(worksheet.owner, this.#places.comingTo(worksheet.owner, place));
      const full = ownersProblem(size, size - (before?.size ?? 0), room);
      if (full !== undefined) throw new CarrelError('too_large', full);
      await this.#receive(worksheet, path, size, source);
    } finally {
      this.#places.leave(place);
    }
  }

  async #receive(worksheet: StoredWorksheet, path: string, size: number, source: AsyncIterable<Buffer>): Promise<void> {
    const desk = this.#desks.of(worksheet.id);
    const reserved = await reserve(
      desk,
      { path, size },
      () => this.#options.records.list(worksheet.id),
      this.#boundOf(worksheet),
    );
    const { records, blobs, now } = this.#ports;
    try {
      const blob = await receive(blobs, size, source);
      const file: StoredFile = {
        ...{ path, size, sha256: blob.sha256, blob: blob.id },
        ...{ mtime: now() * 1000, seenIn: undefined, changedAt: now() },
      };
      await desk.alone(async () => {
        const before = await this.#find(worksheet.id, path);
        await records.put(worksheet.id, file).finally(() => blobs.settle(blob.id));
        if (before !== undefined) await blobs.drop(before.blob);
        desk.problems.delete(path);
        await this.#hand(desk, worksheet.id, file);
      });
    } finally {
      desk.reserved.delete(reserved);
      this.#changed(worksheet.id);
    }
  }

  /**
   * As it is in the sandbox where there is one, else as it is kept, for `person`. Throws `not_found`, `conflict` where it is being
   * written, and `quota_reached` where this person downloads too much already.
   */
  async read(worksheet: StoredWorksheet, path: string, person: UserId): Promise<FileContent> {
    const place = this.#downloads.take(person);
    try {
      const { done, ...content } = await this.#read(worksheet, path, place);
      return { ...content, done: () => done().finally(() => this.#downloads.leave(place)) };
    } catch (error) {
      this.#downloads.leave(place);
      throw error;
    }
  }

  async #read(worksheet: StoredWorksheet, path: string, place: DownloadPlace): Promise<FileContent> {
    const { blobs } = this.#ports;
    const kept = await this.#find(worksheet.id, path);
    const sandbox = pathProblem(path) === undefined ? this.#sandboxOf(worksheet.id) : undefined;
    if (sandbox !== undefined)
      try {
        return await this.#copy(sandbox, path, place, Math.max(this.#options.perPerson, this.#boundOf(worksheet).size));
      } catch (error) {
        if (!(error instanceof SandboxFileError)) throw error;
        if (kept === undefined && error.code !== 'missing')
          throw new CarrelError('conflict', `this file cannot be read: ${error.message}`);
      }
    if (kept === undefined) throw new CarrelError('not_found', 'there is no such file');
    return { size: kept.size, content: await blobs.read(kept.blob), done: async () => {} };
  }

  /** A copy that is gone when it was read. All of one person have at most `most` bytes together, whatever a sandbox says it has. */
  async #copy(sandbox: OpenSandbox, path: string, place: DownloadPlace, most: number): Promise<FileContent> {
    const { blobs } = this.#ports;
    const { blob } = await readFile(this.#ports, sandbox, path, {
      begin: ({ size }) => this.#downloads.copies(place, size, most),
      passing: true,
    });
    const done = () => blobs.settle(blob.id);
    try {
      return { size: blob.size, content: await blobs.read(blob.id), done };
    } catch (error) {
      await done();
      throw error;
    }
  }

  /** Out of the sandbox and out of what is kept. Throws `not_found`, and `conflict` where the sandbox does not let it go. */
  async remove(worksheet: StoredWorksheet, path: string): Promise<void> {
    const desk = this.#desks.of(worksheet.id);
    await desk.alone(async () => {
      const kept = await this.#find(worksheet.id, path);
      const sandbox = pathProblem(path) === undefined ? this.#sandboxOf(worksheet.id) : undefined;
      if (kept === undefined && sandbox === undefined) throw new CarrelError('not_found', 'there is no such file');
      /** The sandbox first: were it last and failed, the file would be taken out again. */
      await sandbox?.files.remove(path).catch((error) => {
        if (!(error instanceof SandboxFileError)) throw error;
        throw new CarrelError('conflict', `this file was not deleted: ${error.message}`);
      });
      desk.problems.delete(path);
      if (kept === undefined) return;
      await this.#ports.records.remove(worksheet.id, path);
      await this.#ports.blobs.drop(kept.blob);
    });
    this.#changed(worksheet.id);
  }

  /** Throws `too_large` where the files of this worksheet are more than a copy of it may bring its owner. */
  async requireRoomForCopy(from: WorksheetId, owner: UserId): Promise<void> {
    const { records } = this.#ports;
    const { size } = amountOf(await records.list(from));
    const room = await this.#roomOf(owner, this.#places.comingTo(owner));
    const full = ownersProblem(
      size,
      (await records.sizeOfOwner(owner, from)) - (await records.sizeOfOwner(owner)),
      room,
    );
    if (full !== undefined) throw new CarrelError('too_large', full);
  }

  /** For a copy of a worksheet. */
  copy(from: WorksheetId, to: WorksheetId): Promise<void> {
    return this.#options.records.copy(from, to);
  }

  /** Removes the content of what is kept no longer, of worksheets that were removed for instance. */
  async sweep(): Promise<void> {
    const { logger } = this.#options;
    try {
      const count = await this.#ports.blobs.sweep();
      if (count > 0) logger.info({ count }, 'content of files that nothing refers to was removed');
    } catch (error) {
      if (!this.#ended) logger.warn({ err: error }, 'the folder of files could not be swept');
    }
  }

  async prepare(kernel: KernelId, sandbox: OpenSandbox): Promise<void> {
    const worksheet = worksheetOf(kernel);
    if (worksheet === undefined || (await this.#options.records.list(worksheet)).length === 0) return;
    const desk = this.#desks.of(worksheet);
    await desk.alone(async () => desk.tell(await fillSandbox(this.#ports, worksheet, sandbox)));
    this.#changed(worksheet);
  }

  look(kernel: KernelId, sandbox: OpenSandbox): void {
    const worksheet = worksheetOf(kernel);
    if (worksheet === undefined) return;
    const look = (left: number) =>
      void this.#sync(worksheet, sandbox).then(
        (again) => again && left > 0 && this.#options.clock.after(AGAIN, () => look(left - 1)),
        (error) => this.#options.logger.info({ err: error, worksheet }, 'the files of a sandbox were not looked at'),
      );
    look(MOST_AGAIN);
  }

  async rescue(kernel: KernelId, sandbox: OpenSandbox): Promise<void> {
    const worksheet = worksheetOf(kernel);
    if (worksheet !== undefined) await this.#sync(worksheet, sandbox);
  }

  /** True where something is to be looked at again soon. */
  async #sync(id: WorksheetId, sandbox: OpenSandbox): Promise<boolean> {
    if (this.#ended) return false;
    const worksheet = await this.#options.worksheets.get(id);
    if (worksheet === undefined) return false;
    const desk = this.#desks.of(id);
    const again = await desk.alone(async () => {
      const owner = () => this.#roomOf(worksheet.owner, this.#places.comingTo(worksheet.owner));
      const result = await syncSandbox(this.#ports, id, sandbox, { bound: this.#boundOf(worksheet), owner });
      desk.tell(result.problems);
      return result.again;
    });
    this.#changed(id);
    return again;
  }

  /** Fails nothing: what is kept is kept, and the list says what the sandbox has not got. */
  async #hand(desk: Desk, worksheet: WorksheetId, file: StoredFile): Promise<void> {
    const sandbox = this.#sandboxOf(worksheet);
    if (sandbox === undefined) return;
    try {
      await putFile(this.#ports, worksheet, sandbox, file, desk.problems);
    } catch (error) {
      if (!(error instanceof SandboxFileError)) throw error;
      desk.problems.set(file.path, `it is kept, but the sandbox has not got it yet: ${error.message}`);
    }
  }

  async #find(worksheet: WorksheetId, path: string): Promise<StoredFile | undefined> {
    return (await this.#options.records.list(worksheet)).find((file) => file.path === path);
  }

  /** `coming`: bytes that are on their way. */
  async #roomOf(owner: UserId, coming: number): Promise<OwnersRoom> {
    const { users, perPerson } = this.#options;
    const name = (await users.byId(owner))?.name ?? 'its owner';
    return { name, used: (await this.#options.records.sizeOfOwner(owner)) + coming, bound: perPerson };
  }

  #boundOf({ policy }: StoredWorksheet): FileAmount {
    return this.#options.bound(policy) ?? NONE;
  }

  #sandboxOf(worksheet: WorksheetId): OpenSandbox | undefined {
    return this.#options.sandbox(kernelOfWorksheet(worksheet));
  }

  #changed(worksheet: WorksheetId): void {
    for (const listener of this.#listeners) listener(worksheet);
  }

  #sweepEvery(): void {
    if (this.#ended) return;
    void this.sweep();
    this.#options.clock.after(SWEEP_EVERY, () => this.#sweepEvery());
  }
}

/** A kernel that is no worksheet's keeps nothing. */
const worksheetOf = (kernel: KernelId): WorksheetId | undefined => {
  const id: string = kernel;
  return isLibraryId(id) ? id : undefined;
};
