/** The choice of what a worksheet is shared as. */
import type { ShareRole } from '../../shared/share-api.ts';
import { t } from '../../texts/texts.ts';

/** From the least to the most. */
export const ROLES: readonly ShareRole[] = ['viewer', 'runner', 'editor'];

interface Wish {
  readonly label: string;
  readonly value: ShareRole;
  readonly change: (role: ShareRole) => void;
}

export const RoleSelect = ({ label, value, change }: Wish) => (
  <select aria-label={label} value={value} onChange={(event) => change(event.target.value as ShareRole)}>
    {ROLES.map((role) => (
      <option key={role} value={role}>
        {t.share.role[role]}
      </option>
    ))}
  </select>
);
