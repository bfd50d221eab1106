/** What can be done about many people at once: choose all that are shown, disable or enable those who are chosen. */
import { useState } from 'react';
import { type PersonModel, peopleApi } from '../shared/account-api.ts';
import { stillChosen, toggled } from '../shared/choosing.ts';
import { ConfirmDialog } from '../shared/confirm-dialog.tsx';
import type { Act } from '../shared/use-said.ts';
import { t } from '../texts/texts.ts';
import { firstReason } from '../texts/told.ts';

interface Wish {
  readonly shown: readonly PersonModel[];
  /** Who looks at the list, who is never disabled with the others; undefined until it is known. */
  readonly self: string | undefined;
  readonly chosen: ReadonlySet<string>;
  readonly choose: (chosen: ReadonlySet<string>) => void;
  readonly act: Act;
  readonly load: () => Promise<void>;
}

export function ChosenPeople({ shown, self, chosen, choose, act, load }: Wish) {
  const [asked, setAsked] = useState(false);
  const all = shown.map(({ id }) => id);
  const picked = stillChosen(chosen, all);
  const change = (ids: readonly string[], disabled: boolean) =>
    void act(
      async () => {
        const { changed, failed } = await peopleApi.setDisabled(ids, disabled);
        choose(new Set());
        await load();
        if (failed.length > 0) throw new Error(t.persons.notChanged(failed.length, firstReason(failed)));
        return changed;
      },
      (count) => (disabled ? t.persons.manyDisabled(count) : t.persons.manyEnabled(count)),
    );
  const others = picked.filter((id) => id !== self);
  return (
    <div className="chosen">
      <label>
        <input
          type="checkbox"
          className="tick"
          checked={all.length > 0 && picked.length === all.length}
          ref={(box) => {
            if (box !== null) box.indeterminate = picked.length > 0 && picked.length < all.length;
          }}
          onChange={() => choose(toggled(chosen, all))}
        />
        {picked.length === 0 ? t.persons.chooseAll : t.persons.chosen(picked.length)}
      </label>
      <button type="button" disabled={others.length === 0} onClick={() => setAsked(true)}>
        {t.persons.disableChosen}
      </button>
      <button type="button" disabled={picked.length === 0} onClick={() => change(picked, false)}>
        {t.persons.enableChosen}
      </button>
      {asked && (
        <ConfirmDialog
          title={t.persons.disable}
          text={t.persons.disableMany(others.length)}
          act={() => change(others, true)}
          close={() => setAsked(false)}
        />
      )}
    </div>
  );
}
