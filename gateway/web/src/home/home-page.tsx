/** Home: a person's worksheets. */
import { type ChangeEvent, useEffect, useRef, useState } from 'react';
import { api, type KernelspecList } from '../shared/api.ts';
import { Icon } from '../shared/icons.tsx';
import { address } from '../shared/root.ts';
import { SiteBar } from '../shared/site-bar.tsx';
import { language, t } from '../texts/texts.ts';
import { inTab, type Order, shownWorksheets, type Tab } from './list-state.ts';
import { uploadFile } from './upload.ts';
import { useWorksheets } from './use-worksheets.ts';
import { WorksheetRow } from './worksheet-row.tsx';

export function HomePage() {
  const [tab, setTab] = useState<Tab>('mine');
  const trashed = tab === 'trash';
  const [wanted, setWanted] = useState('');
  const [order, setOrder] = useState<Order>('changed');
  const { list, said, act, failed } = useWorksheets(trashed);
  const upload = async (files: readonly File[]) => {
    setTab('mine');
    for (const file of files) await act(() => uploadFile(file), t.uploaded(file.name));
  };
  const dropping = useDrop((files) => void upload(files));
  const all = (list ?? []).filter((one) => inTab(one, tab));
  const shown = shownWorksheets(all, wanted, order, language);
  const shared = (list ?? []).filter((one) => inTab(one, 'shared')).length;
  const tabs: readonly [Tab, string][] = [
    ['mine', t.worksheets],
    ['shared', shared > 0 ? t.share.withMeCount(shared) : t.share.withMe],
    ['trash', t.trash],
  ];
  return (
    <div className="home">
      <SiteBar here="home" />
      <main>
        <h1>{t.worksheets}</h1>
        <NewWorksheet failed={failed} upload={(files) => void upload(files)} />
        <div className="find">
          <div className="tabs">
            {tabs.map(([name, text]) => (
              <button key={name} type="button" aria-pressed={tab === name} onClick={() => setTab(name)}>
                {text}
              </button>
            ))}
          </div>
          <label className="search">
            {t.search}
            <input type="search" value={wanted} onChange={(event) => setWanted(event.target.value)} />
          </label>
          <label>
            {t.sortBy}
            <select value={order} onChange={(event) => setOrder(event.target.value as Order)}>
              <option value="changed">{t.byChange}</option>
              <option value="created">{t.byCreation}</option>
              <option value="title">{t.byTitle}</option>
            </select>
          </label>
        </div>
        <p className={said.bad ? 'said bad' : 'said'} role="status">
          {said.text || (list === undefined ? t.loading : t.listed(shown.length))}
        </p>
        <ul className="rows" aria-label={{ mine: t.worksheets, shared: t.share.withMe, trash: t.trash }[tab]}>
          {shown.map((model) => (
            <WorksheetRow key={model.id} model={model} act={act} />
          ))}
        </ul>
        {list !== undefined && shown.length === 0 && (
          <p className="nothing">
            {all.length > 0 ? t.noneFound : { mine: t.none, shared: t.share.noneWithMe, trash: t.trashEmpty }[tab]}
          </p>
        )}
      </main>
      {dropping && (
        <div className="drop" aria-hidden="true">
          {t.dropHere}
        </div>
      )}
    </div>
  );
}

function NewWorksheet({
  failed,
  upload,
}: {
  failed: (error: unknown) => void;
  upload: (files: readonly File[]) => void;
}) {
  const [specs, setSpecs] = useState<KernelspecList>();
  const [chosen, setChosen] = useState('');
  const [making, setMaking] = useState(false);
  const file = useRef<HTMLInputElement>(null);
  useEffect(() => {
    api.kernelspecs().then((found) => {
      setSpecs(found);
      setChosen(found.default);
    }, failed);
  }, [failed]);
  const make = () => {
    setMaking(true);
    api.create(chosen === '' ? {} : { kernelspec: chosen }).then(
      ({ id }) => location.assign(address(`worksheets/${encodeURIComponent(id)}`)),
      (error: unknown) => {
        setMaking(false);
        failed(error);
      },
    );
  };
  const picked = (event: ChangeEvent<HTMLInputElement>) => {
    upload([...(event.target.files ?? [])]);
    event.target.value = '';
  };
  return (
    <div className="new">
      <button type="button" className="main" disabled={making} onClick={make}>
        <Icon name="plus" /> {t.newWorksheet}
      </button>
      <select
        aria-label={t.kernelOfNew}
        value={chosen}
        disabled={specs === undefined}
        onChange={(event) => setChosen(event.target.value)}
      >
        {Object.values(specs?.kernelspecs ?? {}).map(({ name, spec }) => (
          <option key={name} value={name}>
            {spec.display_name}
          </option>
        ))}
      </select>
      <button type="button" onClick={() => file.current?.click()}>
        {t.upload}
      </button>
      <input ref={file} type="file" accept=".ipynb,.sws" multiple hidden aria-label={t.upload} onChange={picked} />
    </div>
  );
}

/** Whether files are being dragged over the page; the whole page takes them. */
function useDrop(take: (files: readonly File[]) => void): boolean {
  const [over, setOver] = useState(false);
  const latest = useRef(take);
  latest.current = take;
  useEffect(() => {
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') === true;
    const drag = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false);
    };
    const drop = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(false);
      latest.current([...(event.dataTransfer?.files ?? [])]);
    };
    addEventListener('dragover', drag);
    addEventListener('dragleave', leave);
    addEventListener('drop', drop);
    return () => {
      removeEventListener('dragover', drag);
      removeEventListener('dragleave', leave);
      removeEventListener('drop', drop);
    };
  }, []);
  return over;
}
