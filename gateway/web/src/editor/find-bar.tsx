/** The place of the find panel, which comes when it is first opened. */
import { lazy, Suspense } from 'react';
import { usePart } from '../shared/value.ts';
import { useWorksheet } from './hooks.ts';

const FindPanel = lazy(() => import('./find-panel.tsx').then((all) => ({ default: all.FindPanel })));

export function FindBar() {
  const open = usePart(useWorksheet().find, (find) => find !== undefined);
  return <Suspense fallback={null}>{open && <FindPanel />}</Suspense>;
}
