/** English, and the list of what every language has to have. */
import { LONGEST_PASSWORD, SHORTEST_PASSWORD } from '../../base/password-rules.ts';

const minutes = (count: number): string => (count === 1 ? 'a minute' : `${count} minutes`);

export const en = {
  language: 'en',
  signIn: 'Sign in',
  name: 'Name',
  password: 'Password',
  newPassword: 'New password',
  show: 'Show password',
  token: 'Token or address',
  withToken: 'Sign in with a token',
  passwordHint: `At least ${SHORTEST_PASSWORD} characters. A few words are a good password; what kinds of characters are in it does not matter.`,
  forgotten: 'Forgotten your password? An administrator makes you a new link.',
  operatorHint: 'Whoever runs this Carrel makes a new address with',
  makeAccount: 'Make an account',
  haveAccount: 'You have an account already?',
  noAccount: 'No account yet?',

  notices: {
    welcome: { title: 'Sign in', text: '' },
    /** Where nobody has a password. */
    printed: {
      title: 'Sign in',
      text: 'Open the address that Carrel printed when it started, or paste your token here.',
    },
    first: { title: 'Sign in', text: 'Sign in, and you get to the page that you asked for.' },
    used: {
      title: 'This address has been used',
      text: 'It signs one browser in, once. Its token is still good: paste it here. Or ask for a new address.',
    },
    otherSite: {
      title: 'This address was not used',
      text: 'Another page led here, and such a page may sign you in as somebody else. If the address is your own, paste it or its token here.',
    },
    otherPerson: {
      title: 'Somebody else is signed in here',
      text: 'This address is of another person than the one whom this browser is signed in as, so it was not used. To change to that person, paste it or its token here.',
    },
    badToken: {
      title: 'This token is not valid',
      text: 'It has ended, was revoked, or was not copied whole. A token of a Carrel that has been started again since ends with it.',
    },
    wrong: {
      title: 'Sign in',
      text: 'Name and password do not belong together. Capital letters matter in the password.',
    },
    disabled: {
      title: 'This account is disabled',
      text: 'Your password is right, and an administrator has disabled your account. Ask them why.',
    },
    tooMany: { title: 'Too many attempts', text: '' },
  },
  tooMany: (count: number) => `There were too many attempts. Try again in ${minutes(count)}.`,

  problems: {
    short: `This password is too short: it needs at least ${SHORTEST_PASSWORD} characters.`,
    long: `This password is too long: it may have at most ${LONGEST_PASSWORD} characters.`,
    name: 'The password must not be the name: others try that first.',
    common: 'This password is one of those that others try first. Take another one.',
    taken: 'This name is taken. Take another one.',
    badName: 'A name has 1 to 64 letters, digits and . _ @ + -, and begins with a letter or digit.',
    tooMany: 'There were too many attempts.',
  },

  signUp: {
    title: 'Make an account',
    nameHint: 'Letters, digits and . _ @ + -. Others see it, and it cannot be changed.',
    submit: 'Make account',
  },

  invite: {
    title: 'Your link',
    reading: 'One moment …',
    paste: 'Paste the whole link that you were given.',
    link: 'Link',
    next: 'Continue',
    welcome: (name: string) => `Welcome, ${name}`,
    choose: 'Choose a password. Then you are signed in.',
    reset: (name: string) => `A new password for ${name}`,
    chooseReset: 'The old one ends, and so does every browser that is signed in with it.',
    other: (name: string) => `This browser is signed in as ${name} now, and will be signed out.`,
    submit: 'Set password and sign in',
    goneTitle: 'This link is no longer good',
    gone: 'It was used, was withdrawn, or has ended. An administrator makes you a new one. If you have set your password with it already, sign in.',
  },
};

/** A language that misses a text is a type error. */
export type PageTexts = typeof en;
