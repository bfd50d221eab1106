/** Changes the password, or sets the first one. */
import { type FormEvent, useId, useState } from 'react';
import {
  LONGEST_PASSWORD,
  type PasswordProblem,
  passwordProblem,
  SHORTEST_PASSWORD,
} from '../../../src/base/password-rules.ts';
import { type AccountModel, accountApi } from '../shared/account-api.ts';
import type { Act } from '../shared/use-said.ts';
import { t } from '../texts/texts.ts';

interface Wish {
  readonly account: AccountModel;
  readonly act: Act;
  /** Other browsers were signed out. */
  readonly changed: () => void;
}

export function PasswordForm({ account, act, changed }: Wish) {
  const id = useId();
  const [had, setHad] = useState(account.has_password);
  const [present, setPresent] = useState('');
  const [wanted, setWanted] = useState('');
  const [shown, setShown] = useState(false);
  const [problem, setProblem] = useState<PasswordProblem>();
  const [busy, setBusy] = useState(false);
  const save = async (event: FormEvent) => {
    event.preventDefault();
    const found = passwordProblem(wanted, account.name);
    setProblem(found);
    if (found !== undefined) return document.getElementById(`${id}-new`)?.focus();
    setBusy(true);
    const done = await act(
      () => accountApi.changePassword(present, wanted),
      ({ ended }) => t.account.passwordSet(ended),
    );
    setBusy(false);
    if (!done) return;
    setHad(true);
    setPresent('');
    setWanted('');
    setShown(false);
    changed();
  };
  const kind = shown ? 'text' : 'password';
  return (
    <section aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{had ? t.account.changePassword : t.account.setPassword}</h2>
      <p className="note">{had ? t.account.passwordEnds : t.account.noPassword}</p>
      <form className="fields" onSubmit={(event) => void save(event)}>
        {/* Managers of passwords file it under this name. */}
        <input
          className="for-readers"
          value={account.name}
          readOnly
          autoComplete="username"
          tabIndex={-1}
          aria-hidden
        />
        {had && (
          <>
            <label htmlFor={`${id}-present`}>{t.account.presentPassword}</label>
            <input
              id={`${id}-present`}
              type={kind}
              autoComplete="current-password"
              required
              value={present}
              onChange={(event) => setPresent(event.target.value)}
            />
          </>
        )}
        <label htmlFor={`${id}-new`}>{t.account.newPassword}</label>
        <input
          id={`${id}-new`}
          type={kind}
          autoComplete="new-password"
          required
          value={wanted}
          aria-invalid={problem !== undefined}
          aria-describedby={`${id}-hint${problem === undefined ? '' : ` ${id}-problem`}`}
          onChange={(event) => {
            setWanted(event.target.value);
            setProblem(undefined);
          }}
        />
        <p className="note" id={`${id}-hint`}>
          {t.account.passwordHint(SHORTEST_PASSWORD)}
        </p>
        {problem !== undefined && (
          <p className="said bad" id={`${id}-problem`} role="alert">
            {t.account.problems[problem](SHORTEST_PASSWORD, LONGEST_PASSWORD)}
          </p>
        )}
        <label className="check">
          <input type="checkbox" checked={shown} onChange={(event) => setShown(event.target.checked)} />
          {t.account.showPassword}
        </label>
        <p>
          <button type="submit" className="main" disabled={busy}>
            {had ? t.account.changePassword : t.account.setPassword}
          </button>
        </p>
      </form>
    </section>
  );
}
