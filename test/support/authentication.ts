import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../templates/nodes/control-plane-later/opt/clusterwright/tasks/pipelines.jq', import.meta.url));

/** What a control plane writes into its AuthenticationConfiguration for the pipelines of a document, a line for each issuer, by the program that it has for it. */
export function issuerLines(document: string): string[] {
  return execFileSync('jq', ['--raw-output', '--from-file', program], { input: document, encoding: 'utf8' }).split('\n').filter((line) => line !== '');
}
