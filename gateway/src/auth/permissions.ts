/** Who may do what, as pure functions. What nothing here allows is refused. */
import type { Person, Role } from './principal.ts';

/** A policy's `allow`: nobody, unless listed. */
export interface Allow {
  readonly everyone?: boolean | undefined;
  readonly users?: readonly string[] | undefined;
  readonly roles?: readonly Role[] | undefined;
}

export const mayUsePolicy = (person: Person, allow: Allow): boolean =>
  allow.everyone === true ||
  (allow.users?.includes(person.name) ?? false) ||
  (allow.roles?.includes(person.role) ?? false);

/** Invite, disable, change roles, make new links. */
export const mayManagePeople = (person: Person): boolean => person.role === 'admin';

/** See sandboxes, pools, policies and health, and end sandboxes. */
export const mayAdminister = (person: Person): boolean => person.role === 'admin';

/** What a person is to a worksheet, from the most to the least. */
export const WORKSHEET_ROLES = ['owner', 'editor', 'runner', 'viewer'] as const;
export type WorksheetRole = (typeof WORKSHEET_ROLES)[number];
/** `manage`: title, trash, sharing, kernelspec. */
export type WorksheetRight = 'read' | 'run' | 'edit' | 'manage';

const RIGHTS: Record<WorksheetRole, readonly WorksheetRight[]> = {
  owner: ['read', 'run', 'edit', 'manage'],
  editor: ['read', 'run', 'edit'],
  runner: ['read', 'run'],
  viewer: ['read'],
};

export const mayWorksheet = (role: WorksheetRole, right: WorksheetRight): boolean => RIGHTS[role].includes(right);
