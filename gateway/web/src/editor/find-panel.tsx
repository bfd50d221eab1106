/** Find and replace over all cells, above them. The focus stays here while one goes from match to match. */
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { cellsOf } from '../document/schema.ts';
import { Icon } from '../shared/icons.tsx';
import { useValue } from '../shared/value.ts';
import { t } from '../texts/texts.ts';
import { emptyQuery, patternOf, type Query } from './find-state.ts';
import { allMatches, closeFind, findStep, placeOf, replaceAll, replaceCurrent } from './finding.ts';
import { useWorksheet } from './hooks.ts';

/** Milliseconds after a change of the worksheet until matches are counted again. */
const RECOUNT = 150;

const SWITCHES = [
  ['caseSensitive', 'Aa'],
  ['wholeWord', 'ab|'],
  ['regexp', '.*'],
] as const;

export function FindPanel() {
  const worksheet = useWorksheet();
  const find = useValue(worksheet.find);
  const cells = useValue(worksheet.cells);
  useTextChanges();
  const [by, setBy] = useState('');
  const [said, setSaid] = useState('');
  const field = useRef<HTMLInputElement>(null);
  const focus = find?.focus;
  // biome-ignore lint/correctness/useExhaustiveDependencies: each wish for the focus is fulfilled once
  useEffect(() => field.current?.select(), [focus]);
  if (find === undefined) return null;
  const { query, replacing, current } = find;
  const matches = allMatches(cells, query);
  const place = placeOf(matches, current);
  const bad = query.text !== '' && patternOf(query) === undefined;
  const ask = (more: Partial<Query>) => {
    setSaid('');
    worksheet.find.set({ ...find, query: { ...emptyQuery, ...query, ...more }, current: undefined });
  };
  const step = (direction: -1 | 1) => findStep(worksheet, direction);
  const pressed = (event: KeyboardEvent) => {
    if (event.key === 'Escape') closeFind(worksheet);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const entered = (event: KeyboardEvent, act: () => void) => {
    if (event.key !== 'Enter' || event.nativeEvent.isComposing) return;
    event.preventDefault();
    act();
  };
  const count = bad
    ? t.badPattern
    : query.text === ''
      ? ''
      : matches.length === 0
        ? t.findNone
        : place === -1
          ? t.findCount(matches.length)
          : t.findOf(place + 1, matches.length);
  const mayReplace = worksheet.may('edit');
  return (
    <search className="find-panel" aria-label={t.findTitle} onKeyDown={pressed}>
      <div className="find-line">
        <input
          ref={field}
          type="text"
          aria-label={t.findField}
          aria-invalid={bad}
          placeholder={t.findField}
          spellCheck={false}
          value={query.text}
          onChange={(event) => ask({ text: event.target.value })}
          onKeyDown={(event) => entered(event, () => step(event.shiftKey ? -1 : 1))}
        />
        <span className="find-switches">
          {SWITCHES.map(([name, sign]) => (
            <button
              key={name}
              type="button"
              aria-pressed={query[name]}
              aria-label={t[name]}
              title={t[name]}
              onClick={() => ask({ [name]: !query[name] })}
            >
              <span className="sign" data-sign={sign} aria-hidden="true" />
            </button>
          ))}
        </span>
        <button
          type="button"
          aria-label={t.findPrevious}
          title={`${t.findPrevious} (Shift+Enter)`}
          disabled={matches.length === 0}
          onClick={() => step(-1)}
        >
          <Icon name="up" />
        </button>
        <button
          type="button"
          aria-label={t.findNext}
          title={`${t.findNext} (Enter)`}
          disabled={matches.length === 0}
          onClick={() => step(1)}
        >
          <Icon name="down" />
        </button>
        <span className={bad ? 'find-count bad' : 'find-count'} role="status">
          {said || count}
        </span>
        {mayReplace && !replacing && (
          <button type="button" onClick={() => worksheet.find.set({ ...find, replacing: true })}>
            {t.showReplace}
          </button>
        )}
        <button
          type="button"
          className="find-close"
          aria-label={t.close}
          title={`${t.close} (Esc)`}
          onClick={() => closeFind(worksheet)}
        >
          <Icon name="close" />
        </button>
      </div>
      {mayReplace && replacing && (
        <div className="find-line">
          <input
            type="text"
            aria-label={t.replaceField}
            placeholder={t.replaceField}
            spellCheck={false}
            value={by}
            onChange={(event) => setBy(event.target.value)}
            onKeyDown={(event) => entered(event, () => replaceCurrent(worksheet, by))}
          />
          <button type="button" disabled={matches.length === 0} onClick={() => replaceCurrent(worksheet, by)}>
            {t.replaceOne}
          </button>
          <button
            type="button"
            disabled={matches.length === 0}
            onClick={() => setSaid(t.replaced(replaceAll(worksheet, by)))}
          >
            {t.replaceAll}
          </button>
        </div>
      )}
    </search>
  );
}

/** Renders again a moment after texts of cells have changed, by whomever. */
function useTextChanges(): void {
  const { doc } = useWorksheet();
  const [, setCount] = useState(0);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const changed = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        setCount((count) => count + 1);
      }, RECOUNT);
    };
    const cells = cellsOf(doc);
    cells.observeDeep(changed);
    return () => {
      clearTimeout(timer);
      cells.unobserveDeep(changed);
    };
  }, [doc]);
}
