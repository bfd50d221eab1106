// @ts-nocheck: the program's own types are those of Node, and this runs in browsers.
/** What the sign-in pages do where scripts run: passwords can be shown, and a link's key goes from the address into its form. */

for (const button of document.querySelectorAll('[data-reveals]')) {
  const field = document.getElementById(button.dataset.reveals);
  button.hidden = false;
  const show = (shown) => {
    field.type = shown ? 'text' : 'password';
    button.setAttribute('aria-pressed', String(shown));
  };
  button.addEventListener('click', () => {
    show(field.type === 'password');
    field.focus();
  });
  /** Browsers offer to save what is in a field for passwords. */
  field.form.addEventListener('submit', () => show(false));
}

const form = document.querySelector('[data-key-of-address]');
/** Also where the link is opened in a tab that shows this page already. */
const takeKey = () => {
  const key = location.hash.slice(1);
  if (form === null || key === '') return;
  form.elements.key.value = key;
  history.replaceState(null, '', location.pathname);
  form.hidden = true;
  document.querySelector('[data-reading]').hidden = false;
  form.submit();
};
takeKey();
addEventListener('hashchange', takeKey);
