/** What the files of all worksheets of one owner may take together: the bound of a person, beside that of each worksheet. Pure. */
import { sizeText } from '../../wire/file-paths.ts';

export interface OwnersRoom {
  /** The owner, as people know them. */
  readonly name: string;
  /** Bytes of all that is kept or on its way, in whatever worksheet of theirs. A content that several files share counts once. */
  readonly used: number;
  /** Bytes. */
  readonly bound: number;
}

/** Why a file of `size` bytes does not fit, which would add `more`; what adds nothing fits. */
export function ownersProblem(size: number, more: number, { name, used, bound }: OwnersRoom): string | undefined {
  if (more <= 0 || used + more <= bound) return undefined;
  const unit = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(1, bound)) / 10));
  const shown = (bytes: number) => (unit === 0 ? String(bytes) : (bytes / 1024 ** unit).toFixed(1));
  const all = `${shown(bound)} ${UNITS[unit]}`;
  return `${sizeText(size)} are not kept: files of ${name}: ${shown(used)} of ${all}`;
}

/** Both amounts are told in the unit of the bound: `1.9 of 2.0 GiB`. */
const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;
