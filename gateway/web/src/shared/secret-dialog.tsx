/** Shows something that is told once, a link or a token, so that it can be copied. */
import { useRef, useState } from 'react';
import { t } from '../texts/texts.ts';
import { Dialog } from './dialog.tsx';

interface Wish {
  readonly title: string;
  /** What to do with it, and until when it is good. */
  readonly about: string;
  readonly label: string;
  readonly value: string;
  readonly close: () => void;
}

export function SecretDialog({ title, about, label, value, close }: Wish) {
  const field = useRef<HTMLInputElement>(null);
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    field.current?.select();
    try {
      await navigator.clipboard.writeText(value);
      setCopied(true);
    } catch {
      /** Browsers have the clipboard's own interface over HTTPS and on this machine only. */
      setCopied(document.execCommand('copy'));
    }
  };
  return (
    <Dialog title={title} close={close}>
      <p>{about}</p>
      <div className="secret-value">
        <input
          ref={field}
          readOnly
          aria-label={label}
          value={value}
          onFocus={(event) => event.currentTarget.select()}
        />
        <button type="button" className="main" onClick={() => void copy()}>
          {t.account.copy}
        </button>
      </div>
      <p className="note" role="status">
        {copied ? t.account.copied : t.account.shownOnce}
      </p>
      <div className="dialog-buttons">
        <button type="button" onClick={close}>
          {t.close}
        </button>
      </div>
    </Dialog>
  );
}
