/** All downloads that are under way: how many one person has at once, and how many bytes were copied out of sandboxes for them. */
import { CarrelError } from '../../base/errors.ts';
import type { UserId } from '../../base/ids.ts';
import { sizeText } from '../../wire/file-paths.ts';

/** Of one person; a browser has six connections. */
export const MOST_DOWNLOADS = 8;

export interface DownloadPlace {
  readonly person: UserId;
}

export class DownloadPlaces {
  /** With the bytes of the copy that is made for it. */
  readonly #taken = new Map<DownloadPlace, number>();

  /** Throws `quota_reached`. Whoever takes a place leaves it again. */
  take(person: UserId): DownloadPlace {
    if (this.#of(person).length >= MOST_DOWNLOADS) {
      const message = `at most ${MOST_DOWNLOADS} downloads of one person at once; wait until one has ended`;
      throw new CarrelError('quota_reached', message);
    }
    const place = { person };
    this.#taken.set(place, 0);
    return place;
  }

  /** To be called before `size` bytes are copied. Throws `quota_reached` where all copies of the person would be more than `most`. */
  copies(place: DownloadPlace, size: number, most: number): void {
    const used = this.#of(place.person).reduce((sum, bytes) => sum + bytes, 0);
    if (used + size > most) {
      const message = `downloads of one person: ${sizeText(used)} of ${sizeText(most)} are under way, this one has ${sizeText(size)}`;
      throw new CarrelError('quota_reached', message);
    }
    this.#taken.set(place, size);
  }

  /** Leaving twice is leaving once. */
  leave(place: DownloadPlace): void {
    this.#taken.delete(place);
  }

  #of(person: UserId): readonly number[] {
    return [...this.#taken].filter(([place]) => place.person === person).map(([, bytes]) => bytes);
  }
}
