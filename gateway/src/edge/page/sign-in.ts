/** The page for browsers that are not signed in. All of its text is written here: nothing of a request is shown in it. */

export type Notice = 'welcome' | 'used' | 'invalid';

const NOTICES: Record<Notice, { title: string; text: string }> = {
  welcome: {
    title: 'Sign in',
    text: 'Open the address that Carrel printed when it started, or paste your token here.',
  },
  used: {
    title: 'This address has been used',
    text: 'It signs one browser in, once. Its token is still good: paste it here. Or ask for a new address.',
  },
  invalid: {
    title: 'This token is not valid',
    text: 'It has ended, was revoked, or was not copied whole. A token of a Carrel that has been started again since ends with it.',
  },
};

export function signInPage(notice: Notice): string {
  const { title, text } = NOTICES[notice];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Carrel</title>
<link rel="icon" href="page/icon.svg">
<link rel="stylesheet" href="page/sign-in.css">
</head>
<body class="sign-in">
<main>
<p class="brand">Carrel</p>
<h1>${title}</h1>
<p>${text}</p>
<form method="post" action="signin">
<label for="token">Token or address</label>
<input id="token" name="token" type="password" autocomplete="current-password" required>
<button type="submit">Sign in</button>
</form>
<p class="hint">Whoever runs this Carrel makes a new address with
<code>npm run carrel -- user token NAME</code>.</p>
</main>
</body>
</html>
`;
}
