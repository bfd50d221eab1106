/** Dialogs of the worksheet; what is opened seldom comes when it is first opened. */
import { lazy, Suspense } from 'react';
import { Dialog } from '../shared/dialog.tsx';
import { useValue } from '../shared/value.ts';
import { t } from '../texts/texts.ts';
import { useWorksheet } from './hooks.ts';

const Palette = lazy(() => import('./palette.tsx').then((all) => ({ default: all.Palette })));
const ShareDialog = lazy(() => import('./share/share-dialog.tsx').then((all) => ({ default: all.ShareDialog })));
const KernelDialog = lazy(() => import('./kernel-dialog.tsx').then((all) => ({ default: all.KernelDialog })));
const HelpDialog = lazy(() => import('./help-dialog.tsx').then((all) => ({ default: all.HelpDialog })));

export function Dialogs() {
  const worksheet = useWorksheet();
  const palette = useValue(worksheet.palette);
  const help = useValue(worksheet.help);
  const sharing = useValue(worksheet.sharing);
  const kernelMenu = useValue(worksheet.kernelMenu);
  return (
    <>
      <ConfirmDialog />
      <Suspense fallback={null}>
        {palette && <Palette />}
        {help && <HelpDialog />}
        {sharing && <ShareDialog />}
        {kernelMenu && <KernelDialog />}
      </Suspense>
    </>
  );
}

/** Before something is lost. */
function ConfirmDialog() {
  const { question } = useWorksheet();
  const asked = useValue(question);
  if (asked === undefined) return null;
  const close = () => question.set(undefined);
  const confirm = () => {
    close();
    asked.act();
  };
  return (
    <Dialog title={asked.confirm} close={close}>
      <p>{asked.text}</p>
      <div className="dialog-buttons">
        <button type="button" onClick={close}>
          {t.cancel}
        </button>
        {/* biome-ignore lint/a11y/noAutofocus: a dialog begins at its answer */}
        <button type="button" className="main" autoFocus onClick={confirm}>
          {asked.confirm}
        </button>
      </div>
    </Dialog>
  );
}
