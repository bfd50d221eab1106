/** Files that were dropped or chosen. */
import { api, type WorksheetModel } from '../shared/api.ts';
import { t } from '../texts/texts.ts';
import { isWorksheetFile } from './list-state.ts';

/** Bytes; the gateway takes no more. */
const LARGEST = 64 * 2 ** 20;

/** Throws, with a message for people, where the file is no worksheet. */
export async function uploadFile(file: File): Promise<WorksheetModel> {
  if (!isWorksheetFile(file.name)) throw new Error(t.notANotebook(file.name.slice(0, 100)));
  if (file.size > LARGEST) throw new Error(t.tooLarge(file.name.slice(0, 100)));
  return api.importFile(file);
}
