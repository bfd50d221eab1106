/** The line at the top of the pages beside the worksheet's: where one can go, who one is, signing out. */
import { useEffect, useState } from 'react';
import { t } from '../texts/texts.ts';
import { type AccountModel, accountApi } from './account-api.ts';
import { api } from './api.ts';
import { address } from './root.ts';

export type SitePage = 'home' | 'account' | 'people' | 'admin';

/** Asked once for each page. */
let asked: Promise<AccountModel> | undefined;

/** Who is signed in; undefined until it is known. */
export function useAccount(): AccountModel | undefined {
  const [account, setAccount] = useState<AccountModel>();
  useEffect(() => {
    asked ??= accountApi.get();
    asked.then(setAccount, () => {});
  }, []);
  return account;
}

export function SiteBar({ here }: { here: SitePage }) {
  const account = useAccount();
  const signOut = () => void api.signOut().finally(() => location.assign(address('./')));
  const link = (page: SitePage, text: string) => (
    <a href={address(page === 'home' ? './' : page)} aria-current={page === here ? 'page' : undefined}>
      {text}
    </a>
  );
  return (
    <header className="home-bar">
      {here === 'home' ? (
        <span className="brand">Carrel</span>
      ) : (
        <a className="brand" href={address('./')}>
          Carrel
        </a>
      )}
      <nav aria-label={t.account.pages}>
        {link('home', t.worksheets)}
        {account?.role === 'admin' && link('people', t.persons.title)}
        {account?.role === 'admin' && link('admin', t.administration)}
        {link('account', account?.name ?? t.account.title)}
        <button type="button" onClick={signOut}>
          {t.signOut}
        </button>
      </nav>
    </header>
  );
}
