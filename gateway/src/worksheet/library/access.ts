/** Who may do what with which worksheet. One to which a person has no right at all is as unknown as one that there is not. */
import { mayWorksheet, type WorksheetRight, type WorksheetRole } from '../../auth/permissions.ts';
import type { Person } from '../../auth/principal.ts';
import { CarrelError } from '../../base/errors.ts';
import { isLibraryId } from '../../base/ids.ts';
import type { Shares } from '../../store/shares.ts';
import type { StoredWorksheet, Worksheets } from '../../store/worksheets.ts';

export interface Accessible {
  readonly worksheet: StoredWorksheet;
  readonly role: WorksheetRole;
}

/** Ends the sentence "you may not … it". */
export const RIGHT_TEXTS: Record<WorksheetRight, string> = {
  read: 'read',
  run: 'run cells of',
  edit: 'change',
  manage: 'share, rename or remove',
};

export class Access {
  readonly #worksheets: Pick<Worksheets, 'get'>;
  readonly #shares: Pick<Shares, 'roleOf'>;

  constructor(worksheets: Pick<Worksheets, 'get'>, shares: Pick<Shares, 'roleOf'>) {
    this.#worksheets = worksheets;
    this.#shares = shares;
  }

  /** Undefined where there is no such worksheet, or not for this person. What is in the trash is its owner's alone. */
  async of(person: Person, id: string): Promise<Accessible | undefined> {
    const worksheet = isLibraryId(id) ? await this.#worksheets.get(id) : undefined;
    if (worksheet === undefined) return undefined;
    if (worksheet.owner === person.user) return { worksheet, role: 'owner' };
    if (worksheet.trashedAt !== null) return undefined;
    const role = await this.#shares.roleOf(worksheet.id, person.user);
    return role && { worksheet, role };
  }

  /** Throws `not_found` where the person may not even read it, `forbidden` where their role does not go so far. */
  async require(person: Person, id: string, right: WorksheetRight): Promise<StoredWorksheet> {
    const found = await this.of(person, id);
    if (found === undefined) throw noWorksheet(id);
    if (!mayWorksheet(found.role, right))
      throw new CarrelError('forbidden', `as ${found.role} of this worksheet you may not ${RIGHT_TEXTS[right]} it`);
    return found.worksheet;
  }
}

export const noWorksheet = (id: string): CarrelError =>
  new CarrelError('not_found', `there is no worksheet ${id.slice(0, 64)}`);
