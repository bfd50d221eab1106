/** A text cell: rendered, and while it is edited, its source. */
import { useLayoutEffect, useRef } from 'react';
import type { Attachments } from '../../../src/wire/shown/markdown.ts';
import { textOf } from '../document/schema.ts';
import { paintMarkdown } from '../outputs/markdown.ts';
import { t } from '../texts/texts.ts';
import { useText, useWorksheet } from './hooks.ts';
import type { PageCell } from './page-cell.ts';
import { Source } from './source.tsx';

interface Wish {
  readonly page: PageCell;
  readonly near: boolean;
  readonly label: string;
  /** Its source is shown. */
  readonly open: boolean;
}

export function TextCell({ page, near, label, open }: Wish) {
  if (open) return <Source page={page} near label={label} language="markdown" prose />;
  return <Rendered page={page} near={near} />;
}

function Rendered({ page, near }: { page: PageCell; near: boolean }) {
  const worksheet = useWorksheet();
  const text = useText(textOf(page.cell), true);
  const place = useRef<HTMLDivElement>(null);
  const attachments = page.cell.get('attachments') as Attachments | undefined;
  useLayoutEffect(() => {
    if (near && place.current !== null && text.trim() !== '') paintMarkdown(place.current, text, attachments);
  }, [near, text, attachments]);
  const edit = () => worksheet.choose(page.key, { mode: 'edit' });
  if (text.trim() === '')
    return (
      <p className="empty-text" onDoubleClick={edit}>
        {t.emptyText}
      </p>
    );
  /** Far from the view it stands as it was written; the key makes another element of it, which React fills and nobody else. */
  if (!near) return <pre className="rendered far">{text}</pre>;
  // biome-ignore lint/a11y/noStaticElementInteractions: by the keyboard, Enter on the cell does the same
  return <div key="rendered" ref={place} className="rendered" onDoubleClick={edit} />;
}
