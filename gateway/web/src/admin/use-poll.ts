/** Asks the server again and again while the page is looked at; slower where the answers are slow. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { ApiError } from '../shared/api.ts';
import { signInAddress } from '../shared/sign-in-address.ts';
import { t } from '../texts/texts.ts';

/** Milliseconds between an answer and the next question, at least. */
const EVERY = 3000;
/** And so many times what the last answer took, so that a server which is slow is asked less often; but not seldomer than MOST. */
const REST = 3;
const MOST = 15_000;

export interface Polled<T> {
  /** Undefined before the first answer. */
  readonly answer: T | undefined;
  /** Why there is no newer one; empty where there is. */
  readonly trouble: string;
  /** Asks now; what was asked before this call does not count as the answer. */
  readonly again: () => Promise<void>;
}

export function usePoll<T>(ask: () => Promise<T>): Polled<T> {
  const [answer, setAnswer] = useState<T>();
  const [trouble, setTrouble] = useState('');
  const newest = useRef(0);
  const again = useCallback(async () => {
    newest.current += 1;
    const mine = newest.current;
    try {
      const got = await ask();
      if (mine !== newest.current) return;
      setAnswer(got);
      setTrouble('');
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) location.assign(signInAddress());
      const message = error instanceof Error ? error.message : '';
      if (mine === newest.current) setTrouble(message === '' ? t.unreachable : message);
    }
  }, [ask]);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let ended = false;
    const round = async () => {
      clearTimeout(timer);
      if (ended || document.visibilityState === 'hidden') return;
      const begun = performance.now();
      await again();
      const rest = Math.min(MOST, (performance.now() - begun) * REST);
      if (!ended) timer = setTimeout(() => void round(), Math.max(EVERY, rest));
    };
    const seen = () => void round();
    document.addEventListener('visibilitychange', seen);
    void round();
    return () => {
      ended = true;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', seen);
    };
  }, [again]);
  return { answer, trouble, again };
}
