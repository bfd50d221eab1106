/** A person's own account: password, browsers that are signed in, API tokens. */
import { useCallback, useEffect, useState } from 'react';
import { SiteBar, useAccount } from '../shared/site-bar.tsx';
import { useSaid } from '../shared/use-said.ts';
import { t } from '../texts/texts.ts';
import { BrowserList } from './browser-list.tsx';
import { PasswordForm } from './password-form.tsx';
import { TokenList } from './token-list.tsx';

export function AccountPage() {
  const account = useAccount();
  const { said, act } = useSaid();
  /** Counts what changes the list of browsers. */
  const [changes, setChanges] = useState(0);
  const changed = useCallback(() => setChanges((count) => count + 1), []);
  useEffect(() => {
    document.title = `${t.account.title} · Carrel`;
  }, []);
  return (
    <div className="home">
      <SiteBar here="account" />
      <main className="account">
        <h1>{t.account.title}</h1>
        {account !== undefined && (
          <p className="who">
            {account.name} <span className="note">{t.persons.roles[account.role]}</span>
          </p>
        )}
        <p className={said.bad ? 'said bad' : 'said'} role="status">
          {said.text}
        </p>
        {account !== undefined && (
          <>
            <PasswordForm account={account} act={act} changed={changed} />
            <BrowserList act={act} changes={changes} changed={changed} />
            <TokenList act={act} />
          </>
        )}
      </main>
    </div>
  );
}
