/** Opens the worksheet that the address names. */
import '../styles/base.css';
import '../styles/editor.css';
import '../styles/outputs.css';
import { createRoot } from 'react-dom/client';
import { api } from '../shared/api.ts';
import { EditorPage } from './editor-page.tsx';
import { WorksheetContext } from './hooks.ts';
import { Worksheet } from './worksheet.ts';

const id = decodeURIComponent(location.pathname.split('/').at(-1) ?? '');
const worksheet = new Worksheet(id);

/** The name that others see at this person's cursor. */
api.me().then(
  ({ identity }) => worksheet.connection.awareness?.setLocalStateField('user', { name: identity.display_name }),
  () => {},
);

const place = document.getElementById('page');
if (place !== null)
  createRoot(place).render(
    <WorksheetContext value={worksheet}>
      <EditorPage />
    </WorksheetContext>,
  );
