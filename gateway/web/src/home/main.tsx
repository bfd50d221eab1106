/** The list of worksheets. */
import '../styles/base.css';
import '../styles/home.css';
import { createRoot } from 'react-dom/client';
import { HomePage } from './home-page.tsx';

const place = document.getElementById('page');
if (place !== null) createRoot(place).render(<HomePage />);
