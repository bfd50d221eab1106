/** Who else is here. Names are the gateway's word; the rest is what their pages say, which is checked because they may say anything: pure. */

import type { Awareness } from 'y-protocols/awareness';

/** Colours that the style sheet has, `hue-0` to `hue-7`. */
const HUES = 8;

export interface Person {
  readonly client: number;
  readonly name: string;
  readonly hue: number;
  /** Where their cursor is, as relative positions of no known form, and the id of the cell. */
  readonly cursor: { readonly anchor: unknown; readonly head: unknown } | undefined;
  readonly cell: string | undefined;
}

export function readPerson(client: number, state: unknown): Person {
  const { user, cursor, cell } = (state ?? {}) as {
    user?: { name?: unknown };
    cursor?: { anchor?: unknown; head?: unknown };
    cell?: unknown;
  };
  const name = typeof user?.name === 'string' && user.name.trim() !== '' ? user.name.trim().slice(0, 60) : '?';
  const place =
    typeof cursor === 'object' && cursor !== null ? { anchor: cursor.anchor, head: cursor.head } : undefined;
  return { client, name, hue: hueOf(name), cursor: place, cell: typeof cell === 'string' ? cell : undefined };
}

/** A person has the same colour in every worksheet, in every browser. */
function hueOf(name: string): number {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 65_521;
  return sum % HUES;
}

interface Change {
  readonly added: readonly number[];
  readonly updated: readonly number[];
  readonly removed: readonly number[];
}

/** Calls the listener when others come, go or move their cursor; what this page says of itself is no news. Answers what ends that. */
export function onOthers(awareness: Pick<Awareness, 'clientID' | 'on' | 'off'>, listener: () => void): () => void {
  const changed = ({ added, updated, removed }: Change) => {
    if ([...added, ...updated, ...removed].some((client) => client !== awareness.clientID)) listener();
  };
  awareness.on('change', changed);
  return () => awareness.off('change', changed);
}
