/** The page that asks to sign in: by name and password, or by a token. */
import { alert, escaped, hidden, layout, passwordField, submit, textField } from './layout.ts';
import type { PageTexts } from './texts-en.ts';

/** About a token or an address that was not taken; the form for tokens is open then. */
type TokenNotice = 'used' | 'badToken' | 'otherSite' | 'otherPerson';

export interface SignInView {
  readonly notice: 'welcome' | 'first' | TokenNotice | 'wrong' | 'disabled' | 'tooMany';
  /** What was typed before. */
  readonly name?: string;
  /** Where to go then; a checked path below the base. */
  readonly next?: string;
  /** For `tooMany`. */
  readonly minutes?: number;
  /** Somebody has a password, so that it makes sense to ask for one. */
  readonly passwords: boolean;
  readonly signUp: boolean;
}

const ABOUT_TOKEN: ReadonlySet<SignInView['notice']> = new Set<TokenNotice>([
  'used',
  'badToken',
  'otherSite',
  'otherPerson',
]);
const BAD = new Set<SignInView['notice']>([...ABOUT_TOKEN, 'wrong', 'disabled', 'tooMany']);

export function signInPage(texts: PageTexts, view: SignInView): string {
  const { name = '', next = '', passwords, signUp } = view;
  const byName = passwords || signUp;
  const about = ABOUT_TOKEN.has(view.notice);
  const notice = view.notice === 'welcome' && !byName ? 'printed' : view.notice;
  const { title, text } = texts.notices[notice];
  const said = view.notice === 'tooMany' ? texts.tooMany(view.minutes ?? 1) : text;
  const shown = said === '' ? '' : BAD.has(view.notice) ? alert(said) : `<p>${escaped(said)}</p>`;
  const token = tokenForm(texts, next, about || !byName);
  const body = byName
    ? `${shown}${nameForm(texts, view, name, next)}${below(texts, about, token)}`
    : `${shown}${token}`;
  const account = signUp
    ? `<p>${escaped(texts.noAccount)} <a href="signup${query(next)}">${escaped(texts.makeAccount)}</a></p>`
    : '';
  return layout(texts, { title, body: `${body}${account}` });
}

function nameForm(texts: PageTexts, { notice }: SignInView, name: string, next: string): string {
  const wrong = notice === 'wrong' || notice === 'disabled';
  const first = name === '';
  return `<form method="post" action="signin">
${hidden('next', next)}
${textField({ name: 'name', label: texts.name, value: name, autocomplete: 'username', bad: wrong, first: first && !ABOUT_TOKEN.has(notice) })}
${passwordField(texts, { name: 'password', label: texts.password, bad: wrong, first: !first })}
${submit(texts.signIn)}
</form>
<p class="hint">${escaped(texts.forgotten)}</p>`;
}

function tokenForm(texts: PageTexts, next: string, first: boolean): string {
  return `<form method="post" action="signin">
${hidden('next', next)}
<label for="token">${escaped(texts.token)}</label>
<input id="token" name="token" type="password" autocomplete="off" required${first ? ' autofocus' : ''}>
${submit(texts.signIn)}
</form>
<p class="hint">${escaped(texts.operatorHint)} <code>npm run carrel -- user token NAME</code>.</p>`;
}

const below = (texts: PageTexts, open: boolean, token: string): string =>
  `<details class="token"${open ? ' open' : ''}><summary>${escaped(texts.withToken)}</summary>${token}</details>`;

/** A checked path has nothing that a query would have to escape but `?`, `=` and `&`. */
export const query = (next: string): string => (next === '' ? '' : `?next=${escaped(encodeURIComponent(next))}`);
