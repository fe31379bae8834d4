import { CustomResource } from '@pulumi/kubernetes/apiextensions/customResource.js';
import { Deployment } from '@pulumi/kubernetes/apps/v1/deployment.js';
import type { Namespace } from '@pulumi/kubernetes/core/v1/namespace.js';
import { Secret } from '@pulumi/kubernetes/core/v1/secret.js';
import { ServiceAccount } from '@pulumi/kubernetes/core/v1/serviceAccount.js';
import { ClusterRole } from '@pulumi/kubernetes/rbac/v1/clusterRole.js';
import { ClusterRoleBinding } from '@pulumi/kubernetes/rbac/v1/clusterRoleBinding.js';
import { Role } from '@pulumi/kubernetes/rbac/v1/role.js';
import { RoleBinding } from '@pulumi/kubernetes/rbac/v1/roleBinding.js';
import type * as pulumi from '@pulumi/pulumi';
import type { AddonNamespace } from '../../model/platform.js';
import type { ClusterSpec } from '../../model/spec.js';
import { addonPrefixes } from '../aws/policies/addons.js';
import type { PlatformInput } from '../provider.js';
import { addonServiceAccounts } from '../service-accounts.js';
import type { PlatformContext } from './context.js';
import { managedLabels } from './names.js';
import { applicationKinds, type PolicyRule } from './roles.js';
import { requiredIdentityParts } from './workload-identity.js';

/** Of the same release as the chart of its definitions. */
const image = 'docker.io/rancher/backup-restore-operator:v11.0.3';
const { name, namespace: ownNamespace } = addonServiceAccounts.aws['rancher-backup'];
const metricsPort = 8080;

/** The group of what it is asked by. */
const group = 'resources.cattle.io';
const resourceSetName = 'applications';
/** Where it is told of the bucket; it takes it from a Secret. There is no secret in it. */
const locationName = 'rancher-backup-location';

/** The version that each group of applications' kinds is read and written by. */
const versions: Readonly<Record<string, string>> = {
  '': 'v1', apps: 'v1', batch: 'v1', autoscaling: 'v2', 'autoscaling.k8s.io': 'v1', policy: 'v1', 'networking.k8s.io': 'v1', 'gateway.networking.k8s.io': 'v1', 'monitoring.coreos.com': 'v1', 'cert-manager.io': 'v1',
  'external-secrets.io': 'v1', 'traefik.io': 'v1alpha1', 'argoproj.io': 'v1alpha1', 'postgresql.cnpg.io': 'v1', 'acid.zalan.do': 'v1', 'security.istio.io': 'v1',
};

/** What others make anew of what is saved, and what is nothing without its volume, which is not saved. */
const unsaved: readonly string[] = ['pods', 'persistentvolumeclaims', 'replicasets', 'controllerrevisions', 'jobs', 'analysisruns', 'experiments', 'backups', 'volumesnapshots'];

/** The kinds that are saved, by group: what developers may write. What surrounds it, the platform makes. */
export function savedKinds(): { readonly group: string; readonly resources: readonly string[] }[] {
  return applicationKinds.flatMap(({ group: of, resources }) => {
    const saved = [...resources.filter((resource) => !unsaved.includes(resource) && !resource.includes('/')), ...(of === '' ? ['secrets'] : [])];
    return saved.length === 0 ? [] : [{ group: of, resources: saved }];
  });
}

/** What is saved of the namespaces of the spec. Kubernetes and Istio publish certificates of the cluster's authorities in each of them, which are another cluster's business. */
export function resourceSelectors({ namespaces }: ClusterSpec) {
  return savedKinds().map(({ group: of, resources }) => {
    const version = versions[of];
    if (version === undefined) throw new Error(`no version is known of the kinds of "${of}" that are to be saved`);
    return {
      apiVersion: of === '' ? version : `${of}/${version}`,
      kinds: [...resources],
      namespaces: namespaces.map((namespace) => namespace.name),
      ...(of === '' ? { excludeResourceNameRegexp: '^(kube-root-ca\\.crt|istio-ca-root-cert)$' } : {}),
    };
  });
}

/** When objects are saved, and how many backups are kept: each night's for as long as the spec says, each hour's for three days. */
export function schedulesOf({ compliance }: ClusterSpec) {
  return { daily: { schedule: '17 2 * * *', retentionCount: compliance.backupRetentionDays }, hourly: { schedule: '47 * * * *', retentionCount: 72 } };
}

/** What the operator may do in the whole cluster: it lists what it saves across all namespaces. */
export const readerRules: PolicyRule[] = [
  { apiGroups: [group], resources: ['backups', 'restores', 'resourcesets'], verbs: ['get', 'list', 'watch', 'update'] },
  { apiGroups: [group], resources: ['backups/status', 'restores/status'], verbs: ['update'] },
  // Its name for the cluster is the uid of kube-system.
  { apiGroups: [''], resources: ['namespaces'], verbs: ['get'] },
  ...savedKinds().map(({ group: of, resources }) => ({ apiGroups: [of], resources: [...resources], verbs: ['get', 'list'] })),
];

/** What it may do in a namespace of the spec: bring back what was saved and, where a restore says so, delete what was not. */
export const restorerRules: PolicyRule[] = savedKinds().map(({ group: of, resources }) => ({ apiGroups: [of], resources: [...resources], verbs: ['create', 'update', 'delete'] }));

/** The operator's pod. Its chart's own has no place for an identity. */
export function operatorPod(input: Pick<PlatformInput, 'spec' | 'account' | 'infrastructure'>) {
  const identity = requiredIdentityParts('rancher-backup', input);
  return {
    serviceAccountName: name,
    enableServiceLinks: false,
    securityContext: { runAsNonRoot: true, runAsUser: 1000, runAsGroup: 1000, fsGroup: 1000, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [{
      name,
      image,
      env: [{ name: 'CHART_NAMESPACE', value: ownNamespace }, { name: 'DEFAULT_S3_BACKUP_STORAGE_LOCATION', value: locationName }, { name: 'METRICS_SERVER', value: 'true' }, ...identity.env],
      ports: [{ name: 'metrics', containerPort: metricsPort }],
      readinessProbe: { tcpSocket: { port: metricsPort } },
      resources: { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '1Gi' } },
      securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
      // Where a backup is packed before it goes out.
      volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }, ...identity.mounts],
    }],
    volumes: [{ name: 'tmp', emptyDir: { sizeLimit: '2Gi' } }, ...identity.volumes],
  };
}

/**
 * Rancher's backup operator, without Rancher: saves what teams have written into their namespaces to the private bucket. Its definitions come by the chart that Rancher publishes of them; the operator's own chart is not used, for it
 * opens the whole namespace, makes the operator the cluster's administrator and has no place for an identity.
 */
export function saveApplications({ input, options }: PlatformContext, teams: ReadonlyMap<string, Namespace>, addons: ReadonlyMap<AddonNamespace, Namespace>, definitions: pulumi.Resource): void {
  const { spec, infrastructure } = input;
  const metadata = { name, namespace: addons.get('rancher-backup')?.metadata.name ?? ownNamespace, labels: managedLabels };
  const subjects = [{ kind: 'ServiceAccount', name, namespace: ownNamespace }];
  const roleGroup = 'rbac.authorization.k8s.io';
  const account = new ServiceAccount(name, { metadata }, options);

  const reader = new ClusterRole(name, { metadata: { name: `clusterwright:${name}`, labels: managedLabels }, rules: readerRules }, options);
  const mayRead = new ClusterRoleBinding(name, { metadata: { name: `clusterwright:${name}`, labels: managedLabels }, roleRef: { apiGroup: roleGroup, kind: 'ClusterRole', name: reader.metadata.name }, subjects }, options);
  const restorer = new ClusterRole(`${name}-restorer`, { metadata: { name: `clusterwright:${name}-restorer`, labels: managedLabels }, rules: restorerRules }, options);
  for (const { name: team } of spec.namespaces) {
    const inTeam = { name: `clusterwright:${name}`, namespace: teams.get(team)?.metadata.name ?? team, labels: managedLabels };
    new RoleBinding(`${name}-${team}`, { metadata: inTeam, roleRef: { apiGroup: roleGroup, kind: 'ClusterRole', name: restorer.metadata.name }, subjects }, options);
  }
  // One restore at a time, by a lease.
  const locker = new Role(name, { metadata, rules: [{ apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'create', 'update', 'delete'] }] }, options);
  const mayLock = new RoleBinding(name, { metadata, roleRef: { apiGroup: roleGroup, kind: 'Role', name: locker.metadata.name }, subjects }, options);

  const location = new Secret(locationName, {
    metadata: { ...metadata, name: locationName },
    stringData: { bucketName: infrastructure.backupStore, region: spec.region, endpoint: `s3.${spec.region}.amazonaws.com`, folder: addonPrefixes['rancher-backup'] },
  }, options);
  const labels = { 'app.kubernetes.io/name': name };
  const after = { ...options, dependsOn: [definitions, account, mayRead, mayLock, location] };
  const operator = new Deployment(name, {
    metadata: { ...metadata, labels: { ...managedLabels, ...labels } },
    // It elects no leader.
    spec: { replicas: 1, strategy: { type: 'Recreate' }, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: operatorPod(input) } },
  }, after);
  const asked = { ...options, dependsOn: operator };
  const set = new CustomResource('rancher-backup-applications', { apiVersion: `${group}/v1`, kind: 'ResourceSet', metadata: { name: resourceSetName, labels: managedLabels }, resourceSelectors: resourceSelectors(spec) }, asked);
  for (const [schedule, when] of Object.entries(schedulesOf(spec))) {
    new CustomResource(`rancher-backup-${schedule}`, { apiVersion: `${group}/v1`, kind: 'Backup', metadata: { name: schedule, labels: managedLabels }, spec: { resourceSetName, ...when } }, { ...options, dependsOn: set });
  }
  if (spec.platform.monitoring !== 'prometheus') return;
  new CustomResource('rancher-backup-monitor', {
    apiVersion: 'monitoring.coreos.com/v1', kind: 'PodMonitor', metadata, spec: { selector: { matchLabels: labels }, podMetricsEndpoints: [{ port: 'metrics', path: '/metrics' }] },
  }, asked);
}
