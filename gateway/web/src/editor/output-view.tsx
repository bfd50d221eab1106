/** One output of a cell. */
import { lazy, memo, type ReactNode, Suspense, useLayoutEffect, useRef } from 'react';
import { POST_MORTEM } from '../../../src/wire/memory-facts.ts';
import { chooseShown, joined, type Shown } from '../../../src/wire/shown/choose.ts';
import { mathParts } from '../../../src/wire/shown/math-text.ts';
import { viewOf } from '../../../src/wire/widget-models.ts';
import { type AnyOutput, plainOutput } from '../document/schema.ts';
import { GrowingText, paintAnsi } from '../outputs/ansi.ts';
import { paintMarkdown } from '../outputs/markdown.ts';
import { paintMath } from '../outputs/math.ts';
import { sanitise } from '../outputs/sanitise.ts';
import { t } from '../texts/texts.ts';
import { OutputFrame } from './output-frame.tsx';

/** Characters of one text; the gateway bounds outputs as well, notebooks from elsewhere have any size. */
const LONGEST = 500_000;

/** `version` grows whenever the output has changed. */
export const OutputView = memo(({ output }: { output: unknown; version: number }) => {
  const plain = plainOutput(output);
  switch (plain.output_type) {
    case 'stream':
      return <StreamText text={joined(plain['text']) ?? ''} kind={plain['name'] === 'stderr' ? 'stderr' : 'stdout'} />;
    case 'error':
      return <ErrorText output={plain} />;
    case 'display_data':
    case 'execute_result':
      return (
        <MaybePostMortem bundle={plain['data']}>
          <MaybeWidget bundle={plain['data']}>
            <Data shown={chooseShown(plain['data'], plain['metadata'])} />
          </MaybeWidget>
        </MaybePostMortem>
      );
    default:
      return <p className="note">{t.unknownOutput(plain.output_type.slice(0, 60))}</p>;
  }
});

const PostMortemView = lazy(async () => ({ default: (await import('./post-mortem.tsx')).PostMortemView }));

/** What the gateway tells of memory that ran out; `children` for everything else, and until it is there. */
function MaybePostMortem({ bundle, children }: { bundle: unknown; children: ReactNode }) {
  if (typeof bundle !== 'object' || bundle === null || !(POST_MORTEM in bundle)) return children;
  return (
    <Suspense fallback={children}>
      <PostMortemView data={bundle[POST_MORTEM]} />
    </Suspense>
  );
}

/** Loaded with the first widget that is shown. */
const WidgetView = lazy(async () => ({ default: (await import('../widgets/widget-view.tsx')).WidgetView }));

/** The widget that the bundle is a view of; `children` where it is none, and where the widget cannot be shown. */
function MaybeWidget({ bundle, children }: { bundle: unknown; children: ReactNode }) {
  const model = viewOf(bundle);
  if (model === undefined) return children;
  return (
    <Suspense fallback={<p className="note">{t.widgetComes}</p>}>
      <WidgetView key={model} model={model}>
        {children}
      </WidgetView>
    </Suspense>
  );
}

function StreamText({ text, kind }: { text: string; kind: 'stdout' | 'stderr' }) {
  const place = useRef<HTMLPreElement>(null);
  const growing = useRef<GrowingText>(undefined);
  const shown = text.slice(0, LONGEST);
  useLayoutEffect(() => {
    if (place.current === null) return;
    growing.current ??= new GrowingText(place.current);
    growing.current.update(shown);
  }, [shown]);
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard */}
      <pre ref={place} className={`stream ${kind}`} tabIndex={0} />
      <Cut text={text} />
    </>
  );
}

function ErrorText({ output }: { output: AnyOutput }) {
  const traceback = output['traceback'];
  const lines = Array.isArray(traceback) && traceback.length > 0 ? traceback.map(String).join('\n') : undefined;
  return <PlainText text={lines ?? `${output['ename']}: ${output['evalue']}`} kind="error" />;
}

function PlainText({ text, kind }: { text: string; kind: 'error' | 'plain' }) {
  const place = useRef<HTMLPreElement>(null);
  useLayoutEffect(() => {
    if (place.current !== null) paintAnsi(place.current, text.slice(0, LONGEST));
  }, [text]);
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard */}
      <pre ref={place} className={`stream ${kind}`} tabIndex={0} />
      <Cut text={text} />
    </>
  );
}

const Cut = ({ text }: { text: string }) =>
  text.length > LONGEST ? (
    <p className="note">{t.textCut(LONGEST.toLocaleString(), text.length.toLocaleString())}</p>
  ) : null;

function Data({ shown }: { shown: Shown }) {
  switch (shown.as) {
    case 'text':
      return <PlainText text={shown.text} kind="plain" />;
    case 'frame':
      return <OutputFrame html={shown.html} />;
    case 'html':
      return <Painted kind="html" text={shown.html} paint={paintHtml} />;
    case 'markdown':
      return <Painted kind="rendered" text={shown.text} paint={paintMarkdown} />;
    case 'latex':
      return <Painted kind="rendered latex" text={shown.text} paint={paintLatex} />;
    case 'image':
      return (
        <img
          src={shown.source}
          alt={shown.alt === undefined ? t.picture : t.pictureOf(shown.alt)}
          width={shown.width}
          height={shown.height}
        />
      );
    case 'tooMuch':
      return <p className="note">{t.tooMuchMarkup}</p>;
    case 'unknown':
      return <p className="note">{t.unknownOutput(shown.types.join(', '))}</p>;
  }
}

function Painted({
  kind,
  text,
  paint,
}: {
  kind: string;
  text: string;
  paint: (place: HTMLElement, text: string) => void;
}) {
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (place.current !== null) paint(place.current, text);
  }, [text, paint]);
  // biome-ignore lint/a11y/noNoninteractiveTabindex: wide tables scroll
  return <div ref={place} className={kind} tabIndex={0} />;
}

const paintHtml = (place: HTMLElement, html: string): void => place.replaceChildren(sanitise(html));

function paintLatex(place: HTMLElement, text: string): void {
  const parts = mathParts(text);
  /** Some kernels send the formula alone. */
  const all = parts.some(({ math }) => math) ? parts : [{ math: true, display: true, text }];
  place.replaceChildren(
    ...all.map((part) => {
      const span = document.createElement('span');
      if (part.math) paintMath(span, part.text, part.display);
      else span.textContent = part.text;
      return span;
    }),
  );
}
