/** The frame in which a widget is drawn, and what is to be said about it. */
import { useEffect, useLayoutEffect, useRef, useState, useSyncExternalStore } from 'react';
import { useWorksheet } from '../editor/hooks.ts';
import { address } from '../shared/root.ts';
import { t } from '../texts/texts.ts';
import { FrameLink, type Models } from './frame-link.ts';
import { frameProgram } from './frame-program.ts';
import type { FrameMessage } from './frame-protocol.ts';

/** Pixels. */
const HIGHEST = 4000;
/** Of most widgets, so that little moves when the frame says its own. */
const AT_FIRST = 40;
/** A frame that is moved in the page is loaded again; one that does so by itself is left alone after so many times. */
const MOST_LOADS = 100;
/** Milliseconds after which a message that the kernel has not dealt with is mentioned. */
const PATIENCE = 700;

const texts = () => ({
  picture: t.picture,
  unknownOutput: t.unknownOutput('…'),
  missingWidget: t.widgetLost,
});

interface Wish {
  readonly id: string;
  /** Undefined: those of the kernel. */
  readonly models: Models | undefined;
  readonly note: string | undefined;
}

export function WidgetFrame({ id, models, note }: Wish) {
  const worksheet = useWorksheet();
  const frame = useRef<HTMLIFrameElement>(null);
  const [height, setHeight] = useState(AT_FIRST);
  const [problem, setProblem] = useState<string>();
  const [waits, setWaits] = useState(0);
  const mayRun = useMayRun();
  const live = models === undefined;
  const latest = useRef(models);
  const drawn = useRef<FrameLink>(undefined);
  useEffect(() => {
    latest.current = models;
    if (models !== undefined) drawn.current?.hear('anew', models);
  }, [models]);
  useLayoutEffect(() => {
    const { widgets, connection } = worksheet;
    const element = frame.current;
    let link: FrameLink | undefined;
    let loads = 0;
    const send = async (message: FrameMessage) => {
      let counted = false;
      const impatient = setTimeout(() => {
        counted = true;
        setWaits((count) => count + 1);
      }, PATIENCE);
      const cell = frame.current?.closest<HTMLElement>('.cell')?.dataset['id'];
      const answer = await connection.command({ do: 'widget', ...message, ...(cell !== undefined && { cell }) });
      clearTimeout(impatient);
      if (counted) setWaits((count) => count - 1);
      setProblem(answer?.say === 'refused' ? answer.message : undefined);
    };
    const begin = async () => {
      loads += 1;
      const load = loads;
      const window = element?.contentWindow;
      const script = await frameProgram().catch(() => undefined);
      if (window == null || load !== loads || loads > MOST_LOADS) return;
      if (script === undefined) return setProblem(t.widgetProgram);
      link = new FrameLink(
        {
          ...{ window, root: id, live, send, models: latest.current ?? widgets.models },
          usable: () => live && worksheet.may('run') && widgets.models.has(id),
          refused: (why) => {
            if (live && why !== 'not alive') setProblem(why === 'too large' ? t.widgetTooLarge : t.widgetTooMany);
          },
        },
        { script, texts: texts() },
      );
      drawn.current = link;
    };
    const receive = ({ source, data }: MessageEvent) => {
      const inside = element?.contentWindow;
      if (inside == null || source !== inside || typeof data !== 'object' || data === null) return;
      const told: unknown = data.carrelHeight;
      if (typeof told === 'number' && told >= 0) setHeight(Math.min(Math.ceil(told), HIGHEST));
      if (data.carrelMessage !== undefined) link?.take(data.carrelMessage);
    };
    const loaded = () => void begin();
    element?.addEventListener('load', loaded);
    addEventListener('message', receive);
    const end = live ? widgets.follow((events) => link?.hear(events, widgets.models)) : () => {};
    return () => {
      loads = Number.POSITIVE_INFINITY;
      drawn.current = undefined;
      element?.removeEventListener('load', loaded);
      removeEventListener('message', receive);
      end();
    };
  }, [worksheet, id, live]);
  const said = problem ?? note ?? (live && !mayRun ? t.widgetLookOnly : undefined);
  return (
    <>
      <iframe
        ref={frame}
        title={t.widgetFrame}
        className="frame widget"
        sandbox="allow-scripts"
        src={address('widget-frame.html')}
        height={height}
        inert={live && !mayRun}
      />
      {said !== undefined && <p className="note widget-note">{said}</p>}
      <p className="note widget-note" role="status" hidden={waits === 0}>
        {waits > 0 ? t.widgetWaits : ''}
      </p>
    </>
  );
}

function useMayRun(): boolean {
  const worksheet = useWorksheet();
  return useSyncExternalStore(worksheet.role.subscribe, () => worksheet.may('run'));
}
