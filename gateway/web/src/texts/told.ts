/** Messages of the server in the page's language: its texts are English, and a name beside them says which text it is. */
import type { NamedMessage, Told } from '../../../src/wire/told.ts';
import type { ToldName } from '../../../src/wire/told-texts.ts';
import { language } from './texts.ts';

type ToldTexts = Readonly<Record<ToldName, string>>;

/** Pages in English show the server's own text, and load neither. */
const OTHERS: Readonly<Record<string, () => Promise<ToldTexts>>> = {
  de: () => import('./told-de.ts').then(({ de }) => de),
};
const names = async () => (await import('../../../src/wire/told.ts')).toldOf;

const load = OTHERS[language];
const [texts, toldOf] = (load && (await Promise.all([load(), names()]).catch(() => undefined))) ?? [];

/** What the server's message says in the page's language; the message itself where it has no name, or none that this page knows. */
export const inLanguage = (message: string, told: Told | undefined): string => textOf(told, texts) ?? message;

/** The same of a message that has arisen in the page, by a rule that it shares with the server. */
export const ownInLanguage = (message: string): string => inLanguage(message, toldOf?.(message));

/** Why the first of these was not done. */
export const firstReason = ([first]: readonly ({ readonly message: string } & NamedMessage)[]): string =>
  first === undefined ? '' : inLanguage(first.message, first.told);

export function textOf(
  told: Told | undefined,
  texts: Readonly<Record<string, string>> | undefined,
): string | undefined {
  const text =
    told === undefined || texts === undefined || !Object.hasOwn(texts, told.name) ? undefined : texts[told.name];
  return text?.replace(/\{(\w+)\}/g, (_, place: string) => {
    const value = told?.values?.[place] ?? '';
    return typeof value === 'string' ? value : (textOf(value, texts) ?? '');
  });
}
