import { describe, expect, it } from 'vitest';
import { addonNamespaces } from '../../../model/platform.js';
import { platformRules } from '../../../model/platform-rules.js';
import { charts } from '../../../programs/platform/charts.js';
import { operatorPod, readerRules, resourceSelectors, restorerRules, savedKinds, schedulesOf } from '../../../programs/platform/rancher-backup.js';
import { roleRules, type PolicyRule } from '../../../programs/platform/roles.js';
import { federatedTokenFile } from '../../../programs/platform/workload-identity.js';
import { addonServiceAccounts } from '../../../programs/service-accounts.js';
import { inputOf, specOf } from './clusters.js';

const spec = specOf('production', { platform: { backup: 'rancher-backup' }, compliance: { backupRetentionDays: 21 } });
const verbsFor = (rules: readonly PolicyRule[], group: string, resource: string): string[] => rules.filter(({ apiGroups, resources }) => apiGroups?.includes(group) && resources?.includes(resource)).flatMap(({ verbs }) => verbs);

describe('Rancher\'s backups', () => {
  it('save what developers may write, but what others make of it or what is nothing without its volume', () => {
    const written = roleRules.developer.filter(({ verbs }) => verbs.includes('create') && verbs.includes('delete')).flatMap(({ apiGroups = [], resources = [] }) => resources.map((resource) => `${apiGroups[0] ?? ''}/${resource}`));
    const saved = savedKinds().flatMap(({ group, resources }) => resources.map((resource) => `${group}/${resource}`));
    expect(saved.filter((kind) => !written.includes(kind))).toEqual([]);
    expect(saved).toContain('/secrets');
    expect(written.filter((kind) => !saved.includes(kind) && kind.split('/').length === 2).sort()).toEqual([
      '/persistentvolumeclaims', '/pods', 'apps/controllerrevisions', 'apps/replicasets', 'argoproj.io/analysisruns', 'argoproj.io/experiments', 'batch/jobs', 'postgresql.cnpg.io/backups', 'snapshot.storage.k8s.io/volumesnapshots',
    ]);
  });

  it('take them from the namespaces of the spec alone', () => {
    const selectors = resourceSelectors(spec);
    expect(new Set(selectors.map(({ namespaces }) => namespaces.join()))).toEqual(new Set([spec.namespaces.map(({ name }) => name).join()]));
    expect(selectors.find(({ apiVersion }) => apiVersion === 'v1')).toMatchObject({ kinds: expect.arrayContaining(['configmaps', 'secrets']) as string[] });
    const published = new RegExp(selectors.find(({ apiVersion }) => apiVersion === 'v1')?.excludeResourceNameRegexp ?? '');
    expect(['kube-root-ca.crt', 'kube-root-caxcrt', 'settings'].filter((name) => published.test(name))).toEqual(['kube-root-ca.crt']);
    expect(selectors.map(({ apiVersion }) => apiVersion)).toContain('autoscaling/v2');
  });

  it('are kept as long as the spec says, and those of each hour for three days', () => {
    expect(schedulesOf(spec)).toEqual({ daily: { schedule: expect.any(String) as string, retentionCount: 21 }, hourly: { schedule: expect.any(String) as string, retentionCount: 72 } });
  });

  it('are written by an operator that changes objects in the namespaces of the spec alone, and gives no rights', () => {
    expect(verbsFor(readerRules, '', 'secrets')).toEqual(['get', 'list']);
    expect(verbsFor(restorerRules, '', 'secrets')).toEqual(['create', 'update', 'delete']);
    for (const { apiGroups = [], resources = [], verbs } of readerRules) if (!apiGroups.includes('resources.cattle.io')) expect(verbs.filter((verb) => !['get', 'list'].includes(verb)), resources.join()).toEqual([]);
    const all = [...readerRules, ...restorerRules];
    for (const resource of ['roles', 'rolebindings', 'clusterroles', 'clusterrolebindings']) expect(verbsFor(all, 'rbac.authorization.k8s.io', resource)).toEqual([]);
    for (const rule of all) expect([...(rule.apiGroups ?? []), ...(rule.resources ?? []), ...rule.verbs]).not.toContain('*');
  });

  it('run as the account that the cloud trusts, with its token, and pass the level of their namespace', () => {
    const pod = operatorPod(inputOf(spec));
    const [container] = pod.containers;
    expect(pod.serviceAccountName).toBe(addonServiceAccounts.aws['rancher-backup'].name);
    expect(container?.env).toEqual(expect.arrayContaining([{ name: 'AWS_WEB_IDENTITY_TOKEN_FILE', value: federatedTokenFile }, { name: 'CHART_NAMESPACE', value: 'rancher-backup' }]));
    expect(addonNamespaces['rancher-backup']).toBe('restricted');
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    expect(container?.securityContext).toEqual({ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } });
    expect(container?.resources).toMatchObject({ requests: { cpu: expect.any(String) as string, memory: expect.any(String) as string }, limits: { memory: expect.any(String) as string } });
  });

  it('are of one release with their definitions', () => {
    const version = charts.find(({ name }) => name === 'rancher-backup')?.version.split('+up')[1];
    expect(operatorPod(inputOf(spec)).containers[0]?.image).toBe(`docker.io/rancher/backup-restore-operator:v${version ?? ''}`);
  });

  it('are refused on Azure, which has nothing that they could be written to, and for no namespace', () => {
    const faults = (part: object) => platformRules.flatMap((rule) => rule({ provider: 'aws', platform: spec.platform, namespaces: spec.namespaces, ...part }));
    expect(faults({})).toEqual([]);
    expect(faults({ provider: 'azure' })).toEqual([{ pointer: '/platform/backup', detail: expect.stringMatching(/S3.*take "velero"/) as string }]);
    expect(faults({ namespaces: [] })).toEqual([{ pointer: '/platform/backup', detail: expect.stringContaining('/namespaces') as string }]);
  });
});
