/** With whom the worksheet is shared: people by name, and links. What is changed here is true at once, in open pages too. */
import { useCallback, useEffect, useState } from 'react';
import { Dialog } from '../../shared/dialog.tsx';
import { type SharingModel, shareApi } from '../../shared/share-api.ts';
import { t } from '../../texts/texts.ts';
import { useWorksheet } from '../hooks.ts';
import type { Act } from './act.ts';
import { LinksPart } from './links-part.tsx';
import { PeoplePart } from './people-part.tsx';
import { ROLES } from './role-select.tsx';

export function ShareDialog() {
  const worksheet = useWorksheet();
  const [sharing, setSharing] = useState<SharingModel>();
  const [said, setSaid] = useState({ text: '', bad: false });
  const failed = useCallback((error: unknown) => {
    const message = error instanceof Error ? error.message : '';
    setSaid({ text: message === '' ? t.unreachable : t.failed(message), bad: true });
  }, []);
  const load = useCallback(() => shareApi.get(worksheet.id).then(setSharing, failed), [worksheet, failed]);
  useEffect(() => void load(), [load]);

  const act: Act = async (work, done) => {
    let worked = false;
    try {
      await work();
      worked = true;
      setSaid({ text: done, bad: false });
    } catch (error) {
      failed(error);
    }
    await load();
    return worked;
  };

  return (
    <Dialog title={t.share.title} close={() => worksheet.sharing.set(false)} closable>
      <div className="share">
        <p className={said.bad ? 'said bad' : 'said'} role={said.bad ? 'alert' : 'status'}>
          {said.text}
        </p>
        <PeoplePart people={sharing?.people} act={act} />
        <LinksPart links={sharing?.links} act={act} />
        <section aria-labelledby="share-roles">
          <h3 id="share-roles">{t.share.roles}</h3>
          <dl>
            {ROLES.map((role) => (
              <div key={role}>
                <dt>{t.share.role[role]}</dt>
                <dd>{t.share.may[role]}</dd>
              </div>
            ))}
          </dl>
          <p className="note">{t.share.yourKernel}</p>
        </section>
      </div>
    </Dialog>
  );
}
