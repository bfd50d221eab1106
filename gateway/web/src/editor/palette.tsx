/** All commands, found by a few letters. The field keeps the focus; arrow keys choose among what is found. */
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { Dialog } from '../shared/dialog.tsx';
import { t } from '../texts/texts.ts';
import { ACTION_NAMES, type ActionName, actionOf, isPossible } from './actions.ts';
import { useWorksheet } from './hooks.ts';
import { keysOf } from './keys.ts';
import { foundEntries } from './palette-state.ts';
import { perform } from './perform.ts';

export function Palette() {
  const worksheet = useWorksheet();
  const [wanted, setWanted] = useState('');
  const [chosen, setChosen] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const id = useId();
  const entries = ACTION_NAMES.filter(
    (name) => name !== 'palette' && actionOf(name).plain !== true && isPossible(worksheet, name),
  ).map((name) => ({ name, text: `${actionOf(name).text} ${t.actionGroups[actionOf(name).group]}` }));
  const found = foundEntries(entries, wanted);
  const at = Math.min(chosen, found.length - 1);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the one that is chosen comes into view
  useEffect(() => {
    list.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
  }, [at, wanted]);
  const close = () => worksheet.palette.set(false);
  const run = (name: ActionName | undefined) => {
    if (name === undefined) return;
    close();
    /** The dialog gives the focus back first; what the action does with it comes after. */
    setTimeout(() => perform(worksheet, name), 0);
  };
  const press = (event: KeyboardEvent) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by !== undefined && found.length > 0) setChosen((at + by + found.length) % found.length);
    else if (event.key === 'Enter' && !event.nativeEvent.isComposing) run(found[at]?.name);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog title={t.actions.palette} close={close} className="palette">
      <input
        type="text"
        role="combobox"
        aria-label={t.search}
        aria-expanded="true"
        aria-controls={id}
        aria-activedescendant={found[at] === undefined ? undefined : `${id}-${found[at].name}`}
        placeholder={t.search}
        value={wanted}
        onChange={(event) => {
          setWanted(event.target.value);
          setChosen(0);
        }}
        onKeyDown={press}
      />
      <div ref={list} id={id} role="listbox" aria-label={t.actions.palette} className="palette-list">
        {found.map(({ name }, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the keys
          // biome-ignore lint/a11y/useFocusableInteractive: the field keeps the focus and names the chosen one
          <div key={name} id={`${id}-${name}`} role="option" aria-selected={index === at} onClick={() => run(name)}>
            <span>{actionOf(name).text}</span>
            <span className="note">{actionOf(name).on?.(worksheet) === true ? t.on : ''}</span>
            <span className="note">{t.actionGroups[actionOf(name).group]}</span>
            <span className="keys">
              {keysOf(name)
                .slice(0, 2)
                .map((key) => (
                  <kbd key={key}>{key}</kbd>
                ))}
            </span>
          </div>
        ))}
      </div>
      <p className="note" role="status">
        {found.length === 0 ? t.noAction : ''}
      </p>
    </Dialog>
  );
}
