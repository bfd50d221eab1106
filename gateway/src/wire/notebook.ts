/** Notebook files: what a worksheet is made from and what it becomes when it leaves. Rules: docs/spec/worksheet-document.md. */
export type {
  Cell,
  CodeCell,
  DisplayOutput,
  ErrorOutput,
  Json,
  MimeBundle,
  Notebook,
  Output,
  ResultOutput,
} from './notebook-model.ts';
export { parseNotebook } from './notebook-read.ts';
export { formatNotebook } from './notebook-write.ts';
