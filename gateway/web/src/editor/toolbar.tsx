/** The buttons above the cells, and the menu of what is done less often. */
import type { KeyboardEvent } from 'react';
import { Icon, type IconName } from '../shared/icons.tsx';
import { Menu } from '../shared/menu.tsx';
import { useValue } from '../shared/value.ts';
import { t } from '../texts/texts.ts';
import { ACTION_GROUPS, ACTION_NAMES, type ActionName, actionOf, isOffered, isPossible } from './actions.ts';
import { useWorksheet } from './hooks.ts';
import { keysOf } from './keys.ts';
import { perform } from './perform.ts';

interface Wish {
  readonly name: ActionName;
  readonly icon: IconName;
  /** Shown where there is room; the action's own text is what is read. */
  readonly label?: string;
  readonly look?: 'main' | 'spare';
}

const BUTTONS: readonly (Wish | 'rule')[] = [
  { name: 'runNext', icon: 'run', label: t.run, look: 'main' },
  { name: 'runAll', icon: 'runAll', label: t.runAll },
  { name: 'interrupt', icon: 'interrupt', label: t.interrupt },
  { name: 'restart', icon: 'restart', label: t.restartKernel },
  'rule',
  { name: 'undo', icon: 'undo', look: 'spare' },
  { name: 'redo', icon: 'redo', look: 'spare' },
  { name: 'find', icon: 'find', look: 'spare' },
  { name: 'contents', icon: 'contents', look: 'spare' },
];

export function Toolbar() {
  const worksheet = useWorksheet();
  /** What is possible follows these. */
  useValue(worksheet.connection.shownRun);
  useValue(worksheet.panel);
  useValue(worksheet.role);
  return (
    <div className="toolbar" role="toolbar" aria-label={t.toolbar} onKeyDown={walk}>
      {BUTTONS.map((wish, index) =>
        wish === 'rule'
          ? BUTTONS.slice(0, index).some((before) => before !== 'rule' && isOffered(worksheet, before.name)) && (
              <span key="rule" className="rule" aria-hidden="true" />
            )
          : isOffered(worksheet, wish.name) && <ToolButton key={wish.name} {...wish} />,
      )}
      <Menu label={t.moreActions}>{() => <MenuEntries />}</Menu>
    </div>
  );
}

function ToolButton({ name, icon, label, look }: Wish) {
  const worksheet = useWorksheet();
  const { text, on } = actionOf(name);
  const keys = keysOf(name)[0];
  return (
    <button
      type="button"
      className={look}
      title={keys === undefined ? text : `${text} (${keys})`}
      aria-label={label ?? text}
      aria-pressed={on?.(worksheet)}
      disabled={!isPossible(worksheet, name)}
      onClick={() => perform(worksheet, name)}
    >
      <Icon name={icon} /> {label !== undefined && <span className={look === 'main' ? '' : 'wide'}>{label}</span>}
    </button>
  );
}

function MenuEntries() {
  const worksheet = useWorksheet();
  const names = ACTION_NAMES.filter((name) => actionOf(name).menu === true && isOffered(worksheet, name));
  return ACTION_GROUPS.map((group) => {
    const all = names.filter((name) => actionOf(name).group === group);
    return (
      all.length > 0 && (
        // biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields
        <div key={group} role="group" aria-label={t.actionGroups[group]}>
          {all.map((name) => (
            <button
              key={name}
              type="button"
              aria-pressed={actionOf(name).on?.(worksheet)}
              disabled={!isPossible(worksheet, name)}
              onClick={() => perform(worksheet, name)}
            >
              <span>{actionOf(name).text}</span>
              <MenuKeys keys={keysOf(name)[0]} />
            </button>
          ))}
        </div>
      )
    );
  });
}

/** Seen only: the name of an entry is its text. */
const MenuKeys = ({ keys }: { keys: string | undefined }) => (
  <span className="menu-keys" aria-hidden="true">
    {keys}
  </span>
);

/** Arrow keys go along the buttons, as toolbars do. */
function walk(event: KeyboardEvent<HTMLElement>): void {
  if (event.key !== 'ArrowRight' && event.key !== 'ArrowLeft') return;
  const stops = [...event.currentTarget.querySelectorAll<HTMLElement>(':scope > button:not(:disabled), summary')];
  const at = stops.indexOf(document.activeElement as HTMLElement);
  if (at === -1) return;
  event.preventDefault();
  stops[(at + (event.key === 'ArrowRight' ? 1 : stops.length - 1)) % stops.length]?.focus();
}
