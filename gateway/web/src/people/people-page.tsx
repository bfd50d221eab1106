/** The people of this Carrel: invite, find, disable, change the role, make a new link. */
import { useCallback, useEffect, useMemo, useState } from 'react';
import { type PersonModel, peopleApi } from '../shared/account-api.ts';
import { toggled } from '../shared/choosing.ts';
import { SecretDialog } from '../shared/secret-dialog.tsx';
import { SiteBar, useAccount } from '../shared/site-bar.tsx';
import { useSaid } from '../shared/use-said.ts';
import { useShownRows } from '../shared/use-shown-rows.ts';
import { day, t } from '../texts/texts.ts';
import { ChosenPeople } from './chosen-people.tsx';
import { InviteForm } from './invite-form.tsx';
import { shownPeople } from './people-state.ts';
import { type NewLink, PersonRow } from './person-row.tsx';

export function PeoplePage() {
  const account = useAccount();
  const { said, act } = useSaid();
  const [list, setList] = useState<readonly PersonModel[]>();
  const [wanted, setWanted] = useState('');
  const [link, setLink] = useState<NewLink>();
  const [chosen, choose] = useState<ReadonlySet<string>>(new Set());
  const load = useCallback(async () => setList(await peopleApi.list()), []);
  useEffect(() => {
    document.title = `${t.persons.title} · Carrel`;
    void act(load, () => '');
  }, [act, load]);
  const shown = useMemo(() => shownPeople(list ?? [], wanted), [list, wanted]);
  const { list: place, first, end, before, behind } = useShownRows<HTMLUListElement>(shown.length);
  return (
    <div className="home">
      <SiteBar here="people" />
      <main className="account">
        <h1>{t.persons.title}</h1>
        <p className={said.bad ? 'said bad' : 'said'} role="status">
          {said.text || (list === undefined ? '' : t.persons.count(shown.length))}
        </p>
        {list !== undefined && (
          <>
            <InviteForm act={act} load={load} made={setLink} />
            <div className="find">
              <label className="search">
                {t.search}
                <input type="search" value={wanted} onChange={(event) => setWanted(event.target.value)} />
              </label>
            </div>
            <ChosenPeople shown={shown} self={account?.id} chosen={chosen} choose={choose} act={act} load={load} />
            <ul
              className="rows people"
              aria-label={t.persons.title}
              ref={place}
              style={{ paddingTop: before, paddingBottom: behind }}
            >
              {shown.slice(first, end).map((person, index) => (
                <PersonRow
                  key={person.id}
                  person={person}
                  place={{ index: first + index + 1, of: shown.length }}
                  self={person.id === account?.id}
                  chosen={chosen.has(person.id)}
                  choose={() => choose(toggled(chosen, [person.id]))}
                  act={act}
                  load={load}
                  made={setLink}
                />
              ))}
            </ul>
            {shown.length === 0 && <p className="nothing">{t.persons.none}</p>}
          </>
        )}
      </main>
      {link !== undefined && (
        <SecretDialog
          title={t.persons.linkFor(link.name)}
          about={t.persons.linkAbout(link.name, day(link.ends))}
          label={t.persons.link}
          value={link.link}
          close={() => setLink(undefined)}
        />
      )}
    </div>
  );
}
