import type { Argument, Command, Option } from 'commander';

/** Something that can be typed next, with what it is. */
export interface Choice {
  readonly value: string;
  readonly description: string;
}

/** Stands for the names of files, which the shell knows best. */
export const files = ':files';

/** Gives what there is of a kind, by the placeholder that arguments and options have for it, such as `cluster`; undefined for kinds that nobody can know. @param words what was typed before */
export type Source = (kind: string, words: readonly string[]) => Promise<readonly Choice[] | typeof files | undefined>;

/**
 * What can be typed next in a command line.
 * @param words those behind the program's name; the last one is being typed and may be empty
 * @returns choices that begin like the last word
 */
export async function completions(program: Command, words: readonly string[], source: Source): Promise<readonly Choice[] | typeof files> {
  const typed = words.slice(0, -1);
  const current = words.at(-1) ?? '';
  const { command, positional, open } = follow(program, typed);
  const beginning = (choices: readonly Choice[]) => choices.filter(({ value }) => value.startsWith(current));
  const ofKind = async (place: Option | Argument, kind: string) => {
    const known = place.argChoices === undefined ? await source(kind, typed) : place.argChoices.map((value) => ({ value, description: '' }));
    return known === files ? files : beginning(known ?? []);
  };
  if (open !== undefined) return ofKind(open, placeholder(open));
  if (current.startsWith('-')) return beginning(optionsOf(command).flatMap(({ long, short, description }) => [long, short].filter((flag) => flag !== undefined).map((value) => ({ value, description }))));
  const argument = command.registeredArguments[positional.length];
  if (argument !== undefined) return ofKind(argument, argument.name());
  if (positional.length > 0) return [];
  return beginning(command.createHelp().visibleCommands(command).map((one) => ({ value: one.name(), description: one.description() })));
}

/** Walks along what was typed: the command that it comes to, its positional arguments, and the option at the end that waits for its value. */
function follow(program: Command, typed: readonly string[]): { command: Command; positional: string[]; open: Option | undefined } {
  let command = program;
  let open: Option | undefined;
  let positional: string[] = [];
  for (const word of typed) {
    if (open !== undefined) {
      open = undefined;
    } else if (word.startsWith('-') && word !== '-') {
      const option = optionsOf(command).find(({ long, short }) => long === word || short === word);
      open = option !== undefined && (option.required || option.optional) ? option : undefined;
    } else {
      const next = positional.length === 0 ? command.commands.find((one) => one.name() === word || one.aliases().includes(word)) : undefined;
      if (next === undefined) positional = [...positional, word];
      else command = next;
    }
  }
  return { command, positional, open };
}

/** Options of a command and of those above it. */
function optionsOf(command: Command): readonly Option[] {
  const help = command.createHelp();
  return [...help.visibleOptions(command), ...(command.parent === null ? [] : optionsOf(command.parent).filter(({ long }) => long !== '--help' && long !== '--version'))];
}

function placeholder({ flags }: Option | Argument & { flags?: undefined }): string {
  return /[<[]([^>\]]+)[>\]]/.exec(flags ?? '')?.[1] ?? '';
}
