import type { Command } from 'commander';

/** Options of commands that read a document. */
export interface InputOptions {
  readonly file: string;
  readonly set: readonly string[];
}

const fileOption = '-f, --file <file>';

/** Gives a command `--set`, and `-f`, which has to be given where it is `required`. */
export function withInput(command: Command, what: string, required: boolean): Command {
  const description = `${what}, in YAML or JSON; - is standard input`;
  const withFile = required ? command.requiredOption(fileOption, description) : command.option(fileOption, description);
  return withFile.option('--set <path=value>', 'set a field besides, such as nodePools.0.maxNodes=5; can be repeated', (value: string, before: readonly string[]) => [...before, value], []);
}
