/** The versions of the open worksheet, and what the panel says. */
import { useCallback, useEffect, useState } from 'react';
import { useWorksheet } from '../editor/hooks.ts';
import type { ApiError } from '../shared/api.ts';
import { type VersionModel, versionApi } from '../shared/version-api.ts';
import { language, t } from '../texts/texts.ts';

/** The list is asked for again, in milliseconds: versions come by themselves, and by others. */
const EVERY = 30_000;

/** How times are written: the browser's own manner, in the language of the page. */
export const locale = navigator.language.startsWith(language) ? navigator.language : language;

export interface Said {
  readonly text: string;
  readonly bad: boolean;
  /** Takes back what was done. */
  readonly undo?: () => void;
}

export interface History {
  readonly id: string;
  /** Undefined until they have come. */
  readonly versions: readonly VersionModel[] | undefined;
  readonly said: Said | undefined;
  /** Does it, tells how it went, and lists again. Answers undefined where it failed. */
  readonly act: <T>(work: Promise<T>, done?: (result: T) => string | Said) => Promise<T | undefined>;
}

export function useHistory(): History {
  const { id } = useWorksheet();
  const [versions, setVersions] = useState<readonly VersionModel[]>();
  const [said, setSaid] = useState<Said>();

  const list = useCallback(
    () => versionApi.list(id).then(setVersions, (error: ApiError) => setSaid({ text: textOf(error), bad: true })),
    [id],
  );
  useEffect(() => {
    void list();
    const timer = setInterval(() => {
      if (!document.hidden) void list();
    }, EVERY);
    return () => clearInterval(timer);
  }, [list]);

  const act = useCallback<History['act']>(
    async (work, done) => {
      setSaid(undefined);
      try {
        const result = await work;
        const text = done?.(result);
        if (text !== undefined) setSaid(typeof text === 'string' ? { text, bad: false } : text);
        await list();
        return result;
      } catch (error) {
        setSaid({ text: textOf(error as ApiError), bad: true });
        return undefined;
      }
    },
    [list],
  );
  return { id, versions, said, act };
}

export const textOf = (error: ApiError): string => (error.status === 0 ? t.unreachable : t.failed(error.message));
