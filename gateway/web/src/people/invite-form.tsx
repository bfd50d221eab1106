/** Invites a person: makes their account and the link by which they set their password. */
import { type FormEvent, useState } from 'react';
import { peopleApi, type RoleName } from '../shared/account-api.ts';
import type { Act } from '../shared/use-said.ts';
import { t } from '../texts/texts.ts';
import type { NewLink } from './person-row.tsx';
import { RoleOptions } from './role-options.tsx';

interface Wish {
  readonly act: Act;
  readonly load: () => Promise<void>;
  readonly made: (link: NewLink) => void;
}

export function InviteForm({ act, load, made }: Wish) {
  const [name, setName] = useState('');
  const [role, setRole] = useState<RoleName>('member');
  const invite = async (event: FormEvent) => {
    event.preventDefault();
    const done = await act(
      async () => {
        const { person, link, ends_at } = await peopleApi.invite(name.trim(), role);
        made({ name: person.name, link, ends: ends_at });
        await load();
        return person.name;
      },
      (invited) => t.persons.invited(invited),
    );
    if (done) setName('');
  };
  return (
    <form className="line" onSubmit={(event) => void invite(event)}>
      <label>
        {t.persons.name}
        <input
          required
          maxLength={64}
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={false}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
      </label>
      <label>
        {t.persons.role}
        <select value={role} onChange={(event) => setRole(event.target.value as RoleName)}>
          <RoleOptions />
        </select>
      </label>
      <button type="submit" className="main">
        {t.persons.invite}
      </button>
    </form>
  );
}
