/** Opens the dialog; there for the owner, whose to share the worksheet is. */
import { useValue } from '../../shared/value.ts';
import { t } from '../../texts/texts.ts';
import { useWorksheet } from '../hooks.ts';
import { roleMay } from '../rights.ts';

export function ShareButton() {
  const { role, sharing } = useWorksheet();
  if (!roleMay(useValue(role), 'manage')) return null;
  return (
    <button type="button" className="share-button" onClick={() => sharing.set(true)}>
      {t.share.action}
    </button>
  );
}
