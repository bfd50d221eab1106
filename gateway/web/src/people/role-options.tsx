/** The roles that a person can have, for a list to choose from. */
import type { RoleName } from '../shared/account-api.ts';
import { t } from '../texts/texts.ts';

const ROLES: readonly RoleName[] = ['member', 'instructor', 'admin'];

export const RoleOptions = () =>
  ROLES.map((role) => (
    <option key={role} value={role}>
      {t.persons.roles[role]}
    </option>
  ));
