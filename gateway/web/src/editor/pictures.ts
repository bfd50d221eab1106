/** Pictures that are pasted or dropped into a text cell become its attachments. */
import { attachPicture } from '../document/edits.ts';
import type { YCell } from '../document/schema.ts';
import { size } from '../shared/size.ts';
import { t } from '../texts/texts.ts';
import {
  type Attachments,
  freeName,
  isPicture,
  LARGEST_PICTURE,
  LARGEST_TOGETHER,
  sizeTogether,
} from './pictures-state.ts';
import type { Worksheet } from './worksheet.ts';

/** Answers whether there were pictures among the files; they are read and attached afterwards, and what could not be is told. */
export function takePictures(worksheet: Worksheet, cell: YCell, files: readonly File[], at: number): boolean {
  const pictures = files.filter(({ type }) => isPicture(type));
  if (pictures.length === 0) return false;
  worksheet.problem.set('');
  void attachAll(worksheet, cell, pictures, at);
  return true;
}

async function attachAll(worksheet: Worksheet, cell: YCell, pictures: readonly File[], at: number): Promise<void> {
  let place = at;
  for (const file of pictures) {
    const name = file.name === '' ? 'image' : file.name;
    if (file.size > LARGEST_PICTURE) {
      worksheet.problem.set(t.pictureTooLarge(name, size(file.size), size(LARGEST_PICTURE)));
      continue;
    }
    const content = await base64Of(file).catch(() => undefined);
    const before = (cell.get('attachments') ?? {}) as Attachments;
    if (content === undefined || cell.doc === null) continue;
    if (sizeTogether(before) + file.size > LARGEST_TOGETHER) {
      worksheet.problem.set(t.picturesTooMany(size(LARGEST_TOGETHER)));
      return;
    }
    const own = freeName(name, file.type, before);
    place += attachPicture(worksheet.doc, cell, { name: own, type: file.type, content }, place);
    worksheet.announcement.set(t.attached(own));
  }
}

const base64Of = (file: Blob): Promise<string> =>
  new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ''));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
