/** The browsers in which a person is signed in. */
import { useCallback, useEffect, useId, useState } from 'react';
import { accountApi, type BrowserSessionModel } from '../shared/account-api.ts';
import { timeAgo } from '../shared/time-ago.ts';
import type { Act } from '../shared/use-said.ts';
import { language, t } from '../texts/texts.ts';

interface Wish {
  readonly act: Act;
  /** The list is fetched anew when this changes. */
  readonly changes: number;
  readonly changed: () => void;
}

export function BrowserList({ act, changes, changed }: Wish) {
  const id = useId();
  const [list, setList] = useState<readonly BrowserSessionModel[]>();
  const load = useCallback(async () => {
    await act(
      async () => setList(await accountApi.sessions()),
      () => '',
    );
  }, [act]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a change of the count is the reason to fetch
  useEffect(() => {
    accountApi.sessions().then(setList, () => void load());
  }, [changes, load]);
  const end = async (session: BrowserSessionModel) => {
    await act(
      () => accountApi.endSession(session.id),
      () => t.account.browserEnded(nameOf(session)),
    );
    changed();
  };
  const endOthers = async () => {
    await act(accountApi.endOthers, ({ ended }) => t.account.othersEnded(ended));
    changed();
  };
  const here = (list ?? []).filter((session) => session.current);
  const others = (list ?? []).filter((session) => !session.current);
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{t.account.browsers}</h2>
      <p className="note">{t.account.browsersNote}</p>
      <ul className="rows" aria-labelledby={id}>
        {[...here, ...others].map((session) => (
          <li key={session.id}>
            <div>
              <h3>
                {nameOf(session)} {session.current && <span className="badge">{t.account.thisBrowser}</span>}
              </h3>
              <p className="facts">{factsOf(session)}</p>
            </div>
            {!session.current && (
              <button type="button" aria-label={t.account.endOf(nameOf(session))} onClick={() => void end(session)}>
                {t.signOut}
              </button>
            )}
          </li>
        ))}
      </ul>
      {others.length > 0 && (
        <p className="after">
          <button type="button" onClick={() => void endOthers()}>
            {t.account.endOthers}
          </button>
        </p>
      )}
    </section>
  );
}

const nameOf = ({ browser, system }: BrowserSessionModel): string =>
  t.account.browserName(browser === '' ? t.account.unknownBrowser : browser, system);

function factsOf({ current, signed_in_at, seen_at, address }: BrowserSessionModel): string {
  const ago = (iso: string) => timeAgo(iso, Date.now(), language);
  const facts = [t.account.signedInAt(ago(signed_in_at)), current ? '' : t.account.seenAt(ago(seen_at)), address];
  return facts.filter((fact) => fact !== '').join(' · ');
}
