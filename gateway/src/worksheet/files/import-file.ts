/** A file that somebody brings in, as a notebook: what it is tells its beginning, not its name. Pure. */
import { CarrelError } from '../../base/errors.ts';
import { type Notebook, parseNotebook } from '../../wire/notebook.ts';
import { importSws } from './import-sws.ts';

/** How bzip2 begins, and nothing else does: a Sage worksheet. */
const BZIP2 = Buffer.from('BZh');

/** Throws `bad_request`, with the place, for what is neither a .ipynb nor a .sws file. */
export function notebookOfFile(file: Uint8Array): Notebook {
  if (BZIP2.equals(file.subarray(0, BZIP2.length))) return importSws(file);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(file);
  } catch (cause) {
    throw new CarrelError('bad_request', 'expected a .ipynb file (text in UTF-8) or a .sws file of Sage', { cause });
  }
  return parseNotebook(text);
}
