/** Sizes as people read them. */
import { language } from '../texts/texts.ts';

const fine = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });

/** Bytes as KiB, MiB, or GiB. */
export function size(bytes: number): string {
  if (bytes < 2 ** 20) return `${Math.ceil(bytes / 2 ** 10)} KiB`;
  return bytes < 2 ** 30 ? `${fine.format(bytes / 2 ** 20)} MiB` : `${fine.format(bytes / 2 ** 30)} GiB`;
}
