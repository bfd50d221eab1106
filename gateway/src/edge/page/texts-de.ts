/** German. */
import { LONGEST_PASSWORD, SHORTEST_PASSWORD } from '../../base/password-rules.ts';
import type { PageTexts } from './texts-en.ts';

const minutes = (count: number): string => (count === 1 ? 'einer Minute' : `${count} Minuten`);

export const de: PageTexts = {
  language: 'de',
  signIn: 'Anmelden',
  name: 'Name',
  password: 'Passwort',
  newPassword: 'Neues Passwort',
  show: 'Passwort zeigen',
  token: 'Token oder Adresse',
  withToken: 'Mit einem Token anmelden',
  passwordHint: `Mindestens ${SHORTEST_PASSWORD} Zeichen. Ein paar Wörter sind ein gutes Passwort; welche Arten von Zeichen darin sind, ist gleich.`,
  forgotten: 'Passwort vergessen? Eine Administratorin oder ein Administrator macht Ihnen einen neuen Link.',
  operatorHint: 'Wer diesen Carrel betreibt, macht eine neue Adresse mit',
  makeAccount: 'Konto anlegen',
  haveAccount: 'Sie haben schon ein Konto?',
  noAccount: 'Noch kein Konto?',

  notices: {
    welcome: { title: 'Anmelden', text: '' },
    printed: {
      title: 'Anmelden',
      text: 'Öffnen Sie die Adresse, die Carrel beim Start ausgegeben hat, oder fügen Sie hier Ihr Token ein.',
    },
    first: { title: 'Anmelden', text: 'Melden Sie sich an, dann kommen Sie zu der Seite, zu der Sie wollten.' },
    used: {
      title: 'Diese Adresse wurde schon benutzt',
      text: 'Sie meldet einen Browser an, einmal. Ihr Token gilt noch: Fügen Sie es hier ein. Oder bitten Sie um eine neue Adresse.',
    },
    otherSite: {
      title: 'Diese Adresse wurde nicht benutzt',
      text: 'Eine andere Seite hat hierher geführt, und eine solche Seite kann Sie als jemand anderen anmelden. Ist es Ihre eigene Adresse, fügen Sie sie oder ihr Token hier ein.',
    },
    otherPerson: {
      title: 'Hier ist jemand anderes angemeldet',
      text: 'Diese Adresse gehört einer anderen Person als der, die in diesem Browser angemeldet ist; deshalb wurde sie nicht benutzt. Um zu dieser Person zu wechseln, fügen Sie die Adresse oder ihr Token hier ein.',
    },
    badToken: {
      title: 'Dieses Token gilt nicht',
      text: 'Es ist abgelaufen, wurde widerrufen oder nicht ganz kopiert. Das Token eines Carrel, der seither neu gestartet wurde, endet mit ihm.',
    },
    wrong: {
      title: 'Anmelden',
      text: 'Name und Passwort gehören nicht zusammen. Im Passwort zählen Groß- und Kleinbuchstaben.',
    },
    disabled: {
      title: 'Dieses Konto ist gesperrt',
      text: 'Ihr Passwort stimmt, aber die Administration hat Ihr Konto gesperrt. Fragen Sie dort nach.',
    },
    tooMany: { title: 'Zu viele Versuche', text: '' },
  },
  tooMany: (count) => `Es gab zu viele Versuche. Versuchen Sie es in ${minutes(count)} wieder.`,

  problems: {
    short: `Dieses Passwort ist zu kurz: Es braucht mindestens ${SHORTEST_PASSWORD} Zeichen.`,
    long: `Dieses Passwort ist zu lang: Es darf höchstens ${LONGEST_PASSWORD} Zeichen haben.`,
    name: 'Das Passwort darf nicht der Name sein: Das versuchen andere zuerst.',
    common: 'Dieses Passwort gehört zu denen, die andere zuerst versuchen. Nehmen Sie ein anderes.',
    taken: 'Dieser Name ist vergeben. Nehmen Sie einen anderen.',
    badName:
      'Ein Name hat 1 bis 64 Buchstaben, Ziffern und . _ @ + - und beginnt mit einem Buchstaben oder einer Ziffer.',
    tooMany: 'Es gab zu viele Versuche.',
  },

  signUp: {
    title: 'Konto anlegen',
    nameHint: 'Buchstaben, Ziffern und . _ @ + -. Andere sehen ihn, und er lässt sich nicht ändern.',
    submit: 'Konto anlegen',
  },

  invite: {
    title: 'Ihr Link',
    reading: 'Einen Augenblick …',
    paste: 'Fügen Sie den ganzen Link ein, den Sie bekommen haben.',
    link: 'Link',
    next: 'Weiter',
    welcome: (name) => `Willkommen, ${name}`,
    choose: 'Wählen Sie ein Passwort. Danach sind Sie angemeldet.',
    reset: (name) => `Ein neues Passwort für ${name}`,
    chooseReset: 'Das alte endet, und mit ihm jeder Browser, der damit angemeldet ist.',
    other: (name) => `Dieser Browser ist jetzt als ${name} angemeldet und wird abgemeldet.`,
    submit: 'Passwort setzen und anmelden',
    goneTitle: 'Dieser Link gilt nicht mehr',
    gone: 'Er wurde benutzt, zurückgezogen oder ist abgelaufen. Die Administration macht Ihnen einen neuen. Haben Sie Ihr Passwort damit schon gesetzt, melden Sie sich an.',
  },
};
