/** Where people sign in and come back to this page. */
import { address, root } from './root.ts';

export function signInAddress(): string {
  const here = location.href.slice(root.href.length).replace(/#.*/s, '');
  return address(here === '' ? './' : `signin?next=${encodeURIComponent(here)}`);
}
