/** Uploads on their way in: room is kept for them before they are read, and their content is on the disk when they are whole. */
import { CarrelError } from '../../base/errors.ts';
import type { StoredFile } from '../../store/worksheet-files.ts';
import { sizeText } from '../../wire/file-paths.ts';
import type { FileAmount } from '../../wire/file-rest.ts';
import type { Blob, Blobs } from './blobs.ts';
import type { Desk, Upload } from './desks.ts';
import { amountOf, boundProblem } from './sync-plan.ts';

/** Of one worksheet, at the same time. */
const MOST = 8;

/**
 * Counts what is on its way too, so that uploads at the same time do not exceed the bound together. Throws `too_large` with the
 * sizes, and `quota_reached`. Whoever reserves removes it from the desk again.
 */
export async function reserve(
  desk: Desk,
  upload: Upload,
  list: () => Promise<readonly StoredFile[]>,
  bound: FileAmount,
): Promise<Upload> {
  const { path, size } = upload;
  if (desk.reserved.size >= MOST)
    throw new CarrelError('quota_reached', `${MOST} files are being uploaded already; wait for one of them`);
  /** Seen before what is kept: an upload that ends meanwhile is counted twice, and none is missed. */
  const coming = [...desk.reserved].filter((other) => other.path !== path);
  desk.reserved.add(upload);
  try {
    const here = amountOf((await list()).filter((file) => file.path !== path));
    const used = {
      size: here.size + coming.reduce((sum, other) => sum + other.size, 0),
      count: here.count + coming.length,
    };
    const next = { size: used.size + size, count: used.count + 1 };
    const problem = boundProblem(size, used, next, bound);
    if (problem !== undefined) throw new CarrelError('too_large', problem);
    return upload;
  } catch (error) {
    desk.reserved.delete(upload);
    throw error;
  }
}

/** The content as a blob that is still to be settled. A body of another length than `size` is `bad_request`. */
export async function receive(blobs: Blobs, size: number, source: AsyncIterable<Buffer>): Promise<Blob> {
  const writer = await blobs.create();
  let come = 0;
  try {
    for await (const piece of source) {
      come += piece.length;
      if (come > size) break;
      await writer.add(piece);
    }
    if (come !== size) {
      const message = `${sizeText(size)} were announced, and ${sizeText(come)} came; nothing changed`;
      throw new CarrelError('bad_request', message);
    }
    return await writer.finish();
  } catch (error) {
    await writer.cancel();
    await blobs.settle(writer.id);
    throw error;
  }
}
