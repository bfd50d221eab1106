/** The list of keys, made of the actions and their keys. */
import { Dialog } from '../shared/dialog.tsx';
import { t } from '../texts/texts.ts';
import type { ActionGroup } from './action.ts';
import { ACTION_GROUPS, ACTION_NAMES, type ActionName, actionOf } from './actions.ts';
import { useWorksheet } from './hooks.ts';
import { keysOf } from './keys.ts';

/** Keys that belong to the text editor and are no actions of the worksheet. */
const EDITOR_KEYS = [
  ['Esc', 'command'],
  ['Tab', 'complete'],
  ['Shift+Tab', 'inspect'],
  ['Ctrl+] Ctrl+[', 'indent'],
  ['Ctrl+/', 'comment'],
  ['Alt+↑ ↓', 'moveLines'],
  ['Ctrl', 'cursors'],
  ['Ctrl+D', 'nextOccurrence'],
  ['Ctrl+Alt+↑ ↓', 'cursorBelow'],
] as const;

/** One line for all six. */
const isShown = (name: ActionName): boolean => keysOf(name).length > 0 && !/^heading[2-6]$/.test(name);

export function HelpDialog() {
  const { help } = useWorksheet();
  return (
    <Dialog title={t.shortcuts} close={() => help.set(false)} closable>
      <div className="key-help">
        <section>
          <h3>{t.keysEdit}</h3>
          <dl>
            {EDITOR_KEYS.map(([keys, text]) => (
              <Line key={text} keys={[keys]} text={t.editKeys[text]} />
            ))}
          </dl>
        </section>
        <h3>{t.keysCommand}</h3>
        {ACTION_GROUPS.map((group) => (
          <Group key={group} group={group} />
        ))}
      </div>
    </Dialog>
  );
}

function Group({ group }: { group: ActionGroup }) {
  const names = ACTION_NAMES.filter((name) => actionOf(name).group === group && isShown(name));
  if (names.length === 0) return null;
  return (
    <section>
      <h4>{t.actionGroups[group]}</h4>
      <dl>
        {names.map((name) => (
          <Line
            key={name}
            keys={name === 'heading1' ? ['1 … 6'] : keysOf(name)}
            text={name === 'heading1' ? t.actions.headings : actionOf(name).text}
          />
        ))}
      </dl>
    </section>
  );
}

const Line = ({ keys, text }: { keys: readonly string[]; text: string }) => (
  <div>
    <dt>
      {keys.map((key) => (
        <kbd key={key}>{key}</kbd>
      ))}
    </dt>
    <dd>{text}</dd>
  </div>
);
