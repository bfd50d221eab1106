/** Asks before something ends. */
import { t } from '../texts/texts.ts';
import { Dialog } from './dialog.tsx';

interface Wish {
  /** What is done, on the button too. */
  readonly title: string;
  readonly text: string;
  readonly act: () => void;
  readonly close: () => void;
}

export function ConfirmDialog({ title, text, act, close }: Wish) {
  const confirm = () => {
    close();
    act();
  };
  return (
    <Dialog title={title} close={close}>
      <p>{text}</p>
      <div className="dialog-buttons">
        <button type="button" onClick={close}>
          {t.cancel}
        </button>
        <button type="button" className="main" onClick={confirm}>
          {title}
        </button>
      </div>
    </Dialog>
  );
}
