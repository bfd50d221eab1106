/** Before the page is printed, everything is drawn that is drawn near the view only otherwise. */
import { flushSync } from 'react-dom';
import { mathReady } from '../outputs/math.ts';
import { Value } from '../shared/value.ts';

export const printing = new Value(false);

/** Browsers lay the page out for paper as soon as the listener has returned. */
addEventListener('beforeprint', () => flushSync(() => printing.set(true)));
addEventListener('afterprint', () => printing.set(false));

/** Milliseconds that pictures and formulas are waited for. */
const LONGEST = 10_000;

/** Prints when pictures and formulas are there, which a browser does not wait for by itself. */
export async function printAll(): Promise<void> {
  flushSync(() => printing.set(true));
  const pictures = [...document.images].map((picture) => picture.decode().catch(() => {}));
  const late = new Promise((resolve) => setTimeout(resolve, LONGEST));
  await Promise.race([Promise.all([...pictures, mathReady()]), late]);
  print();
  printing.set(false);
}
