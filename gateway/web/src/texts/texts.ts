/** The texts of the browser's language. */
import { de } from './de.ts';
import { en, type Texts } from './en.ts';

const LANGUAGES: Readonly<Record<string, Texts>> = { en, de };

/** The first language of the list that there is a catalogue for, English without one. */
export const chooseLanguage = (wanted: readonly string[]): string =>
  wanted.map((tag) => tag.slice(0, 2).toLowerCase()).find((tag) => Object.hasOwn(LANGUAGES, tag)) ?? 'en';

export const language = typeof navigator === 'undefined' ? 'en' : chooseLanguage([navigator.language]);
export const t: Texts = LANGUAGES[language] ?? en;

if (typeof document !== 'undefined') document.documentElement.lang = language;
