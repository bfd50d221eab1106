/**
 * Output that brings scripts, in a frame of opaque origin: it can read nothing of this site, load nothing, open nothing and go
 * nowhere. It says how high it is, and is believed up to a bound.
 */
import { useEffect, useMemo, useRef, useState } from 'react';
import { newId } from '../shared/new-id.ts';
import { address } from '../shared/root.ts';
import { t } from '../texts/texts.ts';

/** Pixels. */
const HIGHEST = 2000;

export function OutputFrame({ html }: { html: string }) {
  const frame = useRef<HTMLIFrameElement>(null);
  const [height, setHeight] = useState(150);
  /** Other markup gets another frame. */
  // biome-ignore lint/correctness/useExhaustiveDependencies: as it says
  const key = useMemo(newId, [html]);
  useEffect(() => {
    const receive = ({ source, data }: MessageEvent) => {
      const inside = frame.current?.contentWindow;
      if (inside == null || source !== inside || typeof data !== 'object' || data === null) return;
      if (data.carrelReady === true) inside.postMessage({ carrelOutput: html }, '*');
      const told: unknown = data.carrelHeight;
      if (typeof told === 'number' && told >= 0) setHeight(Math.min(Math.ceil(told), HIGHEST));
    };
    addEventListener('message', receive);
    return () => removeEventListener('message', receive);
  }, [html]);
  return (
    <iframe
      key={key}
      ref={frame}
      title={t.frameTitle}
      className="frame"
      sandbox="allow-scripts"
      src={address('output-frame.html')}
      height={height}
    />
  );
}
