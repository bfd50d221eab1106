/** One worksheet of the list. */
import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { api, type WorksheetModel } from '../shared/api.ts';
import { Icon } from '../shared/icons.tsx';
import { address } from '../shared/root.ts';
import { language, t } from '../texts/texts.ts';
import { timeAgo } from './list-state.ts';

interface Wish {
  readonly model: WorksheetModel;
  readonly act: (work: () => Promise<unknown>, done: string) => Promise<void>;
}

const KERNEL: Readonly<Record<string, string>> = {
  starting: t.kernelStarting,
  idle: t.kernelIdle,
  busy: t.kernelBusy,
  restarting: t.kernelRestarting,
  lost: t.kernelLost,
};

export function WorksheetRow({ model, act }: Wish) {
  const [renaming, setRenaming] = useState(false);
  const title = model.title || t.untitled;
  const state = KERNEL[model.kernel];
  const stop = async () => (await import('./stop-kernel.ts')).stopKernel(model.id);
  return (
    <li>
      <div>
        {renaming ? (
          <Rename model={model} act={act} close={() => setRenaming(false)} />
        ) : (
          <h2>{model.trashed ? title : <a href={address(`worksheets/${encodeURIComponent(model.id)}`)}>{title}</a>}</h2>
        )}
        <p className="facts">
          {model.kernelspec_title} · {t.changed(timeAgo(model.changed_at, Date.now(), language))}
        </p>
      </div>
      <p className="running" data-state={model.kernel}>
        {state !== undefined && (
          <>
            <span className="dot" aria-hidden="true" /> {state}
            <button type="button" aria-label={t.stopOf(title)} onClick={() => void act(stop, t.stopped(title))}>
              {t.stop}
            </button>
          </>
        )}
      </p>
      {model.trashed ? (
        <button type="button" onClick={() => void act(() => api.restore(model.id), t.restored(title))}>
          {t.restore}
        </button>
      ) : (
        <RowMenu model={model} act={act} title={title} rename={() => setRenaming(true)} />
      )}
    </li>
  );
}

function RowMenu({ model, act, title, rename }: Wish & { title: string; rename: () => void }) {
  const menu = useRef<HTMLDetailsElement>(null);
  const then = (work: () => unknown) => () => {
    if (menu.current !== null) menu.current.open = false;
    work();
  };
  const close = (event: { relatedTarget: EventTarget | null; currentTarget: Element }) => {
    if (menu.current !== null && !event.currentTarget.contains(event.relatedTarget as Node | null))
      menu.current.open = false;
  };
  const dismiss = (event: KeyboardEvent<HTMLDetailsElement>) => {
    if (event.key !== 'Escape') return;
    event.currentTarget.open = false;
    event.currentTarget.querySelector('summary')?.focus();
  };
  return (
    <details ref={menu} className="menu" onBlur={close} onKeyDown={dismiss}>
      <summary aria-label={t.actionsOf(title)}>
        <Icon name="more" />
      </summary>
      <div className="menu-list">
        <button type="button" onClick={then(rename)}>
          {t.rename}
        </button>
        <button type="button" onClick={then(() => act(() => api.duplicate(model.id), ''))}>
          {t.duplicate}
        </button>
        <a href={api.fileAddress(model.id, 'notebook')} download onClick={then(() => {})}>
          {t.download}
        </a>
        <button type="button" onClick={then(() => act(() => api.trash(model.id), t.movedToTrash(title)))}>
          {t.toTrash}
        </button>
      </div>
    </details>
  );
}

function Rename({ model, act, close }: Wish & { close: () => void }) {
  const [value, setValue] = useState(model.title);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.select(), []);
  const save = (event: FormEvent) => {
    event.preventDefault();
    const title = value.trim();
    close();
    if (title !== '' && title !== model.title) void act(() => api.rename(model.id, title), '');
  };
  return (
    <form className="rename" onSubmit={save} onKeyDown={(event) => event.key === 'Escape' && close()}>
      <input
        ref={field}
        aria-label={t.renameOf(model.title)}
        value={value}
        maxLength={200}
        onChange={(event) => setValue(event.target.value)}
      />
      <button type="submit" className="main">
        {t.save}
      </button>
      <button type="button" onClick={close}>
        {t.cancel}
      </button>
    </form>
  );
}
