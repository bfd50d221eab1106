/**
 * The shapes of nbformat 4.5 as the program holds them: text is one string, never an array of lines, and every cell has an id.
 * Keys that the format does not know are kept where they stood, so every shape allows more of them. Types only.
 */
export type Json = Readonly<Record<string, unknown>>;

/** Mime types and their values: text, except for JSON's own types, which hold any JSON. */
export type MimeBundle = Json;

interface Kept {
  readonly [unknownKey: string]: unknown;
}

export interface Notebook extends Kept {
  readonly nbformat: 4;
  /** 5 in what is read: older notebooks are brought to it. */
  readonly nbformat_minor: number;
  readonly metadata: Json;
  readonly cells: readonly Cell[];
}

interface AnyCell extends Kept {
  /** 1 to 64 of letters, digits, "-" and "_", once in a notebook. */
  readonly id: string;
  readonly metadata: Json;
  readonly source: string;
}

export interface CodeCell extends AnyCell {
  readonly cell_type: 'code';
  readonly outputs: readonly Output[];
  readonly execution_count: number | null;
}

export interface MarkdownCell extends AnyCell {
  readonly cell_type: 'markdown';
  /** File names and what they hold. */
  readonly attachments?: Readonly<Record<string, MimeBundle>>;
}

export interface RawCell extends AnyCell {
  readonly cell_type: 'raw';
  readonly attachments?: Readonly<Record<string, MimeBundle>>;
}

export type Cell = CodeCell | MarkdownCell | RawCell;

export interface StreamOutput extends Kept {
  readonly output_type: 'stream';
  /** stdout or stderr. */
  readonly name: string;
  readonly text: string;
}

export interface DisplayOutput extends Kept {
  readonly output_type: 'display_data';
  readonly data: MimeBundle;
  readonly metadata: Json;
}

export interface ResultOutput extends Kept {
  readonly output_type: 'execute_result';
  readonly data: MimeBundle;
  readonly metadata: Json;
  readonly execution_count: number | null;
}

export interface ErrorOutput extends Kept {
  readonly output_type: 'error';
  readonly ename: string;
  readonly evalue: string;
  readonly traceback: readonly string[];
}

export type Output = StreamOutput | DisplayOutput | ResultOutput | ErrorOutput;
