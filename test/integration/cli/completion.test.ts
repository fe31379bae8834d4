import { access, symlink } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CommandLine, program } from '../../support/command-line.js';
import { request, startApi, type RunningApi } from '../api/harness.js';

let api: RunningApi;
let commands: CommandLine;
beforeAll(async () => {
  api = await startApi();
  commands = await CommandLine.open(() => ({ CLUSTERWRIGHT_URL: api.url, PATH: `${commands.folder}:${process.env['PATH'] ?? ''}` }));
  await symlink(program, path.join(commands.folder, 'clusterwright'));
  for (const name of ['payments-dev', 'payments-prod', 'search']) expect((await api.send('POST', '/clusters', request(name))).status).toBe(202);
});
afterAll(async () => {
  await api.stop();
  await commands.close();
});

/** What a real bash offers for a line whose last word is being typed. */
async function offered(...words: string[]): Promise<string[]> {
  const script = 'source <(clusterwright completion bash); COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _clusterwright; printf "%s\\n" "${COMPREPLY[@]}"';
  const { stdout, stderr } = await commands.startProgram('bash', ['--norc', '-c', script, 'bash', 'clusterwright', ...words]).ended;
  expect(stderr).toBe('');
  return stdout.split('\n').filter((line) => line !== '');
}

describe('completion in bash', () => {
  it.each([
    { typed: ['j'], choices: ['jobs'] },
    { typed: ['jobs', ''], choices: ['list', 'get', 'watch'] },
    { typed: ['get', 'pay'], choices: ['payments-dev', 'payments-prod'] },
    { typed: ['scale', 'search', ''], choices: ['general'] },
    { typed: ['templates', 'h'], choices: ['hardened'] },
    { typed: ['list', '-o', ''], choices: ['table', 'json', 'yaml'] },
    { typed: ['restore', 'search', '--fr'], choices: ['--from'] },
    { typed: ['restore', 'search', '--from', ''], choices: [] },
    { typed: ['delete', 'search', '--can'], choices: ['--cancel-running'] },
    { typed: ['create', '-f', 'clusterw'], choices: ['clusterwright'] },
    { typed: ['completion', 'z'], choices: ['zsh'] },
    { typed: ['get', 'search', ''], choices: [] },
  ])('offers $choices for $typed', async ({ typed, choices }) => {
    expect(await offered(...typed)).toEqual(choices);
  });

  it('asks the service that the line names', async () => {
    const { stdout } = await commands.run(['complete', '--', '--url', api.url, 'delete', '--yes', 'sea'], { env: { CLUSTERWRIGHT_URL: 'http://127.0.0.1:9' } });

    expect(stdout).toMatch(/^search\tprovisioning, aws eu-west-1\n$/);
  });

  it('offers what it knows by itself where nobody answers', async () => {
    expect(await commands.run(['complete', '--', 'get', ''], { env: { CLUSTERWRIGHT_URL: 'http://127.0.0.1:9' } })).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('runs nothing of what is typed', async () => {
    const made = path.join(commands.folder, 'made');
    await offered('get', `$(touch ${made})`, '');

    await expect(access(made)).rejects.toThrow('ENOENT');
  });
});
