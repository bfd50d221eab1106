/** Tells when the worksheet as it is has become another one. */
import { useEffect, useState } from 'react';
import { useWorksheet } from '../editor/hooks.ts';

/** Milliseconds of rest after a change. */
const REST = 1500;

/** A number that grows with the changes of the document, when these rest. */
export function usePresent(follow: boolean): number {
  const { doc } = useWorksheet();
  const [version, setVersion] = useState(0);
  useEffect(() => {
    if (!follow) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const changed = () => {
      clearTimeout(timer);
      timer = setTimeout(() => setVersion((now) => now + 1), REST);
    };
    doc.on('update', changed);
    return () => {
      clearTimeout(timer);
      doc.off('update', changed);
    };
  }, [doc, follow]);
  return version;
}
