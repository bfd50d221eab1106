/** Files on their way, each with how far it is. */
import { useWorksheet } from '../editor/hooks.ts';
import { size } from '../shared/size.ts';
import { useValue } from '../shared/value.ts';
import { t } from '../texts/texts.ts';
import { type Upload, Uploads } from './uploads.ts';

export function UploadList() {
  const uploads = Uploads.of(useWorksheet());
  const list = useValue(uploads.list);
  if (list.length === 0) return null;
  return (
    <ul className="uploads" aria-label={t.files.uploads}>
      {list.map((upload) => (
        <UploadRow key={upload.key} upload={upload} uploads={uploads} />
      ))}
    </ul>
  );
}

function UploadRow({ upload, uploads }: { upload: Upload; uploads: Uploads }) {
  const { key, path, state, sent, message } = upload;
  const failed = state === 'failed';
  return (
    <li data-state={state}>
      <span className="file-name">{path}</span>
      {failed ? (
        <span className="file-facts bad">{message}</span>
      ) : (
        <>
          <progress max={Math.max(upload.size, 1)} value={Math.min(sent, upload.size)} aria-label={path} />
          <span className="file-facts">
            {state === 'waiting' ? t.files.waits : t.files.sentOf(size(Math.min(sent, upload.size)), size(upload.size))}
          </span>
        </>
      )}
      <span className="file-actions">
        {failed && (
          <button type="button" aria-label={t.files.againOf(path)} onClick={() => uploads.again(key)}>
            {t.files.again}
          </button>
        )}
        <button
          type="button"
          aria-label={failed ? t.files.dismiss(path) : t.files.cancelUpload(path)}
          onClick={() => uploads.cancel(key)}
        >
          {failed ? t.close : t.cancel}
        </button>
      </span>
    </li>
  );
}
