/** What can stand beside the cells, one at a time; each comes when it is first opened. */
import { lazy, Suspense } from 'react';
import { useValue } from '../shared/value.ts';
import { t } from '../texts/texts.ts';
import { useWorksheet } from './hooks.ts';
import type { PanelName } from './panel-name.ts';

const PANELS = {
  contents: lazy(() => import('../panels/contents-panel.tsx').then((all) => ({ default: all.ContentsPanel }))),
  files: lazy(() => import('../panels/files-panel.tsx').then((all) => ({ default: all.FilesPanel }))),
  history: lazy(() => import('../panels/history-panel.tsx').then((all) => ({ default: all.HistoryPanel }))),
} satisfies Record<PanelName, unknown>;

export function SidePanel() {
  const { panel } = useWorksheet();
  const name = useValue(panel);
  if (name === undefined) return null;
  const Panel = PANELS[name];
  return (
    <aside className="side-panel" aria-label={t.panels[name]}>
      <div className="dialog-head">
        <h2>{t.panels[name]}</h2>
        <button type="button" onClick={() => panel.set(undefined)}>
          {t.close}
        </button>
      </div>
      <Suspense fallback={<p className="loading">{t.loading}</p>}>
        <Panel />
      </Suspense>
    </aside>
  );
}
