/** How far a backup or a restore has come, for whoever shows it. */

export interface Progress {
  /** So many more. */
  rows(count: number): void;
  /** So many files there will be. */
  expect(files: number): void;
  file(): void;
  /** So many more, of files. */
  bytes(count: number): void;
}

export const silentProgress: Progress = { rows: () => {}, expect: () => {}, file: () => {}, bytes: () => {} };
