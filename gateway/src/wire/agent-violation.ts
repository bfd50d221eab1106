/** What a peer of the agent stream did that no rule of docs/spec/agent-stream.md allows; it ends the connection. */
export type Broken =
  | 'magic'
  | 'version'
  | 'kind'
  | 'flags'
  | 'length'
  | 'sequence'
  | 'control'
  | 'layout'
  | 'resume'
  | 'silence';

export class FrameViolation extends Error {
  /** What was wrong, in one word; the golden files have the same words. */
  readonly broken: Broken;

  constructor(broken: Broken, message: string) {
    super(`${broken}: ${message}`);
    this.name = 'FrameViolation';
    this.broken = broken;
  }
}
