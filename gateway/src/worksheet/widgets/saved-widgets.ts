/**
 * The widgets' last state in the notebook's own metadata, where Jupyter's programs look for it: of the models that an output of the
 * document shows and of what belongs to them, within a bound. Models of earlier kernels that are still shown stay.
 */
import * as Y from 'yjs';
import { isObject, storableObject } from '../../wire/notebook-values.ts';
import {
  belongingTo,
  savedForm,
  savedModels,
  viewOf,
  WIDGET_STATE,
  WIDGET_VIEW,
  type WidgetModel,
} from '../../wire/widget-models.ts';
import { cellsOf } from '../document/document.ts';
import { outputsOf, plainOf } from '../document/values.ts';

const KEY = 'widgets';
/** Characters of the JSON. */
const LARGEST = 8 * 1024 * 1024;

/** Ids of the models that outputs of the document show. */
export function shownIn(doc: Y.Doc): Set<string> {
  const found = new Set<string>();
  for (const cell of cellsOf(doc)) {
    if (!(cell instanceof Y.Map)) continue;
    for (const output of outputsOf(cell)) {
      const data = output.get('data');
      const plain = data instanceof Y.Map ? { [WIDGET_VIEW]: plainOf(data.get(WIDGET_VIEW)) } : data;
      const id = viewOf(plain);
      if (id !== undefined) found.add(id);
    }
  }
  return found;
}

/** Writes the state into the document where it has changed. `live` are the widgets of the kernel, `closed` those it has closed. */
export function saveWidgets(
  doc: Y.Doc,
  live: ReadonlyMap<string, WidgetModel>,
  closed: ReadonlySet<string> = new Set(),
): void {
  const metadata = doc.getMap('meta').get('metadata');
  if (!(metadata instanceof Y.Map)) return;
  const before = plainOf(metadata.get(KEY));
  const models = new Map([...savedModels(before), ...live]);
  for (const id of closed) models.delete(id);
  const wanted = belongingTo(shownIn(doc), models);
  if (wanted.size === 0 && !isObject(before)) return;
  const kept = withinBound([...wanted].flatMap((id) => models.get(id) ?? []));
  const state = storableObject(savedForm(kept));
  if (isObject(before) && JSON.stringify(before[WIDGET_STATE]) === JSON.stringify(state)) return;
  metadata.set(KEY, { ...(isObject(before) ? before : {}), [WIDGET_STATE]: state });
}

/** The small ones first, so that one that is too large costs itself. */
function withinBound(models: readonly WidgetModel[]): WidgetModel[] {
  const sized = models.map((model) => ({ model, size: JSON.stringify(model).length }));
  let room = LARGEST;
  const fits = new Set<WidgetModel>();
  for (const { model, size } of sized.sort((one, other) => one.size - other.size)) {
    if (size > room) break;
    room -= size;
    fits.add(model);
  }
  return models.filter((model) => fits.has(model));
}
