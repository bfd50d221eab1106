/**
 * What a new password has to be; the pages ask the same before they send it. NIST SP 800-63B-4 §3.1.1.2: a least length, no
 * rules of composition, no dates of expiry, and a list of what attackers try first.
 */
import { nameKey } from './name-key.ts';

/** Characters. */
export const SHORTEST_PASSWORD = 10;
export const LONGEST_PASSWORD = 200;

/** A password with fewer different characters than this is one key held down. */
const FEWEST_DIFFERENT = 4;

export type PasswordProblem = 'short' | 'long' | 'name' | 'common';

/** The heads of published lists of leaked passwords, as far as they are long enough to get here; without what is not a letter or digit. */
const COMMON = new Set(
  (
    '1234567890 0123456789 12345678910 123456789a 1234567891 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx3edc q1w2e3r4t5 qwertyuiop ' +
    'qwertzuiop qwerty1234 qwerty12345 qwerty123456 qwertyuiop123 asdfghjkl1 asdfghjkl123 zxcvbnm123 abcdefghij abcd123456 ' +
    'password12 password123 password1234 passwordpassword passw0rd123 passwort12 passwort123 passwort1234 passwortpasswort ' +
    'iloveyou12 iloveyou123 ichliebedich letmein123 welcome123 welcome1234 willkommen willkommen1 willkommen123 hallo12345 ' +
    'hallo123456 administrator admin12345 admin123456 changeme123 football123 baseball123 princess123 sunshine123 ' +
    'schatz1234 sommer2024 sommer2025 sommer2026 carrelcarrel carrel1234 carrel12345 jupyter123 jupyternotebook notebook123'
  ).split(' '),
);

/** Texts that look the same are the same password, however a keyboard composes them. */
export const normalPassword = (text: string): string => text.normalize('NFKC');

/** Undefined for a password that will do. */
export function passwordProblem(text: string, name: string): PasswordProblem | undefined {
  const password = normalPassword(text);
  const length = [...password].length;
  if (length < SHORTEST_PASSWORD) return 'short';
  if (length > LONGEST_PASSWORD) return 'long';
  const bare = letters(password);
  const own = letters(name);
  if (own !== '' && bare.includes(own) && bare.replaceAll(own, '').replace(/\d{1,4}/, '') === '') return 'name';
  if (COMMON.has(bare) || new Set(password).size < FEWEST_DIFFERENT) return 'common';
  return undefined;
}

const letters = (text: string): string => nameKey(text).replace(/[^\p{L}\p{N}]/gu, '');
