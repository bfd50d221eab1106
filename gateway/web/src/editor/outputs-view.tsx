/** The outputs of a code cell, drawn near the view; elsewhere a box of their height keeps their place. */
import { useLayoutEffect, useRef, useState } from 'react';
import { scrolls } from '../document/edits.ts';
import { outputsOf, type YCell } from '../document/schema.ts';
import { t } from '../texts/texts.ts';
import { useMark } from './cell-mark.tsx';
import { FullOutputLink } from './full-output.tsx';
import { useOutputs, useWorksheet } from './hooks.ts';
import { OutputView } from './output-view.tsx';
import type { PageCell } from './page-cell.ts';

/** Pixels, as they were seen last. */
const heights = new WeakMap<YCell, number>();
/** Pixels that one output is thought to need before it was seen. */
const GUESS = 120;

/** Pixels of a text output from which on it is cut; the style sheet has the same as 34rem. */
const CUT_AT = 544;

export function OutputsView({ page, near }: { page: PageCell; near: boolean }) {
  const worksheet = useWorksheet();
  const { cell } = page;
  const outputs = outputsOf(cell);
  const hidden = useMark(worksheet, cell, 'outputs_hidden');
  if (outputs === undefined) return null;
  if (hidden) {
    if (outputs.length === 0) return null;
    return (
      <button
        type="button"
        className="hidden-output"
        onClick={() => worksheet.marks.set([cell], 'outputs_hidden', false)}
      >
        {t.outputHidden}
      </button>
    );
  }
  if (near) return <Drawn cell={cell} />;
  const height = heights.get(cell) ?? Math.min(outputs.length * GUESS, 600);
  return height === 0 ? null : <div className="outputs far" style={{ height }} />;
}

function Drawn({ cell }: { cell: YCell }) {
  const worksheet = useWorksheet();
  const outputs = useOutputs(cell);
  const scrolled = useMark(worksheet, cell, 'scrolled');
  const full = !scrolled && (worksheet.marks.own.get().get(cell)?.get('scrolled') ?? scrolls(cell)) === false;
  const [long, setLong] = useState(false);
  const place = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    const element = place.current;
    if (element === null) return;
    const measure = () => {
      heights.set(cell, element.offsetHeight);
      const texts = [...element.querySelectorAll('pre')];
      setLong(texts.some((text) => text.scrollHeight > CUT_AT + 8));
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [cell]);
  return (
    <section
      ref={place}
      className="outputs"
      aria-label={t.output}
      hidden={outputs.length === 0}
      data-look={scrolled ? 'scrolled' : full ? 'full' : undefined}
    >
      <div className="outputs-box" {...(scrolled ? { tabIndex: 0 } : {})}>
        {outputs.map(({ output, version }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: an output has no name but its place
          <OutputView key={index} output={output} version={version} />
        ))}
      </div>
      <FullOutputLink cell={cell} />
      {(long || scrolled) && (
        <button type="button" className="hidden-output" onClick={() => worksheet.marks.set([cell], 'scrolled', full)}>
          {full ? t.lessOutput : t.allOutput}
        </button>
      )}
    </section>
  );
}
