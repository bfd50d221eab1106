/** The versions of a worksheet for a person: list, name, look at, take out, restore (docs/spec/worksheet-history.md). */
import type { Person } from '../../auth/principal.ts';
import { CarrelError } from '../../base/errors.ts';
import { isVersionId, type VersionId, type WorksheetId } from '../../base/ids.ts';
import type { StoredVersion, Versions } from '../../store/versions.ts';
import type { StoredWorksheet } from '../../store/worksheets.ts';
import { formatNotebook, type Notebook } from '../../wire/notebook.ts';
import type { VersionCells, VersionModel } from '../../wire/version-rest.ts';
import { cleanTitle, LONGEST_TITLE, type WorksheetModel } from '../../wire/worksheet-rest.ts';
import { readDocument } from '../document/document.ts';
import type { Access } from '../library/access.ts';
import type { Library, WorksheetFile } from '../library/library.ts';
import type { Rooms } from '../rooms/rooms.ts';
import { cellsOfTaken, decode, takeNotebook } from './content.ts';
import { OnBehalf, type Recorder } from './recorder.ts';
import { rewriteDocument } from './rewrite.ts';

export interface HistoryOptions {
  readonly versions: Versions;
  readonly access: Access;
  readonly rooms: Rooms;
  readonly recorder: Recorder;
  readonly library: Library;
}

interface Found {
  readonly version: StoredVersion;
  readonly worksheet: StoredWorksheet;
}

/** Stands for the document as it is, where a version's id is asked for. */
const PRESENT = 'present';
/** While somebody types, what is kept before a restore may be behind; then it is kept again. */
const TRIES = 10;

export class History {
  readonly #options: HistoryOptions;

  constructor(options: HistoryOptions) {
    this.#options = options;
  }

  /** The newest first. */
  async list(person: Person, id: string): Promise<VersionModel[]> {
    const { access, versions } = this.#options;
    const worksheet = await access.require(person, id, 'read');
    return (await versions.list(worksheet.id)).map(model);
  }

  async get(person: Person, id: string, version: string): Promise<VersionModel> {
    return model((await this.#find(person, id, version, 'read')).version);
  }

  /** Keeps the present under a name. Throws `quota_reached` where too many have one. */
  async name(person: Person, id: string, name: string): Promise<VersionModel> {
    const { access, rooms, recorder } = this.#options;
    const worksheet = await access.require(person, id, 'edit');
    checkUse(worksheet);
    await recorder.keeper.checkRoom(worksheet.id);
    const { version } = await rooms.work(worksheet.id, ({ recording }) =>
      recording.keep({ kind: 'named', name, who: person.name }),
    );
    return model(version);
  }

  /** Without a name, a version makes room for newer ones again. */
  async rename(person: Person, id: string, which: string, name: string | null): Promise<VersionModel> {
    const { versions, recorder } = this.#options;
    const { version } = await this.#find(person, id, which, 'edit');
    if (name !== null && version.name === null) await recorder.keeper.checkRoom(version.worksheet);
    const kind = name === null && version.kind === 'named' ? 'automatic' : version.kind;
    if (!(await versions.rename(version.worksheet, version.id, name, kind))) throw noVersion(which);
    return model({ ...version, name, kind });
  }

  async remove(person: Person, id: string, which: string): Promise<void> {
    const { version } = await this.#find(person, id, which, 'edit');
    await this.#options.versions.remove(version.worksheet, [version.id]);
  }

  /** What a difference is made of. `which` may be `present`. */
  async cells(person: Person, id: string, which: string): Promise<VersionCells> {
    if (which !== PRESENT) {
      const { version, worksheet } = await this.#find(person, id, which, 'read');
      return cellsOfTaken(takeNotebook(await this.#notebook(worksheet.id, version.id)));
    }
    const { access, rooms } = this.#options;
    const worksheet = await access.require(person, id, 'read');
    return rooms.cells(worksheet.id) ?? cellsOfTaken(takeNotebook(readDocument(await rooms.read(worksheet.id))));
  }

  async file(person: Person, id: string, which: string): Promise<WorksheetFile> {
    const { version, worksheet } = await this.#find(person, id, which, 'read');
    const notebook = await this.#notebook(worksheet.id, version.id);
    return { title: withTime(worksheet.title, version), text: formatNotebook(notebook) };
  }

  /** As a new worksheet of the person. */
  async copy(person: Person, id: string, which: string): Promise<WorksheetModel> {
    const { version, worksheet } = await this.#find(person, id, which, 'read');
    const notebook = await this.#notebook(worksheet.id, version.id);
    return this.#options.library.create(person, { title: withTime(worksheet.title, version), notebook });
  }

  /**
   * Makes the worksheet hold what the version holds, as one change that everybody in it sees. What it held is kept as a version
   * first, which is answered.
   */
  async restore(person: Person, id: string, which: string): Promise<VersionModel> {
    const { version, worksheet } = await this.#find(person, id, which, 'edit');
    checkUse(worksheet);
    const notebook = await this.#notebook(worksheet.id, version.id);
    return this.#options.rooms.work(worksheet.id, async ({ document, recording }) => {
      for (let tries = 1; tries <= TRIES; tries += 1) {
        const kept = await recording.keep({ kind: 'before-restore', who: person.name });
        if (recording.edits !== kept.edits) continue;
        rewriteDocument(document, notebook, new OnBehalf(person.name));
        return model(kept.version);
      }
      throw new CarrelError(
        'conflict',
        'others are changing the worksheet all the time; nothing was restored, try again',
      );
    });
  }

  async #find(person: Person, id: string, which: string, right: 'read' | 'edit'): Promise<Found> {
    const { access, versions } = this.#options;
    const worksheet = await access.require(person, id, right);
    const version = isVersionId(which) ? await versions.get(worksheet.id, which) : undefined;
    if (version === undefined) throw noVersion(which);
    return { version, worksheet };
  }

  async #notebook(worksheet: WorksheetId, id: VersionId): Promise<Notebook> {
    const { versions } = this.#options;
    const content = await versions.content(worksheet, id);
    if (content === undefined) throw noVersion(id);
    return decode(content, await versions.blobs(worksheet, id));
  }
}

function checkUse({ trashedAt }: StoredWorksheet): void {
  if (trashedAt !== null) throw new CarrelError('conflict', 'this worksheet is in the trash; take it out first');
}

const noVersion = (which: string): CarrelError =>
  new CarrelError('not_found', `there is no version ${which.slice(0, 64)} of this worksheet`);

const model = ({ id, at, kind, name, who }: StoredVersion): VersionModel => ({
  id,
  at: new Date(at).toISOString(),
  kind,
  name,
  who,
});

/** "Tides (2026-01-02 03:04)", in UTC. */
function withTime(title: string, { at, name }: StoredVersion): string {
  const about = name ?? new Date(at).toISOString().slice(0, 16).replace('T', ' ');
  const room = LONGEST_TITLE - about.length - 3;
  return cleanTitle(`${[...title].slice(0, Math.max(room, 20)).join('')} (${about})`);
}
