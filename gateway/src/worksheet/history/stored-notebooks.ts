/** Notebooks as the store has them, for who needs no open worksheet: the present, and each version. */
import * as Y from 'yjs';
import type { VersionId, WorksheetId } from '../../base/ids.ts';
import type { Store } from '../../store/store.ts';
import { formatNotebook } from '../../wire/notebook.ts';
import { readDocument } from '../document/document.ts';
import { decode } from './content.ts';

/** As the text of an .ipynb file. What an open worksheet has not stored yet is not in it: less than a second's work. */
export async function storedNotebook({ worksheets }: Pick<Store, 'worksheets'>, id: WorksheetId): Promise<string> {
  const doc = new Y.Doc();
  for (const { data } of await worksheets.updates(id)) Y.applyUpdate(doc, data);
  return formatNotebook(readDocument(doc));
}

/** Undefined where there is no such version any more. */
export async function versionNotebook(
  { versions }: Pick<Store, 'versions'>,
  worksheet: WorksheetId,
  id: VersionId,
): Promise<string | undefined> {
  const content = await versions.content(worksheet, id);
  return content && formatNotebook(await decode(content, await versions.blobs(worksheet, id)));
}
