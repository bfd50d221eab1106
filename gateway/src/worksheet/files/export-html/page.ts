/** What the parts of one exported file share. */
import type { WidgetModel } from '../../../wire/widget-models.ts';
import type { CodeColours } from './code.ts';
import type { Formulas } from './formulas.ts';
import type { ExportTexts } from './texts.ts';

export interface Page {
  readonly texts: ExportTexts;
  /** In the language of the notebook. */
  readonly code: CodeColours;
  readonly formulas: Formulas;
  /** Those whose state the notebook keeps. */
  readonly widgets: ReadonlyMap<string, WidgetModel>;
  readonly nonce: string;
  /** How many there are so far. */
  frames: number;
}
