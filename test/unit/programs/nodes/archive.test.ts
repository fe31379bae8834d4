import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { archivedFiles, nodeArchive } from '../../../../programs/nodes/archive.js';
import { nodeFiles } from '../../../../programs/nodes/render.js';
import { tarOf } from '../../../../programs/nodes/tar.js';
import { nodeTemplates, type NodeFile } from '../../../../programs/nodes/templates.js';
import { factsOf } from '../../../support/nodes.js';

const templates = nodeTemplates();
const folder = mkdtempSync(path.join(os.tmpdir(), 'node-archive-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the archive of a control plane\'s later files', () => {
  it('has the files that a node gets without it, byte by byte', async () => {
    const whole = new Map(nodeFiles(templates, await factsOf({ template: 'production', provider: 'azure', minor: '1.35', role: 'control-plane' })).map((file) => [file.path, file]));
    const archived = archivedFiles(templates);

    expect(archived.length).toBeGreaterThan(10);
    for (const file of archived) expect(whole.get(file.path)).toEqual(file);
  });

  it('is unpacked by tar, without a word, as often as one likes', () => {
    writeFileSync(path.join(folder, 'archive.tar'), nodeArchive(templates).content);
    for (let round = 0; round < 2; round += 1) expect(execFileSync('tar', ['--extract', '--directory', folder, '--file', path.join(folder, 'archive.tar')], { stdio: 'pipe' }).toString()).toBe('');

    for (const { path: file, mode, content } of archivedFiles(templates)) {
      expect(readFileSync(path.join(folder, file), 'utf8')).toBe(content);
      expect((statSync(path.join(folder, file)).mode & 0o777).toString(8).padStart(4, '0')).toBe(mode);
    }
  });

  it('is the same for the same files, and named after them', () => {
    const first = nodeArchive(templates);
    expect(nodeArchive(nodeTemplates())).toEqual(first);
    expect(first.facts.key).toBe(`nodes/control-plane-${first.facts.sha256}.tar`);

    const changed = { ...templates, folders: { ...templates.folders, 'control-plane-later': templates.folders['control-plane-later'].map((file) => ({ ...file, content: `${file.content}x` })) } };
    expect(nodeArchive(changed).facts.key).not.toBe(first.facts.key);
    expect(nodeArchive({ ...templates, cloudConfig: '#cloud-config\n' }).facts.key).toBe(first.facts.key);
  });

  it('refuses a file that is not the same for all clusters, and a name that tar does not take', () => {
    const asking: NodeFile = { path: '/etc/x', mode: '0644', content: '@cluster@' };
    expect(() => nodeArchive({ ...templates, folders: { ...templates.folders, 'control-plane-later': [asking] } })).toThrow('/etc/x asks for "cluster"');
    expect(() => tarOf([{ ...asking, path: `/${'x'.repeat(101)}` }])).toThrow(/too long/);
  });
});
