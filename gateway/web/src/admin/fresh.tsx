/** Says of when what is shown is, or why there is nothing newer. Readers are not told every few seconds, only of trouble. */
import { useEffect, useState } from 'react';
import { locale } from '../texts/texts.ts';
import { ta } from './texts.ts';
import type { Polled } from './use-poll.ts';

const clock = new Intl.DateTimeFormat(locale, { timeStyle: 'medium' });

export function Fresh({ answer, trouble }: Pick<Polled<unknown>, 'answer' | 'trouble'>) {
  const [at, setAt] = useState('');
  useEffect(() => {
    if (answer !== undefined) setAt(clock.format(new Date()));
  }, [answer]);
  return (
    <>
      <p className="said bad" role="alert" hidden={trouble === ''}>
        {answer === undefined ? trouble : ta.old(trouble)}
      </p>
      {at !== '' && trouble === '' && <p className="note fresh">{ta.asOf(at)}</p>}
    </>
  );
}
