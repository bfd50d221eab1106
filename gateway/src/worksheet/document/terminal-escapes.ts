/** Takes a terminal's text apart: characters, control characters, escape sequences (ECMA-48, as xterm reads them). Pure. */
export interface EscapeSink {
  /** Characters to show; tabs, vertical tabs and form feeds among them. */
  text(text: string): void;
  control(code: number): void;
  /** `ESC [ … final`: `params` is all that stands between. */
  csi(final: string, params: string): void;
  /** `ESC final` and nothing more. Other sequences (titles, links, character sets) are swallowed. */
  escape(final: string): void;
}

const ESC = 0x1b;
const DELETE = 0x7f;
const BELL = 0x07;
/** A sequence that goes on longer is none: its ESC is swallowed and the rest is text. */
const LONGEST = 4096;

/** Answers the end of `data` that is the beginning of a sequence, to be put before what comes next. */
export function takeApart(data: string, sink: EscapeSink): string {
  let shown = 0;
  let at = 0;
  const show = (): void => {
    if (at > shown) sink.text(data.slice(shown, at));
  };
  while (at < data.length) {
    const code = data.charCodeAt(at);
    if (isShown(code)) {
      at += 1;
      continue;
    }
    show();
    if (code === ESC) {
      const end = sequenceEnd(data, at);
      if (end === undefined && data.length - at <= LONGEST) return data.slice(at);
      const until = end ?? at + 1;
      tell(data.slice(at, until), sink);
      at = until;
    } else {
      sink.control(code);
      at += 1;
    }
    shown = at;
  }
  show();
  return '';
}

const isShown = (code: number): boolean =>
  (code >= 0x20 && code !== DELETE) || code === 0x09 || code === 0x0b || code === 0x0c;

function tell(sequence: string, sink: EscapeSink): void {
  const final = sequence.at(-1) ?? '';
  if (sequence.length > 2 && sequence[1] === '[' && within(final.charCodeAt(0), 0x40, 0x7e))
    sink.csi(final, sequence.slice(2, -1));
  else if (sequence.length === 2) sink.escape(final);
}

/** Where the sequence at `at` ends; undefined where more of it is to come. One that breaks off ends where it does. */
function sequenceEnd(data: string, at: number): number | undefined {
  if (at + 1 >= data.length) return undefined;
  const kind = data[at + 1] ?? '';
  if (kind === '[') return plainEnd(data, at + 2, 0x20, 0x3f, 0x40);
  if (']PX^_'.includes(kind)) return stringEnd(data, at + 2);
  return plainEnd(data, at + 1, 0x20, 0x2f, 0x30);
}

/** Parameters of [low, high] and one final character from `final` on. */
function plainEnd(data: string, from: number, low: number, high: number, final: number): number | undefined {
  for (let at = from; at < data.length; at += 1) {
    const code = data.charCodeAt(at);
    if (!within(code, low, high)) return within(code, final, 0x7e) ? at + 1 : at;
    if (at - from > LONGEST) return at;
  }
  return undefined;
}

/** Up to BEL or `ESC \`. */
function stringEnd(data: string, from: number): number | undefined {
  for (let at = from; at < data.length && at - from <= LONGEST; at += 1) {
    const code = data.charCodeAt(at);
    if (code === BELL) return at + 1;
    if (code !== ESC) continue;
    if (at + 1 >= data.length) return undefined;
    return data[at + 1] === '\\' ? at + 2 : at;
  }
  return undefined;
}

const within = (code: number, low: number, high: number): boolean => code >= low && code <= high;
