/** The REST shapes of `/api/worksheets/ID/files`. */
import type { NamedMessage } from './told.ts';

/** Named: the problem. */
export interface FileModel extends NamedMessage {
  /** Relative to the home folder, with `/` between its parts. */
  readonly path: string;
  /** Bytes: of the sandbox's file where one is there, else of the kept one. */
  readonly size: number;
  /** UTC, `2026-01-02T03:04:05.678Z`. */
  readonly changed_at: string;
  /** As it is now, on the server: it outlives the sandbox. */
  readonly kept: boolean;
  /** False also where there is no sandbox. */
  readonly in_sandbox: boolean;
  /** Why it is not kept, or why the sandbox has not got it; a sentence's end, "NAME: …". */
  readonly problem?: string;
}

export interface FileAmount {
  /** Bytes. */
  readonly size: number;
  readonly count: number;
}

/** Named: the trouble. */
export interface FileListModel extends NamedMessage {
  /** By path. */
  readonly files: readonly FileModel[];
  /** Of what is kept. */
  readonly used: FileAmount;
  /** The policy's. */
  readonly bound: FileAmount;
  /** `silent`: there is one, and its files cannot be seen at the moment; `trouble` says why. */
  readonly sandbox: 'none' | 'open' | 'silent';
  readonly trouble?: string;
  /** The sandbox has more files than are told here. */
  readonly more: boolean;
  /** Files and folders whose names are no text or too long, or that are closed to their own user. */
  readonly odd: number;
}
