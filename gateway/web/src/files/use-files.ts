/** The list of a worksheet's files, asked for again whenever the server says that it may be another one. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { useWorksheet } from '../editor/hooks.ts';
import { ApiError } from '../shared/api.ts';
import { type FileListModel, fileApi } from '../shared/file-api.ts';
import { usePart, useValue } from '../shared/value.ts';
import { t } from '../texts/texts.ts';

export interface Files {
  /** Undefined until it has come. */
  readonly list: FileListModel | undefined;
  /** Why it could not be had; empty where it could. */
  readonly trouble: string;
  readonly reload: () => void;
}

export function useFiles(): Files {
  const { id, connection } = useWorksheet();
  const changes = useValue(connection.fileChanges);
  const kernel = usePart(connection.status, (status) => status?.kernel);
  const line = usePart(connection.save, ({ line }) => line);
  const [list, setList] = useState<FileListModel>();
  const [trouble, setTrouble] = useState('');
  /** One request at a time; what is wanted meanwhile is asked for behind it. */
  const asking = useRef<'no' | 'yes' | 'again'>('no');
  const reload = useCallback(() => {
    if (asking.current !== 'no') {
      asking.current = 'again';
      return;
    }
    asking.current = 'yes';
    fileApi
      .list(id)
      .then(
        (found) => {
          setList(found);
          setTrouble('');
        },
        (error) => setTrouble(error instanceof ApiError && error.message !== '' ? error.message : t.unreachable),
      )
      .finally(() => {
        const again = asking.current === 'again';
        asking.current = 'no';
        if (again) reload();
      });
  }, [id]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each of these is a reason to ask again
  useEffect(reload, [reload, changes, kernel, line]);
  return { list, trouble, reload };
}
