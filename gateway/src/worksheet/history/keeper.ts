/** Puts versions into the store, with only those large values that are not there yet, and makes room for them. */
import type { Clock } from '../../base/clock.ts';
import { CarrelError } from '../../base/errors.ts';
import { newVersionId, type WorksheetId } from '../../base/ids.ts';
import type { StoredVersion, VersionKind, Versions } from '../../store/versions.ts';
import { type Encoded, packed } from './content.ts';
import { MOST_BYTES, MOST_NAMED, spare, thin } from './thinning-plan.ts';

export interface NewVersion {
  readonly worksheet: WorksheetId;
  readonly kind: VersionKind;
  readonly name: string | null;
  readonly who: readonly string[];
}

/** Removed at once; more are removed with the next version. */
const MOST_ROUNDS = 20;

export class Keeper {
  readonly #versions: Versions;
  readonly #clock: Clock;

  constructor(versions: Versions, clock: Clock) {
    this.#versions = versions;
    this.#clock = clock;
  }

  /** Undefined where a large value is neither there nor in `pieces`. */
  async keep(version: NewVersion, encoded: Encoded): Promise<StoredVersion | undefined> {
    const { worksheet } = version;
    const there = await this.#versions.hashes(worksheet);
    const blobs = [];
    for (const [hash, json] of encoded.pieces) {
      if (there.has(hash)) continue;
      if (json === '') return undefined;
      blobs.push({ hash, data: await packed(json) });
    }
    const { content, sources, whole } = encoded;
    const stored: StoredVersion = {
      id: newVersionId(),
      ...version,
      at: this.#clock.now(),
      sources,
      whole,
      bytes: content.length,
    };
    if (!(await this.#versions.add(stored, content, blobs, new Set(encoded.pieces.keys())))) return undefined;
    await this.#makeRoom(worksheet);
    return stored;
  }

  /** Throws `quota_reached` where no further version can have a name. */
  async checkRoom(worksheet: WorksheetId): Promise<void> {
    const all = await this.#versions.list(worksheet);
    const named = all.filter(({ name }) => name !== null).length;
    if (named >= MOST_NAMED) {
      const message = `${named} of ${MOST_NAMED} versions of this worksheet have a name; remove one, or its name, first`;
      throw new CarrelError('quota_reached', message);
    }
    const bytes = await this.#versions.bytes(worksheet);
    if (bytes >= MOST_BYTES && spare(all).length === 0) {
      const message = `the named versions of this worksheet take ${mebibytes(bytes)} of ${mebibytes(MOST_BYTES)} MiB; remove some first`;
      throw new CarrelError('quota_reached', message);
    }
  }

  async #makeRoom(worksheet: WorksheetId): Promise<void> {
    const all = await this.#versions.list(worksheet);
    const dropped = thin(all, this.#clock.now());
    await this.#versions.remove(
      worksheet,
      dropped.map(({ id }) => id),
    );
    const left = spare(all.filter((version) => !dropped.includes(version)));
    for (const { id } of left.slice(0, MOST_ROUNDS)) {
      if ((await this.#versions.bytes(worksheet)) <= MOST_BYTES) return;
      await this.#versions.remove(worksheet, [id]);
    }
  }
}

const mebibytes = (bytes: number): number => Math.round(bytes / 1024 / 1024);
