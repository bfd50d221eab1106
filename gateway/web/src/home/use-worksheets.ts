/** The list as the server has it, and what is done to it. */
import { useCallback, useEffect, useState } from 'react';
import { ApiError, api, type WorksheetModel } from '../shared/api.ts';
import { t } from '../texts/texts.ts';

/** Milliseconds; kernels start and stop meanwhile. */
const REFRESH = 10_000;

export interface Said {
  readonly text: string;
  readonly bad: boolean;
}

/** A link to a worksheet that leads nowhere leads here. */
function sayAtFirst(): Said {
  if (new URLSearchParams(location.search).get('link') !== 'gone') return { text: '', bad: false };
  history.replaceState(null, '', location.pathname);
  return { text: t.share.linkGone, bad: true };
}

export function useWorksheets(trashed: boolean) {
  const [list, setList] = useState<readonly WorksheetModel[]>();
  const [said, setSaid] = useState<Said>(sayAtFirst);

  const failed = useCallback((error: unknown) => {
    /** The server shows the sign-in page at this address. */
    if (error instanceof ApiError && error.status === 401) return location.reload();
    const message = error instanceof Error ? error.message : '';
    setSaid({ text: message === '' ? t.unreachable : t.failed(message), bad: true });
  }, []);

  const load = useCallback(async () => {
    try {
      setList(await api.list(trashed));
    } catch (error) {
      failed(error);
    }
  }, [trashed, failed]);

  useEffect(() => {
    setList(undefined);
    void load();
    const refresh = () => void (document.hidden || load());
    const timer = setInterval(refresh, REFRESH);
    document.addEventListener('visibilitychange', refresh);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', refresh);
    };
  }, [load]);

  /** Does something, says that it is done, and shows the list as it is then. */
  const act = useCallback(
    async (work: () => Promise<unknown>, done: string) => {
      try {
        await work();
        setSaid({ text: done, bad: false });
      } catch (error) {
        failed(error);
      }
      await load();
    },
    [load, failed],
  );

  return { list, said, act, failed };
}
