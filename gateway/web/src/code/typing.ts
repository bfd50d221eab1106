/**
 * A typed character goes into the state and from there into the page. CodeMirror by itself lets the browser write it, and reads it back:
 * that costs more than all the rest of a key's scripts, and is needed only where the browser knows more, as in a composition.
 */
import { EditorView } from '@codemirror/view';

export const typing = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const { data } = event;
    if (event.inputType !== 'insertText' || data === null || data === '' || data.includes('\n')) return false;
    if (event.isComposing || view.composing || view.state.readOnly || !isAtSelection(view)) return false;
    const { from, to } = view.state.selection.main;
    const insert = () => {
      const typed = view.state.replaceSelection(view.state.toText(data));
      return view.state.update(typed, { userEvent: 'input.type', scrollIntoView: true });
    };
    /** Brackets that close themselves, and whatever else looks at what is typed. */
    const handlers = view.state.facet(EditorView.inputHandler);
    if (!handlers.some((handle) => handle(view, from, to, data, insert))) view.dispatch(insert());
    return true;
  },
});

/** Whether the browser would write where the state has its selection: not where it was moved and the editor has not heard of it yet. */
function isAtSelection(view: EditorView): boolean {
  const place = getSelection();
  const { anchorNode, focusNode } = place ?? {};
  if (place == null || anchorNode == null || focusNode == null) return false;
  if (!view.contentDOM.contains(anchorNode) || !view.contentDOM.contains(focusNode)) return false;
  const { anchor, head } = view.state.selection.main;
  return (
    view.posAtDOM(anchorNode, place.anchorOffset) === anchor && view.posAtDOM(focusNode, place.focusOffset) === head
  );
}
