/** What a page says about what was done last, and doing something so that it is said. */
import { useCallback, useState } from 'react';
import { t } from '../texts/texts.ts';
import { ApiError } from './api.ts';
import { signInAddress } from './sign-in-address.ts';

export interface Said {
  readonly text: string;
  readonly bad: boolean;
}

/** Does something, then says the text that `done` makes of its answer, or why it did not work. True where it did. */
export type Act = <T>(work: () => Promise<T>, done: (answer: T) => string) => Promise<boolean>;

export function useSaid(): { said: Said; act: Act } {
  const [said, setSaid] = useState<Said>({ text: '', bad: false });
  const act = useCallback<Act>(async (work, done) => {
    try {
      const text = done(await work());
      setSaid({ text, bad: false });
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) location.assign(signInAddress());
      const message = error instanceof Error ? error.message : '';
      setSaid({ text: message === '' ? t.unreachable : t.failed(message), bad: true });
      return false;
    }
  }, []);
  return { said, act };
}
