/** One file of the worksheet: what it is, whether it is kept, and what can be done with it. */
import { useWorksheet } from '../editor/hooks.ts';
import { ApiError } from '../shared/api.ts';
import { type FileModel, fileApi } from '../shared/file-api.ts';
import { size } from '../shared/size.ts';
import { timeAgo } from '../shared/time-ago.ts';
import { useValue } from '../shared/value.ts';
import { language as pageLanguage, t } from '../texts/texts.ts';
import { inLanguage } from '../texts/told.ts';
import { copyText } from './copy-text.ts';
import { snippet } from './snippet.ts';

interface Wish {
  readonly file: FileModel;
  /** Whether there is a sandbox whose files are known. */
  readonly open: boolean;
  readonly reload: () => void;
}

export function FileRow({ file, open, reload }: Wish) {
  const worksheet = useWorksheet();
  useValue(worksheet.role);
  const code = snippet(file.path, useValue(worksheet.language));
  const copy = async () => {
    const copied = await copyText(code);
    worksheet.announcement.set(copied ? t.files.copied(code) : '');
    if (!copied) worksheet.problem.set(t.files.notCopied(code));
  };
  const remove = async () => {
    try {
      await fileApi.remove(worksheet.id, file.path);
      worksheet.announcement.set(t.files.removed(file.path));
    } catch (error) {
      worksheet.problem.set(error instanceof ApiError && error.message !== '' ? error.message : t.unreachable);
    }
    reload();
  };
  const ask = () =>
    worksheet.question.set({
      text: t.files.removeQuestion(file.path),
      confirm: t.files.remove,
      act: () => void remove(),
    });
  return (
    <li className="file" data-kept={file.kept}>
      <span className="file-name">{file.path}</span>
      <span className="file-facts">
        {size(file.size)}, <time dateTime={file.changed_at}>{timeAgo(file.changed_at, Date.now(), pageLanguage)}</time>
        {', '}
        <span className="file-state">{stateOf(file, open)}</span>
      </span>
      <span className="file-actions">
        <a href={fileApi.address(worksheet.id, file.path)} download="" aria-label={t.files.downloadOf(file.path)}>
          {t.files.download}
        </a>
        <button type="button" aria-label={t.files.codeOf(file.path)} title={code} onClick={copy}>
          {t.files.code}
        </button>
        {worksheet.may('edit') && (
          <button type="button" aria-label={t.files.removeOf(file.path)} onClick={ask}>
            {t.files.remove}
          </button>
        )}
      </span>
    </li>
  );
}

function stateOf({ kept, in_sandbox, told, ...file }: FileModel, open: boolean): string {
  const problem = file.problem === undefined ? undefined : inLanguage(file.problem, told);
  if (!kept) return problem === undefined ? t.files.notYet : t.files.notKept(problem);
  if (problem !== undefined) return problem;
  return open && !in_sandbox ? t.files.keptWithout : t.files.kept;
}
