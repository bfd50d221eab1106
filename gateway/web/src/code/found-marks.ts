/** What is looked for, marked in an editor. */
import { type Extension, RangeSet, StateEffect, StateField, type Text } from '@codemirror/state';
import { Decoration, type DecorationSet, EditorView } from '@codemirror/view';

export interface Found {
  /** Spans of a text, in ascending order. */
  readonly spansOf: (text: string) => readonly { readonly from: number; readonly to: number }[];
  /** Where the one begins that was gone to; undefined where it is not in this text. */
  readonly current: number | undefined;
}

const look = StateEffect.define<Found | undefined>();

const plain = Decoration.mark({ class: 'found' });
const current = Decoration.mark({ class: 'found current' });

function marks(doc: Text, found: Found | undefined): DecorationSet {
  if (found === undefined) return Decoration.none;
  const spans = found.spansOf(doc.toString());
  return RangeSet.of(spans.map(({ from, to }) => (from === found.current ? current : plain).range(from, to)));
}

const field = StateField.define<{ found: Found | undefined; marks: DecorationSet }>({
  create: () => ({ found: undefined, marks: Decoration.none }),
  update(value, transaction) {
    for (const effect of transaction.effects)
      if (effect.is(look)) return { found: effect.value, marks: marks(transaction.newDoc, effect.value) };
    return transaction.docChanged ? { found: value.found, marks: marks(transaction.newDoc, value.found) } : value;
  },
  provide: (value) => EditorView.decorations.from(value, (state) => state.marks),
});

export const foundMarks: Extension = field;

export function showFound(view: EditorView, found: Found | undefined): void {
  if (found === undefined && view.state.field(field).found === undefined) return;
  const { current: at } = found ?? {};
  view.dispatch({
    effects: [look.of(found), ...(at === undefined ? [] : [EditorView.scrollIntoView(at, { y: 'nearest' })])],
  });
}
