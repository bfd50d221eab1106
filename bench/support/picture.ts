/** docs/figures.svg. */
import type { Results } from './session.ts';

export function picture(results: Results): string {
  return `<svg xmlns="http://www.w3.org/2000/svg"><title>${results.date}</title></svg>\n`;
}
