/** Whether a line of code that calls `carrel` names commands, options and arguments that commander's own tree has. Pure. */

/** The part of commander's Command that is asked here. */
export interface CommandTree {
  name(): string;
  readonly commands: readonly CommandTree[];
  readonly options: readonly OptionOfTree[];
  readonly registeredArguments: readonly { readonly variadic: boolean }[];
}

interface OptionOfTree {
  readonly short?: string | undefined;
  readonly long?: string | undefined;
  readonly required: boolean;
  /** Its value may be left out. */
  readonly optional: boolean;
  readonly variadic: boolean;
}

const CALL = /(?:^|[\s(])carrel(?: --)?((?: +[^\s]+)+)/g;
/** Where a shell's command ends, or what stands beside it begins. */
const END = /^(?:#|\||\|\||&&|;|>|>>|<|2>|→|=|\(|—)/;
const ALWAYS = ['--help', '-h', '--version', '-V'];

/** One sentence for each thing that is not there. */
export function strangeCommands(code: string, program: CommandTree): string[] {
  return [...code.matchAll(CALL)].flatMap(([, rest = '']) => strangeWords(rest.trim().split(/ +/), program));
}

function strangeWords(words: readonly string[], program: CommandTree): string[] {
  let at = program;
  let known: readonly OptionOfTree[] = program.options;
  let taken = 0;
  const path = ['carrel'];
  for (let index = 0; index < words.length; index += 1) {
    const raw = words[index] ?? '';
    if (END.test(raw)) return [];
    const last = /[,;:)]$/.test(raw);
    const word = raw.replaceAll(/[[\]"'“”,;:)…]/g, '');
    /** A dash alone stands for standard input or output. */
    if (word.startsWith('-') && word !== '-') {
      const [name = ''] = word.split('=');
      const option = known.find(({ short, long }) => short === name || long === name);
      if (option === undefined && !ALWAYS.includes(name)) return [`\`${path.join(' ')}\` has no option ${name}`];
      if (option?.variadic === true) return [];
      const value = option?.required === true || (option?.optional === true && !/^[-#|]/.test(words[index + 1] ?? '-'));
      if (value && !word.includes('=')) index += 1;
    } else if (word !== '') {
      const next = at.commands.find((command) => command.name() === word);
      if (next !== undefined) {
        at = next;
        known = [...known, ...next.options];
        path.push(word);
      } else if (taken < at.registeredArguments.length) {
        if (at.registeredArguments[taken]?.variadic !== true) taken += 1;
      } else return [`\`${path.join(' ')}\` takes no "${word}"`];
    }
    if (last) return [];
  }
  return [];
}
