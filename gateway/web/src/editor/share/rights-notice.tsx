/** Says that every right to the worksheet is gone, and answers typing in a text that may not be changed. */
import { useEffect } from 'react';
import { address } from '../../shared/root.ts';
import { useValue } from '../../shared/value.ts';
import { t } from '../../texts/texts.ts';
import { useWorksheet } from '../hooks.ts';

export function RightsNotice() {
  const worksheet = useWorksheet();
  const { connection } = worksheet;
  const withdrawn = useValue(connection.withdrawn);
  const { edits } = useValue(connection.shownSave);
  useEffect(() => {
    const tell = ({ target }: Event) => {
      if (worksheet.may('edit') || !(target instanceof Element) || target.closest('.cm-content') === null) return;
      worksheet.problem.set(withdrawn ? '' : t.notAllowed.edit);
    };
    const press = (event: KeyboardEvent) => {
      const { key, ctrlKey, metaKey, altKey } = event;
      const writes = [...key].length === 1 || key === 'Backspace' || key === 'Delete';
      if (writes && !ctrlKey && !metaKey && !altKey) tell(event);
    };
    addEventListener('keydown', press);
    addEventListener('paste', tell);
    return () => {
      removeEventListener('keydown', press);
      removeEventListener('paste', tell);
    };
  }, [worksheet, withdrawn]);
  return (
    <div className="problems" role="alert">
      {withdrawn && (
        <p>
          {t.share.isWithdrawn} {edits > 0 && t.share.stillHere} <a href={address('./')}>{t.allWorksheets}</a>
        </p>
      )}
    </div>
  );
}
