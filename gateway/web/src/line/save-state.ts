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
  | { readonly say: 'connecting' | 'saved' | 'saving' | 'offline' }
  | { readonly say: 'offlineEdits'; readonly count: number };

export function saveLine({ line, edits }: SaveState): SaveLine {
  if (line === 'live') return { say: edits === 0 ? 'saved' : 'saving' };
  if (edits > 0) return { say: 'offlineEdits', count: edits };
  return { say: line === 'joining' ? 'connecting' : 'offline' };
}
