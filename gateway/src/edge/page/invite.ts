/**
 * The page behind a link that sets a password. First it takes the link's key out of the address, by its script or by pasting;
 * then it says whose link it is and asks for the password.
 */
import type { PasswordProblem } from '../../base/password-rules.ts';
import { alert, escaped, hidden, layout, passwordField, submit, textField } from './layout.ts';
import type { PageTexts } from './texts-en.ts';

export type InviteView =
  | { readonly step: 'key' }
  | { readonly step: 'gone' }
  | {
      readonly step: 'password';
      readonly key: string;
      readonly name: string;
      readonly purpose: 'invite' | 'reset';
      /** As whom this browser is signed in, where that is somebody else. */
      readonly other: string | undefined;
      readonly problem?: PasswordProblem;
    };

export function invitePage(texts: PageTexts, view: InviteView): string {
  const { invite } = texts;
  if (view.step === 'gone')
    return layout(texts, {
      title: invite.goneTitle,
      body: `${alert(invite.gone)}<p><a href="signin">${escaped(texts.signIn)}</a></p>`,
    });
  if (view.step === 'key')
    return layout(texts, {
      title: invite.title,
      body: `<p data-reading hidden>${escaped(invite.reading)}</p>
<form method="post" action="invite" data-key-of-address>
<p>${escaped(invite.paste)}</p>
${textField({ name: 'key', label: invite.link, first: true })}
${submit(invite.next)}
</form>`,
    });
  const { name, key, purpose, other, problem } = view;
  const said = problem === undefined ? '' : alert(texts.problems[problem]);
  const about = purpose === 'invite' ? invite.choose : invite.chooseReset;
  return layout(texts, {
    title: purpose === 'invite' ? invite.welcome(name) : invite.reset(name),
    body: `<p>${escaped(about)}</p>${other === undefined ? '' : `<p>${escaped(invite.other(other))}</p>`}${said}
<form method="post" action="invite">
${hidden('key', key)}
<input class="unseen" name="name" value="${escaped(name)}" autocomplete="username" readonly tabindex="-1" aria-hidden="true">
${passwordField(texts, { name: 'password', label: purpose === 'invite' ? texts.password : texts.newPassword, hint: texts.passwordHint, fresh: true, bad: problem !== undefined, first: true })}
${submit(invite.submit)}
</form>`,
  });
}
