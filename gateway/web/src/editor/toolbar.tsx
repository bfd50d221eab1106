/** Running, and the kernel's commands. */
import { type KeyboardEvent, useRef } from 'react';
import { api } from '../shared/api.ts';
import { Icon } from '../shared/icons.tsx';
import { useValue } from '../shared/value.ts';
import { t } from '../texts/texts.ts';
import { useWorksheet } from './hooks.ts';
import { type Action, perform } from './perform.ts';

export function Toolbar() {
  const worksheet = useWorksheet();
  const status = useValue(worksheet.connection.status);
  const waiting = useValue(worksheet.connection.waiting);
  const kernel = status?.kernel;
  const none = kernel === undefined || kernel === 'none';
  const works = kernel === 'busy' || kernel === 'starting' || (status?.queue.length ?? 0) > 0 || waiting.length > 0;
  const act = (action: Action) => () => perform(worksheet, action);
  return (
    <div className="toolbar" role="toolbar" aria-label={t.toolbar} onKeyDown={walk}>
      <button type="button" className="main" title={`${t.runCells} (Shift+Enter)`} onClick={act('runNext')}>
        <Icon name="run" /> <span>{t.run}</span>
      </button>
      <button type="button" title={t.runAll} aria-label={t.runAll} onClick={act('runAll')}>
        <Icon name="runAll" /> <span className="wide">{t.runAll}</span>
      </button>
      <button
        type="button"
        title={`${t.interrupt} (I I)`}
        aria-label={t.interrupt}
        disabled={!works}
        onClick={act('interrupt')}
      >
        <Icon name="interrupt" /> <span className="wide">{t.interrupt}</span>
      </button>
      <button
        type="button"
        title={`${t.restartKernel} (0 0)`}
        aria-label={t.restartKernel}
        disabled={none}
        onClick={act('restart')}
      >
        <Icon name="restart" /> <span className="wide">{t.restartKernel}</span>
      </button>
      <span className="rule" aria-hidden="true" />
      <button type="button" className="spare" title={t.undo} aria-label={t.undo} onClick={act('undo')}>
        <Icon name="undo" />
      </button>
      <button type="button" className="spare" title={t.redo} aria-label={t.redo} onClick={act('redo')}>
        <Icon name="redo" />
      </button>
      <More none={none} act={act} />
    </div>
  );
}

function More({ none, act }: { none: boolean; act: (action: Action) => () => void }) {
  const worksheet = useWorksheet();
  const menu = useRef<HTMLDetailsElement>(null);
  const then = (work: () => void) => () => {
    if (menu.current !== null) menu.current.open = false;
    work();
  };
  const close = (event: { relatedTarget: EventTarget | null; currentTarget: Element }) => {
    if (menu.current !== null && !event.currentTarget.contains(event.relatedTarget as Node | null))
      menu.current.open = false;
  };
  const dismiss = (event: KeyboardEvent<HTMLDetailsElement>) => {
    if (event.key !== 'Escape' || !event.currentTarget.open) return;
    event.stopPropagation();
    event.currentTarget.open = false;
    event.currentTarget.querySelector('summary')?.focus();
  };
  const entry = (text: string, action: Action, disabled = false) => (
    <button type="button" disabled={disabled} onClick={then(act(action))}>
      {text}
    </button>
  );
  const download = (text: string, kind: 'notebook' | 'python') => (
    <a href={api.fileAddress(worksheet.id, kind)} download onClick={then(() => {})}>
      {text}
    </a>
  );
  return (
    <details ref={menu} className="menu" onBlur={close} onKeyDown={dismiss}>
      <summary title={t.moreActions} aria-label={t.moreActions}>
        <Icon name="more" />
      </summary>
      <div className="menu-list">
        {entry(t.runAbove, 'runAbove')}
        {entry(t.runBelow, 'runBelow')}
        {entry(t.restartAndRunAll, 'restartAndRunAll')}
        {entry(t.clearOutputs, 'clear')}
        {entry(t.clearAllOutputs, 'clearAll')}
        {entry(t.stopKernel, 'stop', none)}
        {download(t.download, 'notebook')}
        {download(t.downloadCode, 'python')}
        {entry(t.undo, 'undo')}
        {entry(t.redo, 'redo')}
        {entry(t.shortcuts, 'help')}
      </div>
    </details>
  );
}

/** Arrow keys go along the buttons, as toolbars do. */
function walk(event: KeyboardEvent<HTMLElement>): void {
  if (event.key !== 'ArrowRight' && event.key !== 'ArrowLeft') return;
  const stops = [...event.currentTarget.querySelectorAll<HTMLElement>(':scope > button:not(:disabled), summary')];
  const at = stops.indexOf(document.activeElement as HTMLElement);
  if (at === -1) return;
  event.preventDefault();
  stops[(at + (event.key === 'ArrowRight' ? 1 : stops.length - 1)) % stops.length]?.focus();
}
