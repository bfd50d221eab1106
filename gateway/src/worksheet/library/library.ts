/** A person's worksheets: make, list, rename, copy, bring in, take out, trash. Those of others are as unknown as none. */
import * as Y from 'yjs';
import type { Person } from '../../auth/principal.ts';
import type { Clock } from '../../base/clock.ts';
import { CarrelError } from '../../base/errors.ts';
import { isLibraryId, newWorksheetId, type PolicyName } from '../../base/ids.ts';
import type { StoredWorksheet, Worksheets } from '../../store/worksheets.ts';
import { formatNotebook, type Notebook } from '../../wire/notebook.ts';
import { cleanTitle, LONGEST_TITLE, type WorksheetModel } from '../../wire/worksheet-rest.ts';
import { fillDocument, readDocument } from '../document/document.ts';
import { exportPython } from '../files/export-python.ts';
import type { Rooms } from '../rooms/rooms.ts';
import { newNotebook } from './notebook.ts';

/** What a kernelspec's name stands for. */
export interface OfferedKernel {
  readonly name: string;
  readonly policy: PolicyName;
  readonly kernel: string;
  /** As people read it: "Python 3 (large)". */
  readonly title: string;
  readonly language: string;
}

export interface LibraryOptions {
  readonly worksheets: Worksheets;
  readonly rooms: Rooms;
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

  constructor(options: LibraryOptions) {
    this.#options = options;
  }

  async list(person: Person, trashed: boolean): Promise<WorksheetModel[]> {
    const found = await this.#options.worksheets.list(person.user, { trashed });
    return found.map((worksheet) => this.#model(person, worksheet));
  }

  /** Whether there is such a worksheet, whoever has it. */
  async has(id: string): Promise<boolean> {
    return isLibraryId(id) && (await this.#options.worksheets.get(id)) !== undefined;
  }

  async get(person: Person, id: string): Promise<WorksheetModel> {
    return this.#model(person, await this.#find(person, id));
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
    return this.#add(person, wish.title ?? UNTITLED, kernel, notebook);
  }

  async rename(person: Person, id: string, title: string): Promise<WorksheetModel> {
    const worksheet = await this.#find(person, id);
    await this.#options.worksheets.rename(worksheet.id, title, this.#options.clock.now());
    return this.get(person, id);
  }

  /** With its outputs; what runs in the one is no part of the other. */
  async duplicate(person: Person, id: string): Promise<WorksheetModel> {
    const { title, kernelspec, id: source } = await this.#find(person, id);
    const kernel = this.#options.offered(person, kernelspec);
    return this.#add(person, copyOf(title), kernel, readDocument(await this.#options.rooms.read(source)));
  }

  /** As the text of a file: `.ipynb`, or `.py` with a comment before each cell. */
  async file(person: Person, id: string, ending: 'ipynb' | 'py'): Promise<WorksheetFile> {
    const worksheet = await this.#find(person, id);
    const notebook = readDocument(await this.#options.rooms.read(worksheet.id));
    return { title: worksheet.title, text: ending === 'py' ? exportPython(notebook) : formatNotebook(notebook) };
  }

  /** Into the trash; what is there already is removed for good. The kernel ends either way. */
  async remove(person: Person, id: string): Promise<void> {
    const { worksheets, rooms, clock } = this.#options;
    const worksheet = await this.#find(person, id);
    if (worksheet.trashedAt === null) {
      await worksheets.trash(worksheet.id, clock.now());
      return rooms.end(worksheet, 'the worksheet was moved to the trash');
    }
    await rooms.end(worksheet, 'the worksheet was removed');
    await worksheets.remove(worksheet.id);
  }

  /** Out of the trash; one that is not there stays as it is. */
  async restore(person: Person, id: string): Promise<WorksheetModel> {
    const { id: known } = await this.#find(person, id);
    await this.#options.worksheets.restore(known);
    return this.get(person, id);
  }

  async #add(person: Person, title: string, kernel: OfferedKernel, notebook: Notebook): Promise<WorksheetModel> {
    const { worksheets, clock } = this.#options;
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
    return this.#model(person, worksheet);
  }

  async #find(person: Person, id: string): Promise<StoredWorksheet> {
    const found = isLibraryId(id) ? await this.#options.worksheets.get(id) : undefined;
    if (found === undefined || found.owner !== person.user)
      throw new CarrelError('not_found', `there is no worksheet ${id.slice(0, 64)}`);
    return found;
  }

  /** The one that the notebook names where the person may use it, else the default. */
  #kernelOf(person: Person, { metadata }: Notebook): OfferedKernel {
    const { offered } = this.#options;
    const spec: unknown = metadata['kernelspec'];
    const name = typeof spec === 'object' && spec !== null && 'name' in spec ? spec.name : undefined;
    try {
      return offered(person, typeof name === 'string' ? name : undefined);
    } catch (error) {
      if (!(error instanceof CarrelError) || error.code !== 'not_found') throw error;
      return offered(person, undefined);
    }
  }

  #model(person: Person, worksheet: StoredWorksheet): WorksheetModel {
    return {
      id: worksheet.id,
      title: worksheet.title,
      kernelspec: worksheet.kernelspec,
      kernelspec_title: this.#titleOf(person, worksheet.kernelspec),
      created_at: new Date(worksheet.createdAt).toISOString(),
      changed_at: new Date(worksheet.changedAt).toISOString(),
      trashed: worksheet.trashedAt !== null,
      kernel: this.#options.rooms.kernelState(worksheet),
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
