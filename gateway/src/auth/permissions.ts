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
