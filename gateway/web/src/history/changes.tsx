/** A difference of two versions, cell by cell. */
import type { ReactNode } from 'react';
import { idOf } from '../document/schema.ts';
import { useWorksheet } from '../editor/hooks.ts';
import type { VersionCell, VersionOutput } from '../shared/version-api.ts';
import { t } from '../texts/texts.ts';
import { type CellChange, countChanges, isMoreThanMoved, type OutputChange } from './cell-changes.ts';
import type { Line } from './text-diff.ts';

interface Wish {
  readonly changes: readonly CellChange[];
  /** There is nothing with which it could be compared. */
  readonly whole: boolean;
  /** Whether the later side is the worksheet as it is, so that one can go there. */
  readonly linked: boolean;
}

export function Changes({ changes, whole, linked }: Wish) {
  const counts = countChanges(changes);
  return (
    <>
      <p className="summary" role="status">
        {whole ? t.history.first : t.history.summary(counts)}
      </p>
      <ol className="changes">
        {changes.map((change, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a difference is drawn anew as a whole
          <li key={index} className={change.kind}>
            {change.kind === 'same' ? t.history.same(change.count) : <Change change={change} linked={linked} />}
          </li>
        ))}
      </ol>
    </>
  );
}

function Change({ change, linked }: { change: Exclude<CellChange, { kind: 'same' }>; linked: boolean }) {
  const { position, cell } = change;
  const { cellAdded, cellRemoved, cellMoved, cellChanged, cellMovedAndChanged } = t.history;
  if (change.kind !== 'changed') {
    const mark = change.kind;
    const lines = cell.source.replace(/\n$/, '').split('\n');
    return (
      <>
        <Head
          text={(mark === 'added' ? cellAdded : cellRemoved)(position)}
          cell={cell}
          linked={linked && mark === 'added'}
        />
        <Lines lines={lines.map((text) => ({ mark, words: [{ text, marked: false }] }))} />
        {cell.outputs.length > 0 && <p className="note">{t.history.withOutputs(cell.outputs.length)}</p>}
      </>
    );
  }
  const { movedFrom, source, attachments, outputs, wasKind } = change;
  const text =
    movedFrom === undefined
      ? cellChanged(position)
      : (isMoreThanMoved(change) ? cellMovedAndChanged : cellMoved)(movedFrom, position);
  return (
    <>
      <Head text={text} cell={cell} linked={linked} />
      {wasKind !== undefined && (
        <p>{t.history.kindChanged(t.history.cellKinds[wasKind], t.history.cellKinds[cell.kind])}</p>
      )}
      {source !== undefined && <Lines lines={source} />}
      {source === undefined && <p className="excerpt">{firstLine(cell.source)}</p>}
      {attachments && <p>{t.history.attachmentsChanged}</p>}
      {outputs !== undefined && <Outputs change={outputs} />}
    </>
  );
}

const firstLine = (source: string): string => source.trim().split('\n')[0]?.slice(0, 120) ?? '';

function Head({ text, cell, linked }: { text: string; cell: VersionCell; linked: boolean }) {
  const worksheet = useWorksheet();
  const go = () => {
    const found = worksheet.cells.get().find((page) => idOf(page.cell) === cell.id);
    if (found !== undefined) worksheet.choose(found.key);
  };
  return (
    <div className="change-head">
      <h4>{text}</h4>
      {linked && (
        <button type="button" onClick={go} aria-label={t.history.goTo(text)}>
          {t.history.go}
        </button>
      )}
    </div>
  );
}

function Outputs({ change: { before, after, lines } }: { change: OutputChange }) {
  const text =
    before.length === 0
      ? t.history.outputAdded
      : after.length === 0
        ? t.history.outputRemoved
        : t.history.outputChanged;
  return (
    <div className="output-change">
      <h5>{text}</h5>
      {lines !== undefined ? (
        <Lines lines={lines} />
      ) : (
        <dl>
          <Side name={t.history.outputBefore} outputs={before} />
          <Side name={t.history.outputAfter} outputs={after} />
        </dl>
      )}
    </div>
  );
}

function Side({ name, outputs }: { name: string; outputs: readonly VersionOutput[] }) {
  if (outputs.length === 0) return null;
  return (
    <>
      <dt>{name}</dt>
      <dd>{outputs.map(described).join(', ')}</dd>
    </>
  );
}

function described({ types, text }: VersionOutput): string {
  if (types.some((type) => type.startsWith('image/'))) return t.history.picture;
  if (text !== undefined && text.trim().length <= 80) return `“${text.trim()}”`;
  if (types.includes('text/html')) return t.history.richOutput;
  return text === undefined && !types.includes('text/plain') && !types.includes('stdout') && !types.includes('stderr')
    ? types.join(', ')
    : t.history.longText;
}

/** Added and removed lines have a sign and words for readers of the screen, not colour alone. */
function Lines({ lines }: { lines: readonly Line[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard
    <figure className="diff" tabIndex={0} aria-label={t.history.difference}>
      {lines.map((line, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a difference is drawn anew as a whole
        <LineView key={index} line={line} />
      ))}
    </figure>
  );
}

function LineView({ line }: { line: Line }) {
  if (line.mark === 'gap') return <div className="gap">{t.history.gap(line.count)}</div>;
  const words: ReactNode[] = line.words.map(({ text, marked }, index) =>
    // biome-ignore lint/suspicious/noArrayIndexKey: as above
    marked ? <mark key={index}>{text}</mark> : text,
  );
  if (line.mark === 'same') return <div className="line">{words}</div>;
  const sign = line.mark === 'added' ? '+' : '−';
  const Element = line.mark === 'added' ? 'ins' : 'del';
  return (
    <div className={`line ${line.mark}`}>
      <span className="sign" aria-hidden="true">
        {sign}
      </span>
      <span className="for-readers">{line.mark === 'added' ? t.history.lineAdded : t.history.lineRemoved}</span>
      <Element>{words}</Element>
    </div>
  );
}
