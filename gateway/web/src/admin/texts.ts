/** The texts of the administrator's pages in the browser's language; nobody else loads them. */
import { language } from '../texts/texts.ts';
import { type AdminTexts, en } from './texts-en.ts';

const OTHERS: Readonly<Record<string, () => Promise<AdminTexts>>> = {
  de: () => import('./texts-de.ts').then(({ de }) => de),
};

export const ta: AdminTexts = (await OTHERS[language]?.().catch(() => undefined)) ?? en;
