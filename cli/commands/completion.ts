import { readFile } from 'node:fs/promises';
import { Argument, Command } from 'commander';
import { completions, files, type Source } from '../completion/completer.js';
import type { Context, Open } from '../context.js';
import { contentsOf } from '../output/backups.js';

const shells = ['bash', 'zsh', 'fish'] as const;

/** `completion SHELL`: the script by which a shell completes command lines. */
export function completionCommand(): Command {
  return new Command('completion').description('print what completes command lines in a shell').addArgument(new Argument('<shell>', 'which').choices(shells))
    .addHelpText('after', '\nIn bash or zsh: source <(clusterwright completion bash)\nIn fish:        clusterwright completion fish | source')
    .action(async (shell: (typeof shells)[number]) => {
      process.stdout.write(await readFile(new URL(`../completion/clusterwright.${shell}`, import.meta.url), 'utf8'));
    });
}

/** `complete -- WORDS`: what those scripts ask. A line for each choice, with its description behind a tab. */
export function completeCommand(program: Command, open: Open): Command {
  return new Command('complete').argument('[words...]').action(async (words: string[], _options: unknown, command: Command) => {
    // The line that is being typed may name a service.
    const url = words[words.lastIndexOf('--url') + 1];
    if (words.slice(0, -2).includes('--url') && url !== undefined) program.setOptionValue('url', url);
    const found = await completions(program, words, liveSource(() => open(command)));
    process.stdout.write(found === files ? `${files}\n` : found.map(({ value, description }) => `${value}\t${description}\n`).join(''));
  });
}

/** How long somebody who has pressed the tab key waits for the service. */
const patienceMs = 2000;

/** What the service has now; nothing where it does not answer in time or refuses. */
function liveSource(open: () => Context): Source {
  return async (kind, words) => {
    if (kind === 'file') return files;
    const { client } = open();
    const signal = AbortSignal.timeout(patienceMs);
    try {
      switch (kind) {
        case 'cluster': {
          const { data } = await client.api.GET('/clusters', { params: { query: { limit: 200 } }, signal });
          return data?.items.map(({ name, state, spec }) => ({ value: name, description: `${state}, ${spec.provider} ${spec.region}` }));
        }
        case 'job': {
          const { data } = await client.api.GET('/jobs', { params: { query: { limit: 50 } }, signal });
          return data?.items.map(({ id, kind: what, cluster, state }) => ({ value: id, description: `${what} of ${cluster}, ${state}` }));
        }
        case 'template':
          return (await client.templates({ signal })).map(({ name, title }) => ({ value: name, description: title }));
        case 'backup': {
          const source = words.indexOf('--source-cluster');
          return (await client.backups(words[source < 0 ? 1 : source + 1] ?? '', { signal })).items.map((backup) => ({ value: backup.id, description: `${backup.of}, ${contentsOf(backup)}` }));
        }
        case 'pool': {
          const { spec } = await client.cluster(words[1] ?? '', { signal });
          return spec.nodePools.map(({ name, machineType, minNodes, maxNodes }) => ({ value: name, description: `${machineType}, ${minNodes} to ${maxNodes} nodes` }));
        }
        default:
          return undefined;
      }
    } catch {
      return undefined;
    }
  };
}
