/** Questions before something is lost, and the list of keys. */
import { type ReactNode, useEffect, useId, useRef } from 'react';
import { useValue } from '../shared/value.ts';
import { t } from '../texts/texts.ts';
import { useWorksheet } from './hooks.ts';
import { KEY_HELP } from './keys.ts';

interface Wish {
  readonly title: string;
  readonly close: () => void;
  readonly closable?: boolean;
  readonly children: ReactNode;
}

function Dialog({ title, close, closable, children }: Wish) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const before = document.activeElement;
    ref.current?.showModal();
    return () => {
      if (before instanceof HTMLElement) before.focus({ preventScroll: true });
    };
  }, []);
  return (
    <dialog ref={ref} aria-labelledby={id} onClose={close}>
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

export function ConfirmDialog() {
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

export function HelpDialog() {
  const { help } = useWorksheet();
  if (!useValue(help)) return null;
  const close = () => help.set(false);
  const parts = [
    [t.keysBoth, KEY_HELP.both],
    [t.keysCommand, KEY_HELP.command],
    [t.keysEdit, KEY_HELP.edit],
  ] as const;
  return (
    <Dialog title={t.shortcuts} close={close} closable>
      <div className="key-help">
        {parts.map(([title, keys]) => (
          <section key={title}>
            <h3>{title}</h3>
            <dl>
              {keys.map(([key, text]) => (
                <div key={key}>
                  <dt>
                    <kbd>{key}</kbd>
                  </dt>
                  <dd>{t.keyHelp[text]}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
