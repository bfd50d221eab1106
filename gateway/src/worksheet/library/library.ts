/** A person's worksheets and those shared with them: make, list, rename, copy, bring in, take out, trash. All others are unknown. */
import * as Y from 'yjs';
import type { WorksheetRole } from '../../auth/permissions.ts';
import type { Person } from '../../auth/principal.ts';
import type { Clock } from '../../base/clock.ts';
import { CarrelError } from '../../base/errors.ts';
import { isLibraryId, newWorksheetId, type PolicyName } from '../../base/ids.ts';
import type { Shares } from '../../store/shares.ts';
import type { Users } from '../../store/users.ts';
import type { StoredWorksheet, Worksheets } from '../../store/worksheets.ts';
import { formatNotebook, type Notebook } from '../../wire/notebook.ts';
import { cleanTitle, LONGEST_TITLE, type WorksheetModel } from '../../wire/worksheet-rest.ts';
import { fillDocument, readDocument } from '../document/document.ts';
import type { ExportLanguage } from '../files/export-html/texts.ts';
import { exportPython } from '../files/export-python.ts';
import type { Recorder } from '../history/recorder.ts';
import type { KeptFiles } from '../kept/kept-files.ts';
import type { Rooms } from '../rooms/rooms.ts';
import type { FullOutputFile } from '../run/output-spool.ts';
import { type Access, noWorksheet } from './access.ts';
import { HtmlThread } from './html-thread.ts';
import { newNotebook } from './notebook.ts';

/** What a kernelspec's name stands for. */
export interface OfferedKernel {
  readonly name: string;
  readonly policy: PolicyName;
  readonly kernel: string;
  /** As people read it: "Python 3 (large)". */
  readonly title: string;
  readonly language: string;
  /** The longest run of a cell, in milliseconds. */
  readonly cell?: number | undefined;
}

export interface LibraryOptions {
  readonly worksheets: Worksheets;
  readonly shares: Pick<Shares, 'sharedWith'>;
  readonly users: Pick<Users, 'byId'>;
  readonly access: Access;
  readonly rooms: Rooms;
  readonly recorder: Pick<Recorder, 'imported'>;
  readonly files: Pick<KeptFiles, 'copy' | 'requireRoomForCopy' | 'sweep'>;
  /** Throws `not_found` for a kernelspec that there is not, or not for this person; without a name it is the default. */
  readonly offered: (person: Person, name: string | undefined) => OfferedKernel;
  readonly clock: Clock;
}

export interface NewWorksheet {
  readonly title?: string | undefined;
  readonly kernelspec?: string | undefined;
  readonly notebook?: Notebook | undefined;
}

export interface WorksheetFile {
  readonly title: string;
  readonly text: string;
}

const MOST_PER_PERSON = 1000;
const UNTITLED = 'Untitled';

export class Library {
  readonly #options: LibraryOptions;
  readonly #html = new HtmlThread();

  constructor(options: LibraryOptions) {
    this.#options = options;
  }

  /** The person's own and those shared with them, the last changed one first; of the trash, the own ones. */
  async list(person: Person, trashed: boolean): Promise<WorksheetModel[]> {
    const { worksheets, shares } = this.#options;
    const own = (await worksheets.list(person.user, { trashed })).map((worksheet) => this.#model(person, worksheet));
    if (trashed) return own;
    const shared = (await shares.sharedWith(person.user)).map(({ worksheet, role, owner }) =>
      this.#model(person, worksheet, role, owner),
    );
    return [...own, ...shared].sort((a, b) => Date.parse(b.changed_at) - Date.parse(a.changed_at));
  }

  /** Whether there is such a worksheet, whoever has it. */
  async has(id: string): Promise<boolean> {
    return isLibraryId(id) && (await this.#options.worksheets.get(id)) !== undefined;
  }

  async get(person: Person, id: string): Promise<WorksheetModel> {
    const { access, users } = this.#options;
    const found = await access.of(person, id);
    if (found === undefined) throw noWorksheet(id);
    const { worksheet, role } = found;
    const owner = role === 'owner' ? person.name : (await users.byId(worksheet.owner))?.name;
    return this.#model(person, worksheet, role, owner);
  }

  /** Throws `quota_reached` where the person has too many. */
  async create(person: Person, wish: NewWorksheet): Promise<WorksheetModel> {
    const { offered } = this.#options;
    if (wish.notebook === undefined) {
      const kernel = offered(person, wish.kernelspec);
      return this.#add(person, wish.title ?? UNTITLED, kernel, newNotebook(kernel));
    }
    const { notebook, kernelspec } = wish;
    const kernel = kernelspec === undefined ? this.#kernelOf(person, notebook) : offered(person, kernelspec);
    return this.#add(person, wish.title ?? UNTITLED, kernel, notebook, true);
  }

  async rename(person: Person, id: string, title: string): Promise<WorksheetModel> {
    const worksheet = await this.#options.access.require(person, id, 'manage');
    await this.#options.worksheets.rename(worksheet.id, title, this.#options.clock.now());
    return this.get(person, id);
  }

  /** Another kernelspec for the next run; the kernel that there is ends. */
  async changeKernel(person: Person, id: string, kernelspec: string): Promise<WorksheetModel> {
    const { access, worksheets, rooms, offered, clock } = this.#options;
    const worksheet = await access.require(person, id, 'manage');
    const kernel = offered(person, kernelspec);
    const { name, policy, kernel: program } = kernel;
    await worksheets.setKernel(worksheet.id, { policy, kernel: program, kernelspec: name }, clock.now());
    if (worksheet.trashedAt === null) await rooms.changeKernel(worksheet.id, kernel);
    return this.get(person, id);
  }

  /** The whole of what a cell has printed. Throws `not_found` where no more is kept than the worksheet shows. */
  async fullOutput(person: Person, id: string, cell: string): Promise<FullOutputFile & { readonly title: string }> {
    const worksheet = await this.#options.access.require(person, id, 'read');
    const file = this.#options.rooms.fullOutput(worksheet.id, cell);
    if (file !== undefined) return { ...file, title: worksheet.title };
    const message =
      'the full output of this cell is not there: it is kept while the sandbox lives, of cells whose output was cut';
    throw new CarrelError('not_found', message);
  }

  /** With its outputs and files; what runs in the one is no part of the other. The copy is the person's own, with a kernel that they may use. */
  async duplicate(person: Person, id: string): Promise<WorksheetModel> {
    const { title, kernelspec, id: source } = await this.#options.access.require(person, id, 'read');
    const kernel = this.#offeredOr(person, kernelspec);
    await this.#options.files.requireRoomForCopy(source, person.user);
    const notebook = readDocument(await this.#options.rooms.read(source));
    const model = await this.#add(person, copyOf(title), kernel, notebook, true);
    if (isLibraryId(model.id)) await this.#options.files.copy(source, model.id);
    return model;
  }

  /** As the text of a file: `.ipynb`, or `.py` with a comment before each cell. */
  async file(person: Person, id: string, ending: 'ipynb' | 'py'): Promise<WorksheetFile> {
    const worksheet = await this.#options.access.require(person, id, 'read');
    const notebook = readDocument(await this.#options.rooms.read(worksheet.id));
    return { title: worksheet.title, text: ending === 'py' ? exportPython(notebook) : formatNotebook(notebook) };
  }

  /** As an HTML file that needs nothing else, in UTF-8. */
  async html(person: Person, id: string, language: ExportLanguage): Promise<{ title: string; file: Uint8Array }> {
    const { id: known, title } = await this.#options.access.require(person, id, 'read');
    const updates = () => this.#options.rooms.updates(known);
    const file = await this.#html.render(person.user, async () => ({ title, language, updates: await updates() }));
    return { title, file };
  }

  /** Into the trash; what is there already is removed for good. The kernel ends either way. */
  async remove(person: Person, id: string): Promise<'trashed' | 'removed'> {
    const { worksheets, rooms, files, clock } = this.#options;
    const worksheet = await this.#options.access.require(person, id, 'manage');
    if (worksheet.trashedAt === null) {
      await worksheets.trash(worksheet.id, clock.now());
      await rooms.end(worksheet, 'the worksheet was moved to the trash');
      return 'trashed';
    }
    await rooms.end(worksheet, 'the worksheet was removed');
    await worksheets.remove(worksheet.id);
    void files.sweep();
    return 'removed';
  }

  /** Out of the trash; one that is not there stays as it is. */
  async restore(person: Person, id: string): Promise<WorksheetModel> {
    const { id: known } = await this.#options.access.require(person, id, 'manage');
    await this.#options.worksheets.restore(known);
    return this.get(person, id);
  }

  /** `brought`: the notebook is somebody's work, so its history begins with it. */
  async #add(
    person: Person,
    title: string,
    kernel: OfferedKernel,
    notebook: Notebook,
    brought = false,
  ): Promise<WorksheetModel> {
    const { worksheets, recorder, clock } = this.#options;
    const has = await worksheets.count(person.user);
    if (has >= MOST_PER_PERSON) {
      const message = `${has} of ${MOST_PER_PERSON} worksheets are there, the trash among them; remove some for good first`;
      throw new CarrelError('quota_reached', message);
    }
    const now = clock.now();
    const worksheet: StoredWorksheet = {
      id: newWorksheetId(),
      owner: person.user,
      title,
      policy: kernel.policy,
      kernel: kernel.kernel,
      kernelspec: kernel.name,
      createdAt: now,
      changedAt: now,
      trashedAt: null,
    };
    const doc = new Y.Doc();
    fillDocument(doc, notebook);
    await worksheets.create(worksheet, Y.encodeStateAsUpdate(doc));
    if (brought) await recorder.imported(worksheet.id, notebook, person.name);
    return this.#model(person, worksheet);
  }

  /** The one that the notebook names where the person may use it, else the default. */
  #kernelOf(person: Person, { metadata }: Notebook): OfferedKernel {
    const spec: unknown = metadata['kernelspec'];
    const name = typeof spec === 'object' && spec !== null && 'name' in spec ? spec.name : undefined;
    return this.#offeredOr(person, typeof name === 'string' ? name : undefined);
  }

  #offeredOr(person: Person, name: string | undefined): OfferedKernel {
    const { offered } = this.#options;
    try {
      return offered(person, name);
    } catch (error) {
      if (!(error instanceof CarrelError) || error.code !== 'not_found') throw error;
      return offered(person, undefined);
    }
  }

  #model(
    person: Person,
    worksheet: StoredWorksheet,
    role: WorksheetRole = 'owner',
    owner = person.name,
  ): WorksheetModel {
    return {
      id: worksheet.id,
      title: worksheet.title,
      kernelspec: worksheet.kernelspec,
      kernelspec_title: this.#titleOf(person, worksheet.kernelspec),
      created_at: new Date(worksheet.createdAt).toISOString(),
      changed_at: new Date(worksheet.changedAt).toISOString(),
      trashed: worksheet.trashedAt !== null,
      kernel: this.#options.rooms.kernelState(worksheet),
      asleep_since: this.#options.rooms.asleepSince(worksheet),
      role,
      owner,
    };
  }

  /** A kernelspec that is gone keeps its name. */
  #titleOf(person: Person, kernelspec: string): string {
    try {
      return this.#options.offered(person, kernelspec).title;
    } catch {
      return kernelspec;
    }
  }
}

/** Also of a title that leaves no room for more. */
const copyOf = (title: string): string => cleanTitle(`${[...title].slice(0, LONGEST_TITLE - 7).join('')} (copy)`);
