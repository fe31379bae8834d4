import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { neededIdentities as awsIdentities } from '../../../programs/aws/identity.js';
import { neededIdentities as azureIdentities } from '../../../programs/azure/identity.js';
import { valuesOf } from '../../../programs/platform/values/index.js';
import type { Json } from '../../../model/merge-patch.js';
import type { ClusterSpec } from '../../../model/spec.js';
import { inputOf, specOf } from './clusters.js';

interface KubernetesObject { kind: string; metadata: { name: string; annotations?: Record<string, string> }; spec?: Record<string, unknown>; data?: Record<string, string> }

const withLogs = (patch: Record<string, Json> = {}): ClusterSpec => specOf('production', { ...patch, platform: { logging: 'opensearch' } });
const valuesFor = (spec = withLogs()) => valuesOf('opensearch', inputOf(spec)) as { config: Record<string, string>; secretMounts: { secretName: string }[]; extraObjects: KubernetesObject[] };
const settingsOf = (spec = withLogs()): Record<string, string> => valuesFor(spec).extraObjects.find(({ kind }) => kind === 'ConfigMap')?.data ?? {};
const setting = (file: string, spec = withLogs()): unknown => JSON.parse(settingsOf(spec)[file] ?? 'null');
const certificates = valuesFor().extraObjects.filter(({ kind }) => kind === 'Certificate');

describe('certificates of OpenSearch', () => {
  it('are of an authority of the namespace\'s own, which nobody outside of it can ask', () => {
    const issuers = valuesFor().extraObjects.filter(({ kind }) => /Issuer/.test(kind)).map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    expect(issuers).toEqual(['Issuer opensearch-self-signed', 'Issuer opensearch-authority']);
    for (const { metadata, spec } of certificates) expect(spec?.['issuerRef'], metadata.name).toEqual({ kind: 'Issuer', name: metadata.name === 'opensearch-authority' ? 'opensearch-self-signed' : 'opensearch-authority' });
  });

  it('tell nodes, administrator and shipper apart as its configuration names them', () => {
    const commonNames = certificates.map(({ spec }) => spec?.['commonName']);
    const { config } = valuesFor();
    for (const [field, name] of [['nodes_dn', 'opensearch-node'], ['authcz.admin_dn', 'opensearch-administrator']] as const) {
      expect(config['opensearch.yml']).toContain(`plugins.security.${field}:\n  - CN=${name}\n`);
      expect(commonNames).toContain(name);
    }
    expect(setting('roles_mapping.yml')).toMatchObject({ shipper: { users: ['fluent-bit'] } });
    expect(commonNames).toContain('fluent-bit');
  });

  it('lie where those who show them look', () => {
    const secrets = certificates.map(({ spec }) => spec?.['secretName']);
    const shipper = valuesOf('fluent-bit', inputOf(withLogs())) as { extraVolumes: { secret: { secretName: string } }[] };
    expect(secrets).toEqual(expect.arrayContaining([valuesFor().secretMounts[0]?.secretName, shipper.extraVolumes[0]?.secret.secretName]));
    expect(JSON.stringify(valuesFor().extraObjects.find(({ kind }) => kind === 'Job'))).toContain('"secretName":"opensearch-administrator"');
  });
});

describe('rights in OpenSearch', () => {
  it('let the shipper add to logs, and neither read, change nor delete them', () => {
    const { shipper } = setting('roles.yml') as { shipper: { cluster_permissions: string[]; index_permissions: { index_patterns: string[]; allowed_actions: string[] }[] } };
    expect(shipper.cluster_permissions).toEqual(['indices:data/write/bulk']);
    expect(shipper.index_permissions).toEqual([{ index_patterns: ['logs-*'], allowed_actions: ['indices:data/write/bulk*', 'indices:data/write/index', 'indices:admin/create'] }]);
  });

  it('let people in by Entra ID alone, and read where their role holds in the whole cluster', () => {
    expect(setting('config.yml')).toMatchObject({ config: { dynamic: { http: { anonymous_auth_enabled: false }, authc: { entra: { http_authenticator: { type: 'openid', config: { required_audience: '88888888-8888-4888-8888-888888888888', roles_key: 'groups' } } } } } } });
    expect(setting('roles_mapping.yml')).toMatchObject({ reader: { backend_roles: ['11111111-aaaa-4aaa-8aaa-000000000001', '11111111-aaaa-4aaa-8aaa-000000000002'] } });
    expect(setting('internal_users.yml')).toEqual({ _meta: { type: 'internalusers', config_version: 2 } });
    expect(valuesFor()).toMatchObject({ extraEnvs: expect.arrayContaining([{ name: 'DISABLE_INSTALL_DEMO_CONFIG', value: 'true' }]) as unknown });
  });
});

describe('logs in OpenSearch', () => {
  it('are deleted when they are as old as the spec says', () => {
    const spec = withLogs({ compliance: { logRetentionDays: 365 } });
    expect(setting('retention.json', spec)).toMatchObject({ policy: { states: [{ name: 'kept', transitions: [{ state_name: 'deleted', conditions: { min_index_age: '365d' } }] }, { name: 'deleted' }], ism_template: [{ index_patterns: ['logs-*'] }] } });
  });

  it('lie twice where there are several nodes, and once on a single one', () => {
    expect(setting('index-template.json')).toMatchObject({ template: { settings: { number_of_shards: 1, number_of_replicas: 1 } } });
    const single = specOf('development', { platform: { logging: 'opensearch', certificates: 'cert-manager' } });
    expect(setting('index-template.json', single)).toMatchObject({ template: { settings: { number_of_replicas: 0 } } });
    expect(valuesFor(single)).toMatchObject({ replicas: 1, singleNode: true });
  });

  it('need no right in the cloud, which Loki has', () => {
    for (const neededIdentities of [awsIdentities, azureIdentities]) {
      expect(neededIdentities(withLogs())).not.toContain('loki');
      expect(neededIdentities(specOf('production'))).toContain('loki');
    }
  });

  it('are in no backup, as those of Loki are not', () => {
    const excluded = (spec: ClusterSpec) => (valuesOf('velero', inputOf(spec)) as { schedules: { daily: { template: { excludedNamespaces: string[] } } } }).schedules.daily.template.excludedNamespaces;
    expect(excluded(withLogs())).toEqual(['kube-node-lease', 'monitoring', 'opensearch', 'velero']);
    expect(excluded(specOf('production'))).toEqual(['kube-node-lease', 'monitoring', 'logging', 'velero']);
  });
});

describe('the job that brings the settings', () => {
  it('runs after each installation and upgrade, with the OpenSearch of the pinned chart', () => {
    const job = valuesFor().extraObjects.find(({ kind }) => kind === 'Job');
    expect(job?.metadata.annotations?.['helm.sh/hook']).toBe('post-install,post-upgrade');
    expect(JSON.stringify(job)).toContain('docker.io/opensearchproject/opensearch:3.6.0');
  });

  it('is a script that bash reads', async () => {
    await expect(promisify(execFile)('bash', ['-n', '-c', settingsOf()['apply.sh'] ?? 'exit 1'])).resolves.toBeTruthy();
  });
});
