/** The outputs of a code cell, drawn near the view; elsewhere a box of their height keeps their place. */
import { useLayoutEffect, useRef } from 'react';
import { isHidden, toggleHidden } from '../document/edits.ts';
import { cellsOf, outputsOf, type YCell } from '../document/schema.ts';
import { t } from '../texts/texts.ts';
import { useOutputs, useWorksheet } from './hooks.ts';
import { OutputView } from './output-view.tsx';
import type { PageCell } from './worksheet.ts';

/** Pixels, as they were seen last. */
const heights = new WeakMap<YCell, number>();
/** Pixels that one output is thought to need before it was seen. */
const GUESS = 120;

export function OutputsView({ page, near }: { page: PageCell; near: boolean }) {
  const worksheet = useWorksheet();
  const { cell } = page;
  const outputs = outputsOf(cell);
  if (outputs === undefined) return null;
  if (isHidden(cell, 'outputs_hidden')) {
    if (outputs.length === 0) return null;
    const show = () => {
      const at = cellsOf(worksheet.doc).toArray().indexOf(cell);
      if (at >= 0) toggleHidden(worksheet.doc, { first: at, last: at }, 'outputs_hidden');
    };
    return (
      <button type="button" className="hidden-output" onClick={show}>
        {t.outputHidden}
      </button>
    );
  }
  if (near) return <Drawn cell={cell} />;
  const height = heights.get(cell) ?? Math.min(outputs.length * GUESS, 600);
  return height === 0 ? null : <div className="outputs far" style={{ height }} />;
}

function Drawn({ cell }: { cell: YCell }) {
  const outputs = useOutputs(cell);
  const place = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    const element = place.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => heights.set(cell, element.offsetHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, [cell]);
  return (
    <section ref={place} className="outputs" aria-label={t.output} hidden={outputs.length === 0}>
      {outputs.map(({ output, version }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: an output has no name but its place
        <OutputView key={index} output={output} version={version} />
      ))}
    </section>
  );
}
