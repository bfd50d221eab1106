/** The files of the worksheet: upload, download, delete, use from code, and how much room is left. */
import { type ChangeEvent, useRef } from 'react';
import { useWorksheet } from '../editor/hooks.ts';
import { FileRow } from '../files/file-row.tsx';
import { UploadList } from '../files/upload-list.tsx';
import { Uploads } from '../files/uploads.ts';
import { useFiles } from '../files/use-files.ts';
import type { FileListModel } from '../shared/file-api.ts';
import { size } from '../shared/size.ts';
import { useValue } from '../shared/value.ts';
import '../styles/files.css';
import { t } from '../texts/texts.ts';
import { inLanguage } from '../texts/told.ts';

export function FilesPanel() {
  const worksheet = useWorksheet();
  useValue(worksheet.role);
  const { list, trouble, reload } = useFiles();
  return (
    <div className="files">
      {worksheet.may('edit') && <UploadButton />}
      <UploadList />
      {trouble !== '' && (
        <p role="alert" className="bad">
          {trouble}
        </p>
      )}
      {list === undefined ? (
        trouble === '' && <p className="loading">{t.loading}</p>
      ) : (
        <>
          {list.files.length === 0 && <p className="note">{t.files.none}</p>}
          <ul className="file-list" aria-label={t.files.list}>
            {list.files.map((file) => (
              <FileRow key={file.path} file={file} open={list.sandbox === 'open'} reload={reload} />
            ))}
          </ul>
          <Notes list={list} />
          <Usage list={list} />
        </>
      )}
    </div>
  );
}

function UploadButton() {
  const worksheet = useWorksheet();
  const input = useRef<HTMLInputElement>(null);
  const chosen = ({ currentTarget }: ChangeEvent<HTMLInputElement>) => {
    const files = [...(currentTarget.files ?? [])].map((file) => ({ path: file.name, file }));
    /** The same file can be chosen again. */
    currentTarget.value = '';
    void Uploads.of(worksheet).offer(files);
  };
  return (
    <p className="upload">
      <button type="button" className="main" onClick={() => input.current?.click()}>
        {t.files.upload}
      </button>{' '}
      <span className="note">{t.files.drop}</span>
      <input ref={input} type="file" multiple hidden onChange={chosen} />
    </p>
  );
}

function Notes({ list: { more, odd, sandbox, trouble, told } }: { list: FileListModel }) {
  return (
    <>
      {more && <p className="note">{t.files.more}</p>}
      {odd > 0 && <p className="note">{t.files.odd(odd)}</p>}
      {sandbox === 'silent' && <p className="note">{t.files.silent(inLanguage(trouble ?? '', told))}</p>}
    </>
  );
}

function Usage({ list: { used, bound } }: { list: FileListModel }) {
  return (
    <p className="usage">
      <meter aria-label={t.files.usage} max={Math.max(bound.size, 1)} high={0.8 * bound.size} value={used.size} />{' '}
      {t.files.used(size(used.size), size(bound.size), used.count, bound.count)}
    </p>
  );
}
