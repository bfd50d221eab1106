/** The history of the worksheet: its versions by days, and of one that is chosen what has changed. */
import { useState } from 'react';
import { useWorksheet } from '../editor/hooks.ts';
import { NameForm } from '../history/name-form.tsx';
import { useHistory } from '../history/use-history.ts';
import { VersionList } from '../history/version-list.tsx';
import { VersionView } from '../history/version-view.tsx';
import { usePart } from '../shared/value.ts';
import { versionApi } from '../shared/version-api.ts';
import '../styles/history.css';
import { t } from '../texts/texts.ts';

export function HistoryPanel() {
  const worksheet = useWorksheet();
  const mayEdit = usePart(worksheet.role, () => worksheet.may('edit'));
  const history = useHistory();
  const { id, versions, said, act } = history;
  const [chosen, setChosen] = useState<string>();
  /** Where the focus goes back to. */
  const [left, setLeft] = useState<string>();
  const version = versions?.find((one) => one.id === chosen);
  const leave = () => {
    setLeft(chosen);
    setChosen(undefined);
  };
  const name = (text: string) => void act(versionApi.make(id, text), () => t.history.named(text));
  return (
    <div className="history">
      <div className={said?.bad ? 'said bad' : 'said'} role="status">
        {said !== undefined && (
          <>
            {said.text}{' '}
            {said.undo !== undefined && (
              <button type="button" onClick={said.undo}>
                {t.history.takeBack}
              </button>
            )}
          </>
        )}
      </div>
      {version === undefined ? (
        <>
          {mayEdit && <NameForm label={t.history.nameNow} button={t.history.keep} save={name} />}
          {versions === undefined ? (
            said === undefined && <p className="loading">{t.loading}</p>
          ) : (
            <VersionList versions={versions} focused={left} choose={setChosen} />
          )}
          <p className="note">{t.history.about}</p>
        </>
      ) : (
        <VersionView key={version.id} version={version} history={history} mayEdit={mayEdit} leave={leave} />
      )}
    </div>
  );
}
