/** One worksheet of the list. */
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { api, type WorksheetModel } from '../shared/api.ts';
import { Menu } from '../shared/menu.tsx';
import { address } from '../shared/root.ts';
import { shareApi } from '../shared/share-api.ts';
import { timeAgo } from '../shared/time-ago.ts';
import { language, t } from '../texts/texts.ts';

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
  const shared = model.role === 'owner' ? undefined : model.role;
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
          {shared !== undefined && `${t.share.by(model.owner)} · ${t.share.you[shared]} · `}
          {model.kernelspec_title} · {t.changed(timeAgo(model.changed_at, Date.now(), language))}
          {model.asleep_since !== null &&
            ` · ${t.execution.asleepSince(timeAgo(model.asleep_since, Date.now(), language))}`}
        </p>
      </div>
      <p className="running" data-state={model.kernel}>
        {state !== undefined && (
          <>
            <span className="dot" aria-hidden="true" /> {state}
            {shared !== 'viewer' && (
              <button type="button" aria-label={t.stopOf(title)} onClick={() => void act(stop, t.stopped(title))}>
                {t.stop}
              </button>
            )}
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
  const own = model.role === 'owner';
  return (
    <Menu label={t.actionsOf(title)}>
      {() => (
        <>
          {own && (
            <button type="button" onClick={rename}>
              {t.rename}
            </button>
          )}
          <button type="button" onClick={() => void act(() => api.duplicate(model.id), '')}>
            {t.duplicate}
          </button>
          <a href={api.fileAddress(model.id, 'notebook')} download>
            {t.download}
          </a>
          {own ? (
            <button type="button" onClick={() => void act(() => api.trash(model.id), t.movedToTrash(title))}>
              {t.toTrash}
            </button>
          ) : (
            <button type="button" onClick={() => void act(() => shareApi.leave(model.id), t.share.left(title))}>
              {t.share.leave}
            </button>
          )}
        </>
      )}
    </Menu>
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
