import { Option, type Command } from 'commander';
import { stringify } from 'yaml';

export const formats = ['table', 'json', 'yaml'] as const;
/** How results are written. */
export type Format = (typeof formats)[number];

/** Gives a command the option `-o`. */
export function withFormat(command: Command): Command {
  return command.addOption(new Option('-o, --output <format>', 'how to write the result').choices(formats).default('table'));
}

/** A result as text that ends with a line break. @param table how people read it */
export function formatted(format: Format, value: unknown, table: () => string): string {
  switch (format) {
    case 'json': return `${JSON.stringify(value, null, 2)}\n`;
    case 'yaml': return stringify(value, { lineWidth: 0 });
    case 'table': return `${table()}\n`;
  }
}
