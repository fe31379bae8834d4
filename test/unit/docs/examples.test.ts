import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { roleRules } from '../../../programs/platform/roles.js';
import { chartValues } from '../../../templates/charts/index.js';

const docs = new URL('../../../docs/', import.meta.url);
const files = readdirSync(new URL('examples/', docs)).sort();
const objectSchema = z.looseObject({ apiVersion: z.string(), kind: z.string(), metadata: z.strictObject({ name: z.string(), namespace: z.literal('payments') }), spec: z.looseObject({}) });

/** The objects of an example by kind; each kind stands in it once. */
function objectsOf(file: string): Map<string, z.infer<typeof objectSchema>> {
  const objects = parseAllDocuments(readFileSync(new URL(`examples/${file}`, docs), 'utf8')).map((document) => objectSchema.parse(document.toJS()));
  expect(new Set(objects.map(({ kind }) => kind)).size).toBe(objects.length);
  return new Map(objects.map((object) => [object.kind, object]));
}

/** Resources as an API server names them, by kind. */
const plurals: Readonly<Record<string, string>> = {
  Rollout: 'rollouts', Service: 'services', PodDisruptionBudget: 'poddisruptionbudgets', AnalysisTemplate: 'analysistemplates', Cluster: 'clusters', ScheduledBackup: 'scheduledbackups', postgresql: 'postgresqls',
};

describe('examples in docs/', () => {
  it.each(files)('%s is named by a page, and made of what a developer may write', (file) => {
    expect(['delivery.md', 'databases.md'].some((page) => readFileSync(new URL(page, docs), 'utf8').includes(`(examples/${file})`))).toBe(true);
    for (const { apiVersion, kind } of objectsOf(file).values()) {
      const group = apiVersion.includes('/') ? apiVersion.split('/')[0] ?? '' : '';
      const may = roleRules.developer.some(({ apiGroups = [], resources = [], verbs }) => apiGroups.includes(group) && resources.includes(plurals[kind] ?? '') && verbs.includes('create'));
      expect(may, `${group} ${kind}`).toBe(true);
    }
  });

  it('lead only to files that there are', () => {
    for (const page of ['delivery.md', 'databases.md']) {
      for (const [, target = ''] of readFileSync(new URL(page, docs), 'utf8').matchAll(/\]\(([^)#]+)[^)]*\)/g)) expect(existsSync(new URL(target, docs)), target).toBe(true);
    }
  });

  it('have a canary whose parts belong together', () => {
    const objects = objectsOf('canary.yaml');
    const rolloutSchema = z.object({
      selector: z.object({ matchLabels: z.record(z.string(), z.string()) }),
      strategy: z.object({ canary: z.object({ analysis: z.object({ templates: z.array(z.object({ templateName: z.string() })), args: z.array(z.object({ name: z.string() })) }) }) }),
      template: z.object({ metadata: z.object({ labels: z.record(z.string(), z.string()) }) }),
    });
    const { selector, strategy: { canary: { analysis } }, template } = rolloutSchema.parse(objects.get('Rollout')?.spec);
    expect(template.metadata.labels).toMatchObject(selector.matchLabels);
    expect(objects.get('Service')?.spec).toMatchObject({ selector: selector.matchLabels });
    expect(objects.get('PodDisruptionBudget')?.spec).toMatchObject({ selector: { matchLabels: selector.matchLabels } });
    expect(analysis.templates.map(({ templateName }) => templateName)).toEqual([objects.get('AnalysisTemplate')?.metadata.name]);
    expect(objects.get('AnalysisTemplate')?.spec).toMatchObject({ args: analysis.args.map(({ name }) => ({ name })) });
  });

  it('have a PostgreSQL of Zalando\'s operator that finds its token where it says', () => {
    const schema = z.object({
      env: z.array(z.object({ name: z.string(), value: z.string() })),
      additionalVolumes: z.array(z.object({ mountPath: z.string(), volumeSource: z.object({ projected: z.object({ sources: z.array(z.object({ serviceAccountToken: z.object({ path: z.string(), audience: z.literal('sts.amazonaws.com') }) })) }) }) })),
    });
    const { env, additionalVolumes } = schema.parse(objectsOf('postgresql-zalando.yaml').get('postgresql')?.spec);
    const tokens = additionalVolumes.flatMap(({ mountPath, volumeSource }) => volumeSource.projected.sources.map(({ serviceAccountToken }) => `${mountPath}/${serviceAccountToken.path}`));
    expect(tokens).toEqual([env.find(({ name }) => name === 'AWS_WEB_IDENTITY_TOKEN_FILE')?.value]);
    expect(env.map(({ name }) => name).filter((name) => /SECRET|ACCESS_KEY|PASSWORD/.test(name))).toEqual([]);
  });

  it('have a PostgreSQL with a class of snapshots that AWS has, a backup of it, and a restore of that', () => {
    const objects = objectsOf('postgresql.yaml');
    const classes = z.object({ volumeSnapshotClasses: z.array(z.object({ name: z.string() })) }).parse(chartValues('aws-ebs-csi-driver')).volumeSnapshotClasses.map(({ name }) => name);
    const { backup } = z.object({ backup: z.object({ volumeSnapshot: z.object({ className: z.string() }) }) }).parse(objects.get('Cluster')?.spec);
    expect(classes).toContain(backup.volumeSnapshot.className);
    const scheduled = objects.get('ScheduledBackup');
    expect(scheduled?.spec).toMatchObject({ method: 'volumeSnapshot', cluster: { name: objects.get('Cluster')?.metadata.name } });
    const recovery = z.object({ bootstrap: z.object({ recovery: z.object({ volumeSnapshots: z.object({ storage: z.object({ name: z.string() }) }) }) }) }).parse(objectsOf('postgresql-restore.yaml').get('Cluster')?.spec);
    expect(recovery.bootstrap.recovery.volumeSnapshots.storage.name).toMatch(new RegExp(`^${scheduled?.metadata.name ?? ''}-\\d{14}$`));
  });
});
