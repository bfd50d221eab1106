/** What can be done with the chosen cell, above it; where cells can be inserted. */

import { type CellKind, outputsOf } from '../document/schema.ts';
import { Icon, type IconName } from '../shared/icons.tsx';
import { usePart } from '../shared/value.ts';
import { t } from '../texts/texts.ts';
import { type ActionName, actionOf, isOffered } from './actions.ts';
import { insert } from './cell-actions.ts';
import { useMark } from './cell-mark.tsx';
import { useWorksheet } from './hooks.ts';
import { keysOf } from './keys.ts';
import type { PageCell } from './page-cell.ts';
import { perform } from './perform.ts';
import type { RunState } from './run-state.ts';
import { Timing } from './timing.tsx';

interface Wish {
  readonly page: PageCell;
  readonly position: number;
  readonly count: number;
  readonly kind: CellKind;
  readonly state: RunState;
}

export function CellTools({ page, position, count, kind, state }: Wish) {
  const worksheet = useWorksheet();
  const mayEdit = usePart(worksheet.role, () => worksheet.may('edit'));
  const change = (wanted: string) =>
    perform(worksheet, wanted === 'code' ? 'toCode' : wanted === 'markdown' ? 'toMarkdown' : 'toRaw');
  const { cell } = page;
  const sourceHidden = useMark(worksheet, cell, 'source_hidden');
  const outputHidden = useMark(worksheet, cell, 'outputs_hidden');
  const hasOutput = (outputsOf(cell)?.length ?? 0) > 0;
  return (
    <>
      <div className="tools" role="toolbar" aria-label={t.cellTools(position)}>
        {kind === 'code' && <Timing cell={cell} state={state} />}
        {mayEdit && (
          <select aria-label={t.cellKind} value={kind} onChange={(event) => change(event.target.value)}>
            <option value="code">{t.code}</option>
            <option value="markdown">{t.text}</option>
            <option value="raw">{t.raw}</option>
          </select>
        )}
        {kind === 'code' && <Tool name="toggleSource" icon="code" pressed={sourceHidden} />}
        {hasOutput && <Tool name="toggleOutput" icon="output" pressed={outputHidden} />}
        <Tool name="moveUp" icon="up" label={t.moveUp} disabled={position === 1} />
        <Tool name="moveDown" icon="down" label={t.moveDown} disabled={position === count} />
        <Tool name="delete" icon="delete" label={t.deleteCell} />
      </div>
      {mayEdit && <InsertButtons at={() => worksheet.cells.get().findIndex(({ key }) => key === page.key) + 1} />}
    </>
  );
}

interface ToolWish {
  readonly name: ActionName;
  readonly icon: IconName;
  readonly label?: string;
  readonly disabled?: boolean;
  readonly pressed?: boolean;
}

function Tool({ name, icon, label = actionOf(name).text, disabled, pressed }: ToolWish) {
  const worksheet = useWorksheet();
  if (!isOffered(worksheet, name)) return null;
  const keys = keysOf(name)[0];
  return (
    <button
      type="button"
      aria-label={label}
      aria-pressed={pressed}
      title={keys === undefined ? label : `${label} (${keys})`}
      disabled={disabled}
      onClick={() => perform(worksheet, name)}
    >
      <Icon name={icon} />
    </button>
  );
}

export function InsertButtons({ at }: { at: () => number }) {
  const worksheet = useWorksheet();
  return (
    <div className="insert">
      <button type="button" aria-label={t.insertCodeBelow} onClick={() => insert(worksheet, at(), 'code', true)}>
        <Icon name="plus" /> {t.insertCode}
      </button>
      <button type="button" aria-label={t.insertTextBelow} onClick={() => insert(worksheet, at(), 'markdown', true)}>
        <Icon name="plus" /> {t.insertText}
      </button>
    </div>
  );
}
