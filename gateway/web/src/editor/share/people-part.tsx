/** The people with whom the worksheet is shared. */
import { type FormEvent, useState } from 'react';
import { type ShareModel, type ShareRole, shareApi } from '../../shared/share-api.ts';
import { t } from '../../texts/texts.ts';
import { useWorksheet } from '../hooks.ts';
import type { Act } from './act.ts';
import { RoleSelect } from './role-select.tsx';

interface Wish {
  /** Undefined until they have come. */
  readonly people: readonly ShareModel[] | undefined;
  readonly act: Act;
}

export function PeoplePart({ people, act }: Wish) {
  const { id } = useWorksheet();
  return (
    <section aria-labelledby="share-people">
      <h3 id="share-people">{t.share.people}</h3>
      <NamePerson act={act} />
      {people?.length === 0 && <p className="note">{t.share.nobody}</p>}
      <ul className="share-list">
        {people?.map(({ name, role, named }) => (
          <li key={name}>
            <span className="share-name">
              {name} {!named && <span className="note">{t.share.cameByLink}</span>}
            </span>
            <RoleSelect
              label={t.share.roleOf(name)}
              value={role}
              change={(wanted) => void act(() => shareApi.share(id, name, wanted), t.share.shared(name, wanted))}
            />
            <button
              type="button"
              aria-label={t.share.removeOf(name)}
              onClick={() => void act(() => shareApi.unshare(id, name), removed(name, named))}
            >
              {t.share.remove}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Who came by a link can come again. */
const removed = (name: string, named: boolean): string =>
  named ? t.share.removed(name) : `${t.share.removed(name)} ${t.share.linkStays}`;

function NamePerson({ act }: { act: Act }) {
  const { id } = useWorksheet();
  const [name, setName] = useState('');
  const [role, setRole] = useState<ShareRole>('editor');
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const wanted = name.trim();
    if (wanted !== '' && (await act(() => shareApi.share(id, wanted, role), t.share.shared(wanted, role)))) setName('');
  };
  return (
    <form className="share-new" onSubmit={(event) => void submit(event)}>
      <label>
        {t.share.name}
        <input
          value={name}
          maxLength={64}
          required
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          onChange={(event) => setName(event.target.value)}
        />
      </label>
      <RoleSelect label={t.share.roleOfNew} value={role} change={setRole} />
      <button type="submit" className="main">
        {t.share.share}
      </button>
      <p className="note">{t.share.exactName}</p>
    </form>
  );
}
