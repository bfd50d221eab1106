/** The few words of the file itself. */
const en = {
  code: 'Code',
  output: 'Output',
  hiddenSource: 'Code, hidden in the worksheet',
  hiddenOutput: 'Output, hidden in the worksheet',
  picture: 'Picture made by the code',
  pictureOf: (text: string) => `Picture made by the code: ${text}`,
  frame: 'Interactive output',
  tooMuch: 'This output has too much markup to be shown.',
  unknown: (types: string) => `An output of the kind ${types} cannot be shown here.`,
  widget: 'Widget, as it was saved',
  noWidget: 'A widget whose state was not saved.',
};
type ExportTexts = typeof en;

const de: ExportTexts = {
  code: 'Code',
  output: 'Ausgabe',
  hiddenSource: 'Code, im Arbeitsblatt verborgen',
  hiddenOutput: 'Ausgabe, im Arbeitsblatt verborgen',
  picture: 'Bild aus dem Code',
  pictureOf: (text) => `Bild aus dem Code: ${text}`,
  frame: 'Interaktive Ausgabe',
  tooMuch: 'Diese Ausgabe hat zu viel Auszeichnung, um gezeigt zu werden.',
  unknown: (types) => `Eine Ausgabe der Art ${types} kann hier nicht gezeigt werden.`,
  widget: 'Bedienelement, wie es gespeichert wurde',
  noWidget: 'Ein Bedienelement, dessen Zustand nicht gespeichert wurde.',
};

export const TEXTS = { en, de };
export type ExportLanguage = keyof typeof TEXTS;
export type { ExportTexts };
