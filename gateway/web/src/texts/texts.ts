/** The texts of the browser's language. */
import { en, type Texts } from './en.ts';

/** Catalogues beside the English one, which come when they are wanted: nobody waits for a language that they do not read. */
const OTHERS: Readonly<Record<string, () => Promise<Texts>>> = {
  de: () => import('./de.ts').then(({ de }) => de),
};

/** The first language of the list that there is a catalogue for, English without one. */
export const chooseLanguage = (wanted: readonly string[]): string =>
  wanted.map((tag) => tag.slice(0, 2).toLowerCase()).find((tag) => tag === 'en' || Object.hasOwn(OTHERS, tag)) ?? 'en';

/** For numbers and times: the browser's region, where it is one of the language. */
export const localeOf = (own: string, chosen: string): string => (own.startsWith(chosen) ? own : chosen);

export const language = typeof navigator === 'undefined' ? 'en' : chooseLanguage([navigator.language]);
export const locale = typeof navigator === 'undefined' ? language : localeOf(navigator.language, language);
/** Of the browser's own country, where the page speaks its language. */
const country =
  typeof navigator !== 'undefined' && navigator.language.startsWith(language) ? navigator.language : language;
const days = new Intl.DateTimeFormat(country, { dateStyle: 'medium' });
/** `2026-01-02`, or a whole time, as a day of this language: "2 Jan 2026". */
export const day = (iso: string): string => days.format(new Date(iso));
export const t: Texts = (await OTHERS[language]?.().catch(() => undefined)) ?? en;

if (typeof document !== 'undefined') document.documentElement.lang = language;
