/** Files that are dropped on the page, and not into a cell that takes them, are for the panel of files; no browser leaves for them. */
import { useEffect } from 'react';
import { droppedFiles } from './dropped-files.ts';
import { useWorksheet } from './hooks.ts';

export function useFileDrop(): void {
  const worksheet = useWorksheet();
  useEffect(() => {
    const over = (event: DragEvent) => {
      if (event.defaultPrevented || !event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = worksheet.may('edit') ? 'copy' : 'none';
    };
    const drop = (event: DragEvent) => {
      if (event.defaultPrevented || !event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      if (!worksheet.may('edit')) return;
      worksheet.panel.set('files');
      const files = droppedFiles(event.dataTransfer);
      void import('../files/uploads.ts').then(async ({ Uploads }) => Uploads.of(worksheet).offer(await files));
    };
    addEventListener('dragover', over);
    addEventListener('drop', drop);
    return () => {
      removeEventListener('dragover', over);
      removeEventListener('drop', drop);
    };
  }, [worksheet]);
}
