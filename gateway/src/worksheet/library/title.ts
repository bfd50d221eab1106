/** Titles and the names of files. Pure. */
import { cleanTitle } from '../../wire/worksheet-rest.ts';

/** Of a file's name, without folders and ending; empty where nothing is left. */
export const titleOfFile = (name: string): string =>
  cleanTitle((name.split(/[\\/]/).at(-1) ?? '').replace(/\.(?:ipynb|sws)$/i, ''));

/**
 * The value of Content-Disposition for a title. Browsers take the second name; the first is for those that do not know it, and
 * holds nothing that could end it early.
 */
export function attachment(title: string, ending: 'ipynb' | 'py' | 'html' | 'txt'): string {
  return attachmentOf(`${title}.${ending}`);
}

/** The same for the whole name of a file, which a stranger may have given. */
export function attachmentOf(file: string): string {
  const name = file.toWellFormed().replace(/[\\/:*?"<>|]/g, '-');
  const plain = name.replace(/[^\w .()-]/g, '_');
  const encoded = encodeURIComponent(name).replace(/['()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16)}`);
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
