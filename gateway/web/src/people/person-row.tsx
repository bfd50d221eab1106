/** One person of the list, and what can be done about them. */
import { useState } from 'react';
import { type PersonModel, peopleApi, type RoleName } from '../shared/account-api.ts';
import { ConfirmDialog } from '../shared/confirm-dialog.tsx';
import { Menu } from '../shared/menu.tsx';
import { timeAgo } from '../shared/time-ago.ts';
import type { Act } from '../shared/use-said.ts';
import { day, language, t } from '../texts/texts.ts';
import { RoleOptions } from './role-options.tsx';

export interface NewLink {
  readonly name: string;
  readonly link: string;
  /** When it ends. */
  readonly ends: string;
}

interface Wish {
  readonly person: PersonModel;
  /** It is who looks at the list: nobody takes their own rights away. */
  readonly self: boolean;
  /** Only those on the screen are drawn: this is where it stands among all. */
  readonly place: { readonly index: number; readonly of: number };
  readonly chosen: boolean;
  readonly choose: () => void;
  readonly act: Act;
  readonly load: () => Promise<void>;
  readonly made: (link: NewLink) => void;
}

export function PersonRow({ person, self, place, chosen, choose, act, load, made }: Wish) {
  const { id, name, state } = person;
  const [asked, setAsked] = useState<'disable' | 'withdraw'>();
  const change = (work: () => Promise<unknown>, done: string) =>
    void act(
      async () => {
        await work();
        await load();
      },
      () => done,
    );
  const setRole = (role: RoleName) =>
    change(() => peopleApi.change(id, { role }), t.persons.roleChanged(name, t.persons.roles[role]));
  const setDisabled = (disabled: boolean) =>
    change(() => peopleApi.change(id, { disabled }), disabled ? t.persons.disabled(name) : t.persons.enabled(name));
  const makeLink = () =>
    change(async () => {
      const { link, ends_at } = await peopleApi.makeLink(id);
      made({ name, link, ends: ends_at });
    }, t.persons.linkMade(name));
  return (
    <li className="person" aria-posinset={place.index} aria-setsize={place.of}>
      <input type="checkbox" className="tick" aria-label={t.persons.choose(name)} checked={chosen} onChange={choose} />
      <div>
        <h2>
          {name} {self && <span className="badge">{t.you}</span>}
        </h2>
        <p className="facts" data-state={state}>
          {factsOf(person)}
        </p>
      </div>
      <select
        aria-label={t.persons.roleOf(name)}
        value={person.role}
        disabled={self}
        onChange={(event) => setRole(event.target.value as RoleName)}
      >
        <RoleOptions />
      </select>
      <Menu label={t.actionsOf(name)}>
        {() => (
          <>
            <button type="button" disabled={state === 'disabled'} onClick={makeLink}>
              {state === 'active' ? t.persons.resetLink : t.persons.newLink}
            </button>
            {person.link_ends_at !== null && (
              <button type="button" onClick={() => setAsked('withdraw')}>
                {t.persons.withdraw}
              </button>
            )}
            {state === 'disabled' ? (
              <button type="button" onClick={() => setDisabled(false)}>
                {t.persons.enable}
              </button>
            ) : (
              <button type="button" disabled={self} onClick={() => setAsked('disable')}>
                {t.persons.disable}
              </button>
            )}
          </>
        )}
      </Menu>
      {asked === 'disable' && (
        <ConfirmDialog
          title={t.persons.disable}
          text={t.persons.disableQuestion(name)}
          act={() => setDisabled(true)}
          close={() => setAsked(undefined)}
        />
      )}
      {asked === 'withdraw' && (
        <ConfirmDialog
          title={t.persons.withdraw}
          text={state === 'invited' ? t.persons.withdrawInvitation(name) : t.persons.withdrawQuestion(name)}
          act={() => change(() => peopleApi.withdrawLink(id), t.persons.withdrawn(name))}
          close={() => setAsked(undefined)}
        />
      )}
    </li>
  );
}

function factsOf({ state, signed_in_at, link_ends_at }: PersonModel): string {
  const seen =
    signed_in_at === null ? t.persons.never : t.persons.signedIn(timeAgo(signed_in_at, Date.now(), language));
  const link = link_ends_at === null ? '' : t.persons.linkUntil(day(link_ends_at));
  return [state === 'active' ? '' : t.persons.states[state], seen, link].filter((fact) => fact !== '').join(' · ');
}
