/** Opens the worksheet that the address names. */
import '../styles/base.css';
import '../styles/editor.css';
import '../styles/cells.css';
import '../styles/execution.css';
import '../styles/outputs.css';
import '../styles/panels.css';
import '../styles/print.css';
import { createRoot } from 'react-dom/client';
import { EditorPage } from './editor-page.tsx';
import { WorksheetContext } from './hooks.ts';
import { Worksheet } from './worksheet.ts';

const id = decodeURIComponent(location.pathname.split('/').at(-1) ?? '');
const worksheet = new Worksheet(id);

const place = document.getElementById('page');
if (place !== null)
  createRoot(place).render(
    <WorksheetContext value={worksheet}>
      <EditorPage />
    </WorksheetContext>,
  );
