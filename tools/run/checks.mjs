/** What `npm run lint` checks, each with a name. */

/**
 * @typedef {object} Check
 * @property {string} name
 * @property {string} command a program of node_modules/.bin, or on PATH
 * @property {string[]} args
 * @property {(output: string) => string | undefined} [judge] for a program whose exit code does not tell: what is wrong with its standard output, if anything
 */

/** Everything that holds sources; folders that do not exist yet are left out by the caller. */
export const sourceFolders = ['model', 'store', 'api', 'worker', 'programs', 'templates', 'sandbox', 'client', 'cli', 'console', 'bin', 'test', 'bench', 'tools'];

/**
 * @param {string[]} folders those of {@link sourceFolders} that exist
 * @returns {Check[]}
 */
export function checks(folders) {
  return [
    { name: 'types', command: 'tsc', args: ['--noEmit', '-p', 'tsconfig.json', '--pretty', 'false'] },
    { name: 'types of the console', command: 'tsc', args: ['--noEmit', '-p', 'console/tsconfig.json', '--pretty', 'false'] },
    // With the types of all sources and of the providers' SDKs it needs more than the 4 GiB that Node gives it.
    { name: 'eslint', command: 'node', args: ['--max-old-space-size=8192', 'node_modules/eslint/bin/eslint.js', '--max-warnings', '0', '.'] },
    { name: 'imports', command: 'depcruise', args: ['--config', '.dependency-cruiser.cjs', '--output-type', 'err', ...folders] },
    { name: 'client in browsers', command: 'tsc', args: ['--noEmit', '-p', 'client', '--pretty', 'false'] },
    { name: 'client of this API', command: 'openapi-typescript', args: ['api/openapi.json', '-o', 'client/schema.ts', '--default-non-nullable', 'false', '--check'] },
    { name: 'one engine SDK', command: 'npm', args: ['ls', '@pulumi/pulumi', '--all', '--parseable'], judge: severalCopies },
  ];
}

/**
 * Two copies of @pulumi/pulumi in one tree break outputs and secrets in ways that no message explains (pulumi/pulumi#12942).
 * @param {string} output of `npm ls --parseable`: a line per folder
 * @returns {string | undefined}
 */
export function severalCopies(output) {
  const copies = output.split('\n').filter((line) => line.endsWith('@pulumi/pulumi'));
  return copies.length === 1 ? undefined : `there must be one copy of @pulumi/pulumi in the tree, there are ${copies.length}`;
}
