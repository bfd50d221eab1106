/** A person's own account. */
import '../styles/base.css';
import '../styles/home.css';
import '../styles/account.css';
import { createRoot } from 'react-dom/client';
import { AccountPage } from './account-page.tsx';

const place = document.getElementById('page');
if (place !== null) createRoot(place).render(<AccountPage />);
