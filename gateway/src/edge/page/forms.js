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
/** Also where a link is opened in a tab that shows this page already, or what became of an earlier link. */
const takeKey = () => {
  const key = location.hash.slice(1);
  if (key === '' || !location.pathname.endsWith('/invite')) return;
  history.replaceState(null, '', location.pathname);
  const asking = form ?? document.body.appendChild(keyForm());
  asking.elements.key.value = key;
  asking.hidden = true;
  const reading = document.querySelector('[data-reading]');
  if (reading !== null) reading.hidden = false;
  asking.submit();
};

function keyForm() {
  const made = document.createElement('form');
  made.method = 'post';
  made.action = 'invite';
  const field = document.createElement('input');
  field.name = 'key';
  made.append(field);
  return made;
}

takeKey();
addEventListener('hashchange', takeKey);
