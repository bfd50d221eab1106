/** The REST calls about the versions of a worksheet. */
import type { VersionCells, VersionModel } from '../../../src/wire/version-rest.ts';
import { worksheetPath as at, call, type WorksheetModel } from './api.ts';
import { address } from './root.ts';

export type { VersionCell, VersionModel, VersionOutput } from '../../../src/wire/version-rest.ts';

/** Stands for the worksheet as it is. */
export const PRESENT = 'present';

const one = (id: string, version: string) => `${at(id)}/versions/${encodeURIComponent(version)}`;

export const versionApi = {
  list: (id: string) => call<VersionModel[]>('GET', `${at(id)}/versions`),
  make: (id: string, name: string) => call<VersionModel>('POST', `${at(id)}/versions`, { name }),
  /** `version` may be `PRESENT`. */
  cells: async (id: string, version: string) => (await call<VersionCells>('GET', `${one(id, version)}/cells`)).cells,
  rename: (id: string, version: string, name: string | null) => call<VersionModel>('PATCH', one(id, version), { name }),
  remove: (id: string, version: string) => call<undefined>('DELETE', one(id, version)),
  /** Answers the version that holds what was there before. */
  restore: (id: string, version: string) => call<VersionModel>('POST', `${one(id, version)}/restore`),
  copy: (id: string, version: string) => call<WorksheetModel>('POST', `${one(id, version)}/copy`),
  fileAddress: (id: string, version: string) => address(`${one(id, version)}/notebook`),
};
