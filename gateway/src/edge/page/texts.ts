/** The texts of the pages for who is not signed in, one catalogue for each language. */
import { de } from './texts-de.ts';
import { en, type PageTexts } from './texts-en.ts';

const LANGUAGES: Readonly<Record<string, PageTexts>> = { en, de };

/** `language`: as `Accept-Language` was found to want it; English where it wants none of ours. */
export const textsFor = (language: string | false): PageTexts =>
  language === false ? en : (LANGUAGES[language] ?? en);
