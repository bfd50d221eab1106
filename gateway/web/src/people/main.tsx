/** The people of this Carrel, for administrators. */
import '../styles/base.css';
import '../styles/home.css';
import '../styles/account.css';
import { createRoot } from 'react-dom/client';
import { PeoplePage } from './people-page.tsx';

const place = document.getElementById('page');
if (place !== null) createRoot(place).render(<PeoplePage />);
