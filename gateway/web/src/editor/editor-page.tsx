/** The page of one worksheet. */
import { type KeyboardEvent, type RefObject, useEffect, useRef, useState } from 'react';
import { metadataOf } from '../document/schema.ts';
import { ApiError, api, type WorksheetModel } from '../shared/api.ts';
import { address } from '../shared/root.ts';
import { signInAddress } from '../shared/sign-in-address.ts';
import { useValue } from '../shared/value.ts';
import { t } from '../texts/texts.ts';
import { CellList } from './cell-list.tsx';
import { Dialogs } from './dialogs.tsx';
import { useFileDrop } from './file-drop.ts';
import { FindBar } from './find-bar.tsx';
import { useWorksheet } from './hooks.ts';
import { KernelReason, KernelState } from './kernel-state.tsx';
import { roleMay } from './rights.ts';
import { RightsNotice } from './share/rights-notice.tsx';
import { ShareButton } from './share/share-button.tsx';
import { SidePanel } from './side-panel.tsx';
import { People, StateLine } from './state-line.tsx';
import { Toolbar } from './toolbar.tsx';

export function EditorPage() {
  const worksheet = useWorksheet();
  const loaded = useValue(worksheet.loaded);
  const { model, trouble, setModel } = useModel();
  const bar = useBarHeight();
  useFileDrop();
  return (
    <>
      <header ref={bar} className="bar">
        <h1 className="for-readers">{model?.title || t.untitled}</h1>
        <div className="bar-line">
          <a className="brand" href={address('./')} aria-label={`Carrel: ${t.allWorksheets}`} title={t.allWorksheets}>
            Carrel
          </a>
          {model !== undefined && <Title model={model} renamed={setModel} />}
          {model !== undefined && model.role !== 'owner' && <span className="owner">{t.share.by(model.owner)}</span>}
          <StateLine />
          <People />
          <ShareButton />
        </div>
        <div className="bar-line">
          <Toolbar />
          <KernelState title={model?.kernelspec_title ?? ''} />
        </div>
      </header>
      <KernelReason />
      <RightsNotice />
      <Problem trouble={trouble} />
      <div className="beside">
        <main>
          <FindBar />
          {loaded ? <CellList /> : trouble === undefined && <p className="loading">{t.loading}</p>}
        </main>
        <SidePanel />
      </div>
      <Announcer />
      <Dialogs />
    </>
  );
}

/** What stays at the top of the view lies below the bar, whose height depends on the width. */
function useBarHeight(): RefObject<HTMLElement | null> {
  const bar = useRef<HTMLElement>(null);
  useEffect(() => {
    const element = bar.current;
    if (element === null) return;
    const { style } = document.documentElement;
    const observer = new ResizeObserver(() => style.setProperty('--bar-height', `${element.offsetHeight}px`));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return bar;
}

type Trouble = 'gone' | 'signedOut';

/** The worksheet's title and kernelspec, asked for again when lines break: it may be gone, or the session ended. */
function useModel() {
  const worksheet = useWorksheet();
  const failures = useValue(worksheet.connection.failures);
  const [model, setModel] = useState<WorksheetModel>();
  const [trouble, setTrouble] = useState<Trouble>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: each failure is a reason to ask again
  useEffect(() => {
    let current = true;
    api.get(worksheet.id).then(
      (found) => {
        if (!current) return;
        setTrouble(undefined);
        setModel(found);
        /** What the line has told is newer. */
        if (worksheet.connection.role.get() === undefined) worksheet.role.set(found.role);
      },
      (error: unknown) => {
        if (!current || !(error instanceof ApiError)) return;
        if (error.status === 401) setTrouble('signedOut');
        if (error.status === 404 || error.status === 403 || error.status === 410) setTrouble('gone');
      },
    );
    return () => {
      current = false;
    };
  }, [worksheet, failures]);
  useEffect(() => {
    if (model === undefined) return;
    document.title = `${model.title || t.untitled} · Carrel`;
  }, [model]);
  useKernelLanguage(model?.kernelspec);
  return { model, trouble, setModel };
}

/** What the notebook says about its language, else what its kernelspec says. */
function useKernelLanguage(kernelspec: string | undefined): void {
  const worksheet = useWorksheet();
  const loaded = useValue(worksheet.loaded);
  useEffect(() => {
    if (!loaded || kernelspec === undefined) return;
    const set = (name: unknown) =>
      typeof name === 'string' && name !== '' && worksheet.language.set(name.toLowerCase());
    const part = (key: string, name: string) => {
      const found = metadataOf(worksheet.doc)?.get(key);
      return typeof found === 'object' && found !== null ? (found as Record<string, unknown>)[name] : undefined;
    };
    set(part('kernelspec', 'language'));
    set(part('language_info', 'name'));
    void api.kernelspecs().then(
      ({ kernelspecs }) => set(kernelspecs[kernelspec]?.spec.language),
      () => {},
    );
  }, [worksheet, loaded, kernelspec]);
}

function Title({ model, renamed }: { model: WorksheetModel; renamed: (model: WorksheetModel) => void }) {
  const worksheet = useWorksheet();
  const readOnly = !roleMay(useValue(worksheet.role), 'manage');
  const [value, setValue] = useState(model.title);
  useEffect(() => setValue(model.title), [model.title]);
  const cancelled = useRef(false);
  const save = () => {
    const title = cancelled.current ? '' : value.trim();
    cancelled.current = false;
    if (title === '' || title === model.title) return setValue(model.title);
    api.rename(model.id, title).then(renamed, (error: Error) => {
      setValue(model.title);
      worksheet.problem.set(error.message === '' ? t.unreachable : t.failed(error.message));
    });
  };
  const press = (event: KeyboardEvent<HTMLInputElement>) => {
    cancelled.current = event.key === 'Escape';
    if (event.key !== 'Enter' && event.key !== 'Escape') return;
    event.preventDefault();
    worksheet.choose(worksheet.selection.get().active);
  };
  return (
    <input
      className="title"
      aria-label={t.title}
      readOnly={readOnly}
      value={value}
      maxLength={200}
      size={Math.min(Math.max(value.length, 8), 60)}
      placeholder={t.untitled}
      onChange={(event) => setValue(event.target.value)}
      onBlur={save}
      onKeyDown={press}
    />
  );
}

function Problem({ trouble }: { trouble: Trouble | undefined }) {
  const { problem, connection } = useWorksheet();
  const text = useValue(problem);
  const withdrawn = useValue(connection.withdrawn);
  return (
    <div className="problems" role="alert">
      {trouble === 'gone' && !withdrawn && (
        <p>
          {t.gone} <a href={address('./')}>{t.allWorksheets}</a>
        </p>
      )}
      {trouble === 'signedOut' && (
        <p>
          {t.signedOut} <a href={signInAddress()}>{t.signIn}</a>
        </p>
      )}
      {text !== '' && !withdrawn && (
        <p>
          {text}{' '}
          <button type="button" onClick={() => problem.set('')}>
            {t.close}
          </button>
        </p>
      )}
    </div>
  );
}

function Announcer() {
  const text = useValue(useWorksheet().announcement);
  return (
    <div className="for-readers" aria-live="polite">
      {text}
    </div>
  );
}
