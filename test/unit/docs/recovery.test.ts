import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const text = read('docs/recovery.md');
const later = 'templates/nodes/control-plane-later';

/** Everything in the text that a pattern's first group finds, each once. */
function found(pattern: RegExp): string[] {
  const all = [...new Set([...text.matchAll(pattern)].map(([, part = '']) => part))];
  expect(all, String(pattern)).not.toEqual([]);
  return all;
}

/** The anchor that GitHub gives a heading. */
function anchorOf(heading: string): string {
  return heading.toLowerCase().replace(/[^a-z0-9 -]/g, '').replaceAll(' ', '-');
}

const anchorsOf = (markdown: string): string[] => [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading));

describe('docs/recovery.md', () => {
  it('names only scripts and tasks that control planes have', () => {
    for (const script of found(/\/opt\/clusterwright\/([\w./-]+\.sh)/g)) expect(existsSync(path.join(root, later, 'opt/clusterwright', script)), script).toBe(true);
    for (const task of found(/clusterwright-task@([\w-]+)\.service/g)) expect(existsSync(path.join(root, later, 'opt/clusterwright/tasks', `${task}.sh`)), task).toBe(true);
  });

  it('takes etcd back by all steps of its script, in their order', () => {
    const steps = found(/^\$ \/opt\/clusterwright\/orders\/etcd-restore\.sh ([\w-]+)/gm);
    const known = [...read(`${later}/opt/clusterwright/orders/etcd-restore.sh`).matchAll(/^ {2}([\w-]+)\)/gm)].map(([, step]) => step);
    expect(steps).toEqual(known);
  });

  it('names only commands of this package', () => {
    const { scripts } = z.object({ scripts: z.record(z.string(), z.string()) }).parse(JSON.parse(read('package.json')));
    for (const command of found(/npm run (?:--silent )?([\w:]+)/g)) expect(Object.keys(scripts)).toContain(command);
  });

  it('names only alerts and schedules that the backups have', () => {
    const templates = readdirSync(path.join(root, 'templates'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.yaml')).map((file) => read(path.join('templates', file)));
    for (const alert of found(/`(Backup[A-Z]\w+)`/g)) expect(templates.some((template) => new RegExp(`alert: ${alert}$`, 'm').test(template)), alert).toBe(true);
    const schedules = read('programs/platform/values/velero.ts');
    for (const schedule of found(/velero-([a-z]+)-/g)) expect(schedules).toContain(`${schedule}: {`);
  });

  it('leads only to headings that there are', () => {
    for (const target of found(/\]\(([^)]+)\)/g)) {
      const [file = '', anchor] = target.split('#');
      const markdown = file === '' ? text : read(path.join('docs', file));
      if (anchor !== undefined) expect(anchorsOf(markdown), target).toContain(anchor);
    }
  });
});
