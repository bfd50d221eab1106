/**
 * An output that shows a widget: the living one where its kernel lives, else as it was saved in the notebook, else what the output
 * says in text.
 */
import { type ReactNode, useEffect, useSyncExternalStore } from 'react';
import { nameOf, savedModels, type WidgetModel } from '../../../src/wire/widget-models.ts';
import { metadataOf } from '../document/schema.ts';
import { useWorksheet } from '../editor/hooks.ts';
import type { Worksheet } from '../editor/worksheet.ts';
import { useValue } from '../shared/value.ts';
import { t } from '../texts/texts.ts';
import type { Models } from './frame-link.ts';
import { WidgetFrame } from './widget-frame.tsx';

/** Modules that the frame's program has. */
const KNOWN = ['@jupyter-widgets/base', '@jupyter-widgets/controls', '@jupyter-widgets/output'];

export function WidgetView({ model: id, children }: { model: string; children: ReactNode }) {
  const worksheet = useWorksheet();
  const { widgets, connection } = worksheet;
  useEffect(() => widgets.listen(), [widgets]);
  useValue(widgets.version);
  const known = useValue(widgets.known);
  const status = useValue(connection.status);
  const saved = useSaved(worksheet);
  const living = widgets.models.get(id);
  const model = living ?? saved.get(id);
  const hopes = status?.kernel !== 'none' && known !== 'known';
  if (model === undefined && hopes) return <p className="note widget-note">{t.widgetComes}</p>;
  if (model === undefined) return <Instead note={t.widgetLost}>{children}</Instead>;
  const module = nameOf(model, '_model_module');
  if (!KNOWN.includes(module)) return <Instead note={t.widgetForeign(module.slice(0, 80))}>{children}</Instead>;
  const live = living !== undefined;
  const note = live ? undefined : hopes ? t.widgetComes : t.widgetDead;
  return <WidgetFrame key={live ? 'live' : 'saved'} id={id} models={live ? undefined : saved} note={note} />;
}

function Instead({ note, children }: { note: string; children: ReactNode }) {
  return (
    <>
      {children}
      <p className="note widget-note">{note}</p>
    </>
  );
}

const cache = new WeakMap<object, Models>();
const NONE: ReadonlyMap<string, WidgetModel> = new Map();

/** The widgets in the notebook's metadata, read once for each state that they had. */
function useSaved(worksheet: Worksheet): Models {
  return useSyncExternalStore(
    (changed) => {
      const metadata = metadataOf(worksheet.doc);
      metadata?.observe(changed);
      return () => metadata?.unobserve(changed);
    },
    () => {
      const kept = metadataOf(worksheet.doc)?.get('widgets');
      if (typeof kept !== 'object' || kept === null) return NONE;
      const models = cache.get(kept) ?? savedModels(kept);
      cache.set(kept, models);
      return models;
    },
  );
}
