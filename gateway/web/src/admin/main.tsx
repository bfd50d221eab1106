/** How this Carrel runs, for administrators. */
import '../styles/base.css';
import '../styles/home.css';
import '../styles/account.css';
import '../styles/admin.css';
import { createRoot } from 'react-dom/client';
import { AdminPage } from './admin-page.tsx';

const place = document.getElementById('page');
if (place !== null) createRoot(place).render(<AdminPage />);
