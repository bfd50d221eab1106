/** Whether a person may open one more kernel. Pure; who may use which policy is auth's. */
import { CarrelError } from '../base/errors.ts';

/** Throws `quota_reached` with the counts. */
export function requireRoom(open: number, perPerson: number): void {
  if (open < perPerson) return;
  const what = perPerson === 1 ? 'kernel is' : 'kernels are';
  throw new CarrelError(
    'quota_reached',
    `your limit is reached: ${open} of ${perPerson} ${what} open; shut one down first`,
  );
}
