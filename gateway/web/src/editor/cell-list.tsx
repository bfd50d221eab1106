/** All cells, and the keyboard of command mode. */
import { startTransition, useEffect, useRef, useState } from 'react';
import { usePart, useValue } from '../shared/value.ts';
import { t } from '../texts/texts.ts';
import { InsertButtons } from './cell-tools.tsx';
import { CellView } from './cell-view.tsx';
import { useWorksheet } from './hooks.ts';
import { anywhereKey, commandKey } from './keys.ts';
import { perform } from './perform.ts';
import { printing } from './printing.ts';
import { chosenPositions } from './selection-state.ts';

/** Cells that are drawn at once. */
const FIRST = 20;

/** Of more cells only those close to the view are laid out; each that comes closer costs a frame where the page moves. */
const MANY = 200;

/** Where keys belong to what has the focus. */
const OWN_KEYS = 'input, textarea, select, button, a[href], summary, dialog, iframe, .cm-content';

export function CellList() {
  const worksheet = useWorksheet();
  const cells = useValue(worksheet.cells);
  const selection = useValue(worksheet.selection);
  const paper = useValue(printing);
  const prefix = useRef('');
  const [first, setFirst] = useState(FIRST);

  /** The rest of a long worksheet comes when its beginning can be read. */
  useEffect(() => startTransition(() => setFirst(Number.POSITIVE_INFINITY)), []);

  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const target = event.target as Element;
      if (event.defaultPrevented || event.isComposing || target.closest('dialog') !== null) return;
      const mod = event.ctrlKey || event.metaKey;
      /** Saving needs nobody's help here; the browser would save the page's HTML. */
      if (mod && event.key === 's') return event.preventDefault();
      const key = { key: event.key, shift: event.shiftKey, mod, alt: event.altKey };
      const anywhere = anywhereKey(key);
      if (anywhere === undefined && target.closest(OWN_KEYS) !== null) return;
      const { action, prefix: next } = commandKey(key, prefix.current);
      prefix.current = next;
      if (action === undefined) return;
      /** A marked text is copied, not the cell. */
      if (action === 'copy' && getSelection()?.isCollapsed === false) return;
      event.preventDefault();
      perform(worksheet, action);
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, [worksheet]);

  const mayEdit = usePart(worksheet.role, () => worksheet.may('edit'));
  const positions = chosenPositions(
    selection,
    cells.map(({ key }) => key),
  );
  const chosen = new Set(positions.length > 1 ? positions : []);
  return (
    <>
      <div className="cells" role="feed" aria-label={t.cells} data-many={cells.length > MANY || undefined}>
        {cells.slice(0, paper ? undefined : first).map((page, index) => (
          <CellView key={page.key} page={page} position={index + 1} count={cells.length} chosen={chosen.has(index)} />
        ))}
      </div>
      {/* The chosen cell has its own. */}
      {mayEdit && selection.active !== cells.at(-1)?.key && (
        <div className="cells-end">
          <InsertButtons at={() => worksheet.cells.get().length} />
        </div>
      )}
    </>
  );
}
