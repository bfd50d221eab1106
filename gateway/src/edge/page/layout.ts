/** What the pages for who is not signed in have in common. They need no build, and no script to be of use. */
import { LONGEST_PASSWORD, SHORTEST_PASSWORD } from '../../base/password-rules.ts';
import type { PageTexts } from './texts-en.ts';

export interface Shown {
  readonly title: string;
  /** HTML. */
  readonly body: string;
}

export const layout = (texts: PageTexts, { title, body }: Shown): string => `<!doctype html>
<html lang="${texts.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)} · Carrel</title>
<link rel="icon" href="page/icon.svg">
<link rel="stylesheet" href="page/sign-in.css">
<script type="module" src="page/forms.js"></script>
</head>
<body class="sign-in">
<main>
<p class="brand">Carrel</p>
<h1>${escaped(title)}</h1>
${body}
</main>
</body>
</html>
`;

/** A text of a request, or any other, as part of a page. */
export const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);

export const alert = (text: string): string => `<p class="bad" id="problem" role="alert">${escaped(text)}</p>`;

export const hidden = (name: string, value: string): string =>
  value === '' ? '' : `<input type="hidden" name="${name}" value="${escaped(value)}">`;

export interface Field {
  readonly name: string;
  readonly label: string;
  readonly value?: string;
  readonly autocomplete?: string;
  readonly hint?: string;
  /** The problem that the page tells is this field's. */
  readonly bad?: boolean;
  readonly first?: boolean;
}

export function textField({ name, label, value = '', autocomplete = 'off', hint, bad, first }: Field): string {
  return `<label for="${name}">${escaped(label)}</label>
<input id="${name}" name="${name}" value="${escaped(value)}" autocomplete="${autocomplete}" autocapitalize="none" spellcheck="false" required${described(name, hint, bad)}${first ? ' autofocus' : ''}>
${hintOf(name, hint)}`;
}

/** `fresh`: one that is being chosen, and has to be as the rules want it. */
export function passwordField(texts: PageTexts, field: Field & { readonly fresh?: boolean }): string {
  const { name, label, hint, bad, first, fresh = false } = field;
  const bounds = fresh ? ` minlength="${SHORTEST_PASSWORD}" maxlength="${LONGEST_PASSWORD}"` : '';
  return `<label for="${name}">${escaped(label)}</label>
<div class="secret">
<input id="${name}" name="${name}" type="password" autocomplete="${fresh ? 'new' : 'current'}-password" required${bounds}${described(name, hint, bad)}${first ? ' autofocus' : ''}>
<button type="button" hidden data-reveals="${name}" aria-label="${escaped(texts.show)}" aria-pressed="false"><svg viewBox="0 0 16 16" aria-hidden="true"><path d="M1.5 8C3 5 5.4 3.5 8 3.5S13 5 14.5 8c-1.5 3-3.9 4.5-6.5 4.5S3 11 1.5 8z"/><circle cx="8" cy="8" r="2"/></svg></button>
</div>
${hintOf(name, hint)}`;
}

export const submit = (text: string): string => `<button type="submit">${escaped(text)}</button>`;

const hintOf = (name: string, hint: string | undefined): string =>
  hint === undefined ? '' : `<p class="hint" id="${name}-hint">${escaped(hint)}</p>`;

function described(name: string, hint: string | undefined, bad = false): string {
  const by = [bad ? 'problem' : '', hint === undefined ? '' : `${name}-hint`].filter((id) => id !== '').join(' ');
  return `${bad ? ' aria-invalid="true"' : ''}${by === '' ? '' : ` aria-describedby="${by}"`}`;
}
