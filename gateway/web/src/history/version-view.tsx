/** One version: what has changed since then, or by then, and what can be done with it. */
import { useEffect, useRef, useState } from 'react';
import { useWorksheet } from '../editor/hooks.ts';
import type { ApiError } from '../shared/api.ts';
import { Icon } from '../shared/icons.tsx';
import { address } from '../shared/root.ts';
import { PRESENT, type VersionModel, versionApi } from '../shared/version-api.ts';
import { t } from '../texts/texts.ts';
import { type CellChange, cellChanges } from './cell-changes.ts';
import { Changes } from './changes.tsx';
import { dayOf, timeOf } from './days.ts';
import { NameForm } from './name-form.tsx';
import { type History, locale, textOf } from './use-history.ts';
import { usePresent } from './use-present.ts';

interface Wish {
  readonly version: VersionModel;
  readonly history: History;
  readonly mayEdit: boolean;
  readonly leave: () => void;
}

/** Against the present, or against the version before. */
type Against = 'present' | 'before';

export function VersionView({ version, history, mayEdit, leave }: Wish) {
  const [against, setAgainst] = useState<Against>('present');
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const all = history.versions ?? [];
  const before = all[all.findIndex(({ id }) => id === version.id) + 1];
  const { changes, trouble } = useChanges(history.id, version, against, before);
  const kind = t.history.kinds[version.kind];
  return (
    <article className="version-view">
      <button type="button" onClick={leave}>
        <Icon name="back" /> {t.history.all}
      </button>
      <h3 ref={heading} tabIndex={-1}>
        {version.name ?? kind}
      </h3>
      <p className="note">
        {dayOf(version.at, locale)}, {timeOf(version.at, locale)}
        {version.name !== null && ` · ${kind}`}
        {version.who.length > 0 && ` · ${version.who.join(', ')}`}
      </p>
      <Actions version={version} history={history} mayEdit={mayEdit} leave={leave} />
      <fieldset className="against">
        <legend>{t.history.show}</legend>
        {(['present', 'before'] as const).map((one) => (
          <label key={one}>
            <input type="radio" name="against" checked={against === one} onChange={() => setAgainst(one)} />{' '}
            {t.history.against[one]}
          </label>
        ))}
      </fieldset>
      {trouble !== undefined && <p className="said bad">{trouble}</p>}
      {trouble === undefined && changes === undefined && <p className="loading">{t.loading}</p>}
      {changes !== undefined && (
        <Changes
          changes={changes}
          whole={against === 'before' && before === undefined}
          linked={against === 'present'}
        />
      )}
    </article>
  );
}

function Actions({ version, history, mayEdit, leave }: Wish) {
  const worksheet = useWorksheet();
  const { id, act } = history;
  const restore = () =>
    worksheet.question.set({
      text: t.history.restoreQuestion,
      confirm: t.history.restore,
      act: () =>
        void act(versionApi.restore(id, version.id), (before) => ({
          text: t.history.restored,
          bad: false,
          undo: () => void act(versionApi.restore(id, before.id), () => t.history.isTakenBack),
        })).then((done) => done !== undefined && leave()),
    });
  const remove = () =>
    worksheet.question.set({
      text: t.history.removeQuestion,
      confirm: t.history.remove,
      act: () =>
        void act(versionApi.remove(id, version.id), () => t.history.removed).then(() => {
          leave();
        }),
    });
  const copy = async () => {
    const made = await act(versionApi.copy(id, version.id));
    if (made !== undefined) location.assign(address(`worksheets/${made.id}`));
  };
  const rename = (name: string | null) =>
    void act(versionApi.rename(id, version.id, name), () =>
      name === null ? t.history.unnamed : t.history.named(name),
    );
  return (
    <>
      <div className="version-actions">
        {mayEdit && (
          <button type="button" className="main" onClick={restore}>
            {t.history.restore}
          </button>
        )}
        <button type="button" onClick={() => void copy()}>
          {t.history.copy}
        </button>
        <a className="button" href={versionApi.fileAddress(id, version.id)} download>
          {t.download}
        </a>
        {mayEdit && version.name !== null && (
          <button type="button" onClick={() => rename(null)}>
            {t.history.unname}
          </button>
        )}
        {mayEdit && (
          <button type="button" onClick={remove}>
            {t.history.remove}
          </button>
        )}
      </div>
      {mayEdit && (
        <NameForm key={version.name} label={t.history.name} button={t.save} value={version.name ?? ''} save={rename} />
      )}
    </>
  );
}

/** Undefined while they are on their way. What is compared with the present follows it. */
function useChanges(id: string, version: VersionModel, against: Against, before: VersionModel | undefined) {
  const [changes, setChanges] = useState<readonly CellChange[]>();
  const [trouble, setTrouble] = useState<string>();
  const present = usePresent(against === 'present');
  const other = against === 'present' ? PRESENT : before?.id;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the present is another one each time
  useEffect(() => {
    let current = true;
    const cells = (which: string | undefined) => (which === undefined ? [] : versionApi.cells(id, which));
    Promise.all([cells(version.id), cells(other)]).then(
      ([own, others]) => {
        if (!current) return;
        setTrouble(undefined);
        setChanges(against === 'present' ? cellChanges(own, others) : cellChanges(others, own));
      },
      (error: ApiError) => current && setTrouble(textOf(error)),
    );
    return () => {
      current = false;
    };
  }, [id, version.id, other, present]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another question has no answer yet
  useEffect(() => setChanges(undefined), [against]);
  return { changes, trouble };
}
