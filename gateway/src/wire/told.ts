/**
 * The name of a message beside its text, so that a page can say it in its own language. Texts are the carrier: from the warden, through
 * a kernel's records and the worksheet's state they go as what a person reads, and get their name where they leave for a page. A
 * message that has no name is shown as it is. Pure.
 */
import { TOLD, TOLD_WORDS, type ToldName } from './told-texts.ts';

export interface Told {
  readonly name: ToldName;
  /** What stands for each `{value}` of the text; words of the catalogue have their name. */
  readonly values?: Readonly<Record<string, string | Told>>;
}

/** Beside a message, where it has a name. */
export interface NamedMessage {
  readonly told?: Told;
}

interface Shape {
  readonly name: ToldName;
  /** What stands before, between and behind the values. */
  readonly texts: readonly string[];
  readonly values: readonly string[];
}

/** A message beyond this many characters is somebody's text and not ours. */
const LONGEST = 4000;
/** `{value}` and `{:words}`. */
const PLACE = /\{(:?\w+)\}/g;
const literally = (text: string): number => text.replace(PLACE, '').length;

/** The one that says most is found first. */
function shapesOf(texts: Readonly<Record<string, string>>): readonly Shape[] {
  const names = Object.keys(texts) as (ToldName & keyof typeof texts)[];
  return names
    .toSorted((one, other) => literally(texts[other] ?? '') - literally(texts[one] ?? ''))
    .map((name) => {
      const parts = (texts[name] ?? '').split(PLACE);
      return { name, texts: parts.filter((_, at) => at % 2 === 0), values: parts.filter((_, at) => at % 2 === 1) };
    });
}

const MESSAGES = shapesOf(TOLD);
const WORDS = shapesOf({ ...TOLD, ...TOLD_WORDS });

/** The name of a message; undefined where it has none. */
export const toldOf = (message: string): Told | undefined => find(MESSAGES, message);

/** To be spread beside the message. */
export function named(message: string): NamedMessage {
  const told = toldOf(message);
  return told === undefined ? {} : { told };
}

function find(shapes: readonly Shape[], text: string): Told | undefined {
  if (text === '' || text.length > LONGEST) return undefined;
  for (const { name, texts, values } of shapes) {
    const found = heldBetween(texts, text);
    if (found === undefined) continue;
    if (values.length === 0) return { name };
    const pairs = values.map((value, at) => {
      const held = found[at] ?? '';
      return value.startsWith(':') ? [value.slice(1), find(WORDS, held) ?? held] : [value, held];
    });
    return { name, values: Object.fromEntries(pairs) };
  }
  return undefined;
}

/**
 * What stands between the texts, each value as short as it can be; undefined where they are not all there in their order. The first place of
 * each is enough, so that the time grows with the message alone: a regular expression would try all places, and a message may hold what a
 * student wrote.
 */
function heldBetween(texts: readonly string[], message: string): string[] | undefined {
  const [first = '', ...others] = texts;
  const last = others.pop();
  if (last === undefined) return message === first ? [] : undefined;
  if (!message.startsWith(first)) return undefined;
  const held: string[] = [];
  let from = first.length;
  for (const text of others) {
    const at = message.indexOf(text, from);
    if (at === -1) return undefined;
    held.push(message.slice(from, at));
    from = at + text.length;
  }
  const end = message.length - last.length;
  if (end < from || !message.endsWith(last)) return undefined;
  return [...held, message.slice(from, end)];
}
