/** Completion and documentation: the running kernel is asked, as JupyterLab does. */
import {
  type CompletionContext,
  type CompletionResult,
  type CompletionSource,
  closeCompletion,
  completionStatus,
} from '@codemirror/autocomplete';
import { type Extension, StateEffect, StateField } from '@codemirror/state';
import { EditorView, keymap, showTooltip, type Tooltip } from '@codemirror/view';
import { paintAnsi } from '../outputs/ansi.ts';
import { t } from '../texts/texts.ts';
import { pointsBefore } from './positions.ts';
import { helpParts, readCompletion, readInspection } from './replies.ts';

export interface AskKernel {
  /** Whether an answer may be expected now; typing asks no kernel that runs a cell. */
  idle(): boolean;
  /** The reply's content; null or undefined where there is no kernel that could answer. */
  ask(what: 'complete' | 'inspect', code: string, cursor: number): Promise<unknown>;
}

/** As code points, not to ask at every letter: the word must have begun. */
const WORTH_ASKING = /(?:[\p{L}_][\p{L}\p{N}_]*|[.%/])$/u;

export const kernelCompletion =
  (kernel: AskKernel): CompletionSource =>
  async (context: CompletionContext): Promise<CompletionResult | null> => {
    const code = context.state.doc.toString();
    const before = context.state.doc.lineAt(context.pos);
    if (!context.explicit) {
      const line = before.text.slice(0, context.pos - before.from);
      if (!kernel.idle() || !WORTH_ASKING.test(line) || /^\s*#/.test(line)) return null;
    }
    const content = await kernel.ask('complete', code, pointsBefore(code, context.pos));
    const found = context.aborted ? undefined : readCompletion(content, code);
    if (found === undefined) return null;
    const word = code.slice(found.from, context.pos);
    /** A kernel that offers exactly what stands there has nothing to say. */
    if (found.matches.length === 1 && found.matches[0]?.text === word) return null;
    return {
      from: found.from,
      to: found.to,
      options: found.matches.map(({ text, kind, signature }) => ({
        label: text,
        ...(kind === '' ? {} : { type: kind, detail: signature === '' ? kind : signature }),
      })),
      validFor: /^[\p{L}\p{N}_]*$/u,
    };
  };

const show = StateEffect.define<{ text: string; at: number } | undefined>();

const shown = StateField.define<Tooltip | undefined>({
  create: () => undefined,
  update(value, transaction) {
    for (const effect of transaction.effects) if (effect.is(show)) return effect.value && tooltip(effect.value);
    return transaction.docChanged || transaction.selection !== undefined ? undefined : value;
  },
  provide: (field) => showTooltip.from(field, (value) => value ?? null),
});

const tooltip = ({ text, at }: { text: string; at: number }): Tooltip => ({
  pos: at,
  above: false,
  create: () => {
    const dom = document.createElement('section');
    dom.className = 'documentation';
    dom.tabIndex = 0;
    dom.setAttribute('aria-label', t.documentation);
    for (const { title, text: part } of helpParts(text)) {
      if (title !== '') dom.appendChild(document.createElement('h4')).textContent = title;
      const pre = dom.appendChild(document.createElement('pre'));
      if (/signature/i.test(title)) pre.className = 'signature';
      paintAnsi(pre, part);
    }
    return { dom };
  },
});

const hide = (view: EditorView): boolean => {
  if (view.state.field(shown, false) === undefined) return false;
  view.dispatch({ effects: show.of(undefined) });
  return true;
};

export const documentation: Extension = [
  shown,
  keymap.of([{ key: 'Escape', run: hide }]),
  EditorView.domEventHandlers({
    blur: (event, view) => !view.dom.contains(event.relatedTarget as Node | null) && hide(view),
  }),
];

/** Asks the kernel about what stands at the cursor, and shows the answer or that there is none. */
export function toggleDocumentation(view: EditorView, kernel: AskKernel): boolean {
  if (!view.state.selection.main.empty) return false;
  if (hide(view)) return true;
  if (completionStatus(view.state) !== null) closeCompletion(view);
  const code = view.state.doc.toString();
  const at = view.state.selection.main.head;
  const line = view.state.doc.lineAt(at);
  if (/^\s*$/.test(line.text.slice(0, at - line.from))) return false;
  void kernel.ask('inspect', code, pointsBefore(code, at)).then((content) => {
    if (!view.dom.isConnected || view.state.selection.main.head !== at) return;
    const text = readInspection(content) ?? (content ? t.nothingFound : t.kernelSilent);
    view.dispatch({ effects: show.of({ text, at }) });
  });
  return true;
}
