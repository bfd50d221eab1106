/** What a role in a worksheet may do; the gateway decides, the page only offers nothing that it would refuse: pure. */
import type { WorksheetRole } from '../../../src/wire/worksheet-rest.ts';

/** `manage`: title, trash, sharing, kernelspec. */
export type WorksheetRight = 'read' | 'run' | 'edit' | 'manage';

/** Each role has the rights before it as well. */
const HIGHEST: Readonly<Record<WorksheetRole, WorksheetRight>> = {
  viewer: 'read',
  runner: 'run',
  editor: 'edit',
  owner: 'manage',
};
const ORDER: readonly WorksheetRight[] = ['read', 'run', 'edit', 'manage'];

export const roleMay = (role: WorksheetRole, right: WorksheetRight): boolean =>
  ORDER.indexOf(right) <= ORDER.indexOf(HIGHEST[role]);
