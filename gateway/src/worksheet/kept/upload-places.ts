/** All uploads that are on their way in: how many one person has at once, and how many bytes there are of everybody. */
import { CarrelError } from '../../base/errors.ts';
import type { UserId } from '../../base/ids.ts';
import { sizeText } from '../../wire/file-paths.ts';

/** Of one person; a page sends two at a time. */
export const MOST_OF_A_PERSON = 16;
/** Bytes that were announced by everybody: what the disk has to take at once. One upload alone may be larger. */
export const MOST_BYTES = 8 * 2 ** 30;

export interface UploadPlace {
  readonly person: UserId;
  /** Of the worksheet. */
  readonly owner: UserId;
  /** Bytes. */
  readonly size: number;
}

export class UploadPlaces {
  readonly #taken = new Set<UploadPlace>();

  /** Throws `quota_reached`. Whoever takes a place leaves it again. */
  take(place: UploadPlace): void {
    const all = [...this.#taken];
    const own = all.filter(({ person }) => person === place.person).length;
    if (own >= MOST_OF_A_PERSON) {
      const message = `${own} of ${MOST_OF_A_PERSON} uploads of one person are under way; wait for one of them`;
      throw new CarrelError('quota_reached', message);
    }
    const bytes = sumOf(all);
    if (bytes > 0 && bytes + place.size > MOST_BYTES) {
      const message = `uploads of everybody: ${sizeText(bytes)} of ${sizeText(MOST_BYTES)} are under way, this one has ${sizeText(place.size)}; try again in a while`;
      throw new CarrelError('quota_reached', message);
    }
    this.#taken.add(place);
  }

  leave(place: UploadPlace): void {
    this.#taken.delete(place);
  }

  /** Bytes on their way into worksheets of this owner, but for one upload. */
  comingTo(owner: UserId, but?: UploadPlace): number {
    return sumOf([...this.#taken].filter((place) => place !== but && place.owner === owner));
  }
}

const sumOf = (places: readonly UploadPlace[]): number => places.reduce((sum, { size }) => sum + size, 0);
