import { Command } from 'commander';
import type { Open } from '../context.js';
import { formatted, withFormat, type Format } from '../output/format.js';
import { templateDetails, templateList } from '../output/template.js';

/** `templates [NAME]`: the catalogue of clusters, or what one of them gives. */
export function templatesCommand(open: Open): Command {
  return withFormat(new Command('templates').description('list the catalogue, or look at a template').argument('[template]', 'its name'))
    .action(async (name: string | undefined, { output }: { readonly output: Format }, command: Command) => {
      const { client, signal, print } = open(command);
      if (name === undefined) {
        const all = await client.templates({ signal });
        return print(formatted(output, all, () => templateList(all)));
      }
      const template = await client.template(name, { signal });
      print(formatted(output, template, () => templateDetails(template)));
    });
}
