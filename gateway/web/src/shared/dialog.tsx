/** A dialog in front of the page. The focus goes back to where it was when it closes. */
import { type ReactNode, useEffect, useId, useRef } from 'react';
import { t } from '../texts/texts.ts';

interface Wish {
  readonly title: string;
  readonly close: () => void;
  /** Has a button to close it, where no other button does. */
  readonly closable?: boolean;
  readonly className?: string;
  readonly children: ReactNode;
}

export function Dialog({ title, close, closable, className, children }: Wish) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const before = document.activeElement;
    ref.current?.showModal();
    /** A question begins at its answer; opening has put the focus on the first button. */
    ref.current?.querySelector<HTMLElement>('.dialog-buttons .main')?.focus();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  return (
    <dialog ref={ref} className={className} aria-labelledby={id} onClose={close}>
      <div className="dialog-head">
        <h2 id={id}>{title}</h2>
        {closable && (
          <button type="button" onClick={close}>
            {t.close}
          </button>
        )}
      </div>
      {children}
    </dialog>
  );
}
