import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { providers } from '../../../model/spec.js';
import { nodeFiles } from '../../../programs/nodes/render.js';
import { filesOf, nodeTemplates } from '../../../programs/nodes/templates.js';
import { userDataParts } from '../../../programs/nodes/user-data.js';
import { NodeSpace } from '../../support/node-space.js';
import { factsOf, layOut, nodeCases, nodeRoles, runProgram, type NodeCase } from '../../support/nodes.js';

const folder = mkdtempSync(path.join(os.tmpdir(), 'node-files-'));
afterAll(() => rmSync(folder, { recursive: true }));
const templates = nodeTemplates();

const kinds = providers.flatMap((provider) => nodeRoles.map((role): [string, NodeCase] => [`${role} on ${provider}`, { template: 'production', provider, minor: '1.35', role }]));
const below = (root: string, wanted: RegExp): string[] =>
  readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile() && wanted.test(entry.name)).map((entry) => path.join(entry.parentPath, entry.name)).sort();

describe('scripts', () => {
  const checked = new Set<string>();

  it.each(kinds)('of a %s pass shellcheck', async (name, given) => {
    // With their comments, which tell it what is sourced.
    const root = path.join(folder, `${name} with comments`);
    layOut(filesOf(templates, await factsOf(given)), root);

    // Each script once: those that source much take it long.
    const scripts = below(root, /\.sh$/).filter((script) => !checked.has(readFileSync(script, 'utf8')));
    for (const script of scripts) checked.add(readFileSync(script, 'utf8'));
    const { code, output } = scripts.length === 0 ? { code: 0, output: '' } : await runProgram('shellcheck', ['--external-sources', '--source-path=SCRIPTDIR', ...scripts]);

    expect(output).toBe('');
    expect(code).toBe(0);
  });

  it.each(kinds)('of a %s say to bash what the templates say, without what only people read', async (name, given) => {
    const root = path.join(folder, `${name} rendered`);
    const facts = await factsOf(given);
    layOut(nodeFiles(templates, facts), root);
    // Bash prints a script as it understands it, in a layout of its own, but for empty lines.
    const understood = async (file: string) => (await runProgram('bash', ['--pretty-print', file])).output.split('\n').filter((line) => line.trim() !== '');
    for (const script of below(root, /\.sh$/)) {
      expect(await runProgram('bash', ['-n', script])).toEqual({ code: 0, output: '' });
      expect(await understood(script)).toEqual(await understood(script.replace(root, path.join(folder, `${name} with comments`))));
    }
  });
});

describe('units', () => {
  it.each(kinds)('of a %s pass systemd\'s own check, with what they run at its place', async (name, given) => {
    const root = path.join(folder, `${name} units`);
    const files = nodeFiles(templates, await factsOf(given));
    layOut(files, root);
    const space = await NodeSpace.open('10.20.0.16');
    try {
      await space.run('mount', '-t', 'tmpfs', 'tmpfs', '/opt');
      await space.run('cp', '--archive', path.join(root, 'opt/clusterwright'), '/opt/');
      await space.run('cp', '--archive', path.join(root, 'etc/systemd'), '/etc/');
      // Brought by the package, but not where the tests run.
      await space.run('bash', '-c', 'printf "[Service]\\nExecStart=/bin/true\\n" > /etc/systemd/system/kubelet.service');
      // Templates of units are looked at through the timers that name an instance.
      const units = files.map(({ path: place }) => place).filter((place) => /^\/etc\/systemd\/system\/[^/]+[^@]\.(service|timer|path|target|mount)$/.test(place)).map((place) => path.basename(place));

      const { code, output } = await space.run('systemd-analyze', 'verify', '--man=no', '--recursive-errors=one', 'kubelet.service', ...units);

      expect(units).toContain('clusterwright-bootstrap.service');
      expect(output).toBe('');
      expect(code).toBe(0);
    } finally {
      await space.close();
    }
  });
});

describe('user data', () => {
  /** The first part is the same for all, and each look takes a second. */
  const passed = new Set<string>();

  it.each(nodeCases.map((given): [string, NodeCase] => [`${given.template} ${given.provider} ${given.minor} ${given.role}`, given]))('of %s passes cloud-init\'s schema', async (name, given) => {
    for (const part of userDataParts(templates, await factsOf(given, { machines: { sshKeys: ['ssh-ed25519 AAAA ops'], registryMirrors: {} } }))) {
      if (passed.has(part.content)) continue;
      const file = path.join(folder, `${name} ${part.name}`);
      writeFileSync(file, part.content);
      expect(await runProgram('cloud-init', ['schema', '--config-file', file])).toEqual({ code: 0, output: `Valid cloud-config: ${file}\n` });
      passed.add(part.content);
    }
  });

  it('would not pass with what cloud-init does not take', async () => {
    const file = path.join(folder, 'wrong.yaml');
    writeFileSync(file, '#cloud-config\nwrite_files: 3\n');
    expect((await runProgram('cloud-init', ['schema', '--config-file', file])).code).not.toBe(0);
  });
});
