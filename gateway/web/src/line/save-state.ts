/**
 * What the page may truthfully say about the document: pure. An edit counts until the server has acknowledged everything, which
 * it does after storing.
 */
export interface SaveState {
  /** `joining`: the first answer of the server has not come yet. */
  readonly line: 'joining' | 'live' | 'broken';
  /** Own edits that are not acknowledged. */
  readonly edits: number;
}

export type SaveEvent = 'edit' | 'joined' | 'acknowledged' | 'lost';

export const firstSaveState: SaveState = { line: 'joining', edits: 0 };

export function afterSaveEvent(state: SaveState, event: SaveEvent): SaveState {
  switch (event) {
    case 'edit':
      return { ...state, edits: state.edits + 1 };
    case 'joined':
      return { ...state, line: 'live' };
    /** Acknowledgements that a broken line brought late say nothing about edits since. */
    case 'acknowledged':
      return state.line === 'live' ? { ...state, edits: 0 } : state;
    case 'lost':
      return { ...state, line: 'broken' };
  }
}

export type SaveLine =
  | { readonly say: 'connecting' | 'saved' | 'saving' | 'offline' | 'withdrawn' }
  /** `notTaken`: they were made when the person might no longer edit. */
  | { readonly say: 'offlineEdits' | 'notTaken'; readonly count: number };

/** What the person may do, where that stands in the way of saving. */
export type Hindrance = 'mayNotEdit' | 'withdrawn' | undefined;

export function saveLine({ line, edits }: SaveState, hindrance?: Hindrance): SaveLine {
  if (hindrance !== undefined && edits > 0) return { say: 'notTaken', count: edits };
  if (hindrance === 'withdrawn') return { say: 'withdrawn' };
  if (line === 'live') return { say: edits === 0 ? 'saved' : 'saving' };
  if (edits > 0) return { say: 'offlineEdits', count: edits };
  return { say: line === 'joining' ? 'connecting' : 'offline' };
}
