/** A person's API tokens: make, list, revoke. */
import { type FormEvent, useCallback, useEffect, useId, useState } from 'react';
import { accountApi, type TokenModel } from '../shared/account-api.ts';
import { ConfirmDialog } from '../shared/confirm-dialog.tsx';
import { SecretDialog } from '../shared/secret-dialog.tsx';
import type { Act } from '../shared/use-said.ts';
import { day, t } from '../texts/texts.ts';

const DAYS = [7, 30, 90, 365] as const;
/** The label that each start gives the token of the address that it prints. */
const PRINTED = 'printed at start';

export function TokenList({ act }: { act: Act }) {
  const id = useId();
  const [list, setList] = useState<readonly TokenModel[]>();
  const [made, setMade] = useState<{ readonly label: string; readonly token: string; readonly ends: string }>();
  const [ending, setEnding] = useState<TokenModel>();
  const load = useCallback(async () => setList(await accountApi.tokens()), []);
  useEffect(() => {
    load().catch(() => {});
  }, [load]);
  const make = (label: string, days: number) =>
    act(
      async () => {
        const { token, ends_at } = await accountApi.makeToken(label, days);
        setMade({ label, token, ends: ends_at });
        await load();
      },
      () => t.account.tokenMade(label),
    );
  const revoke = (token: TokenModel) =>
    void act(
      async () => {
        await accountApi.revokeToken(token.id);
        await load();
      },
      () => t.account.tokenRevoked(labelOf(token)),
    );
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{t.account.tokens}</h2>
      <p className="note">{t.account.tokensNote}</p>
      <MakeToken make={make} />
      <ul className="rows" aria-labelledby={id}>
        {(list ?? []).map((token) => (
          <li key={token.id}>
            <div>
              <h3>{labelOf(token)}</h3>
              <p className="facts">
                {t.account.until(day(token.ends_at))} ·{' '}
                {token.last_used === null ? t.account.neverUsed : t.account.lastUsed(day(token.last_used))}
              </p>
            </div>
            <button type="button" aria-label={t.account.revokeOf(labelOf(token))} onClick={() => setEnding(token)}>
              {t.account.revoke}
            </button>
          </li>
        ))}
      </ul>
      {list?.length === 0 && <p className="note">{t.account.noTokens}</p>}
      {made !== undefined && (
        <SecretDialog
          title={t.account.newToken(made.label)}
          about={t.account.tokenAbout(day(made.ends))}
          label={t.account.token}
          value={made.token}
          close={() => setMade(undefined)}
        />
      )}
      {ending !== undefined && (
        <ConfirmDialog
          title={t.account.revoke}
          text={t.account.revokeQuestion(labelOf(ending))}
          act={() => revoke(ending)}
          close={() => setEnding(undefined)}
        />
      )}
    </section>
  );
}

function MakeToken({ make }: { make: (label: string, days: number) => Promise<boolean> }) {
  const [label, setLabel] = useState('');
  const [days, setDays] = useState<number>(30);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (await make(label.trim(), days)) setLabel('');
  };
  return (
    <form className="line" onSubmit={(event) => void submit(event)}>
      <label>
        {t.account.tokenLabel}
        <input required maxLength={200} value={label} onChange={(event) => setLabel(event.target.value)} />
      </label>
      <label>
        {t.account.goodFor}
        <select value={days} onChange={(event) => setDays(Number(event.target.value))}>
          {DAYS.map((each) => (
            <option key={each} value={each}>
              {t.account.days(each)}
            </option>
          ))}
        </select>
      </label>
      <button type="submit" className="main">
        {t.account.makeToken}
      </button>
    </form>
  );
}

const labelOf = ({ label }: TokenModel): string =>
  label === PRINTED ? t.account.printedToken : label === '' ? t.account.token : label;
