/** The page on which people make an account, where the site allows that. */
import type { PasswordProblem } from '../../base/password-rules.ts';
import { alert, escaped, hidden, layout, passwordField, submit, textField } from './layout.ts';
import { query } from './sign-in.ts';
import type { PageTexts } from './texts-en.ts';

export interface SignUpView {
  readonly name?: string;
  /** Where to go then; a checked path below the base. */
  readonly next: string;
  readonly problem?: PasswordProblem | 'taken' | 'badName' | 'tooMany';
  /** For `tooMany`. */
  readonly minutes?: number;
}

export function signUpPage(texts: PageTexts, { name = '', next, problem, minutes = 1 }: SignUpView): string {
  const ofName = problem === 'taken' || problem === 'badName';
  const said =
    problem === undefined ? '' : alert(problem === 'tooMany' ? texts.tooMany(minutes) : texts.problems[problem]);
  const { title, nameHint, submit: make } = texts.signUp;
  return layout(texts, {
    title,
    body: `${said}<form method="post" action="signup">
${hidden('next', next)}
${textField({ name: 'name', label: texts.name, value: name, autocomplete: 'username', hint: nameHint, bad: ofName, first: name === '' || ofName })}
${passwordField(texts, { name: 'password', label: texts.password, hint: texts.passwordHint, fresh: true, bad: problem !== undefined && !ofName, first: name !== '' && !ofName })}
${submit(make)}
</form>
<p>${escaped(texts.haveAccount)} <a href="signin${query(next)}">${escaped(texts.signIn)}</a></p>`,
  });
}
