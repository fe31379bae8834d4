import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { addonPrefixes } from '../../../programs/aws/policies/addons.js';
import { chartsOf } from '../../../programs/platform/charts.js';
import { valuesOf } from '../../../programs/platform/values/index.js';
import { addonServiceAccounts } from '../../../programs/service-accounts.js';
import { expectGolden, goldenFiles } from '../../support/golden.js';
import { inputOf, specOf } from './clusters.js';

const templates = ['production', 'development'] as const;
const files = templates.flatMap((template) => chartsOf(specOf(template)).map(({ name }) => ({ template, name, file: `${template}/${name}.yaml` })));

describe('values of charts', () => {
  it.each(files)('$file is as it was agreed', ({ template, name, file }) => {
    expectGolden(`charts/${file}`, stringify(valuesOf(name, inputOf(specOf(template))), { aliasDuplicateObjects: false }));
  });

  it('leave no golden file behind', () => {
    expect(goldenFiles('charts')).toEqual(files.map(({ file }) => file).sort());
  });

  it('do not change with the bounds of a pool', () => {
    const pool = specOf('production').nodePools[0];
    const wider = specOf('production', { nodePools: [{ ...pool, minNodes: 5, maxNodes: 200 }] });
    for (const { name } of chartsOf(wider)) expect(valuesOf(name, inputOf(wider)), name).toEqual(valuesOf(name, inputOf(specOf('production'))));
  });

  it('name the service accounts that the cloud trusts', () => {
    const input = inputOf(specOf('production'));
    expect(valuesOf('aws-cloud-controller-manager', input)).toMatchObject({ serviceAccountName: addonServiceAccounts.aws['cloud-controller-manager'].name });
    expect(valuesOf('aws-ebs-csi-driver', input)).toMatchObject({ controller: { serviceAccount: { name: addonServiceAccounts.aws['disk-csi'].name } } });
    expect(valuesOf('loki', input)).toMatchObject({ serviceAccount: { name: addonServiceAccounts.aws.loki.name } });
    expect(valuesOf('velero', input)).toMatchObject({ serviceAccount: { server: { name: addonServiceAccounts.aws.velero.name } } });
  });

  it('keep to the part of the bucket that the cloud grants them', () => {
    const input = inputOf(specOf('production'));
    expect(valuesOf('velero', input)).toMatchObject({ configuration: { backupStorageLocation: [{ prefix: addonPrefixes.velero.replace(/\/$/, '') }] } });
    expect(valuesOf('loki', input)).toMatchObject({ loki: { storage: { object_store: { storage_prefix: addonPrefixes.loki.replace(/\/$/, '') } } } });
  });

  it('keep backups and logs as long as the spec says', () => {
    const input = inputOf(specOf('production', { compliance: { backupRetentionDays: 10, logRetentionDays: 30 } }));
    expect(valuesOf('velero', input)).toMatchObject({ schedules: { daily: { template: { ttl: '240h0m0s' } } } });
    expect(valuesOf('loki', input)).toMatchObject({ loki: { limits_config: { retention_period: '720h0m0s' } } });
  });

  it('ask for monitors only where the Prometheus operator is', () => {
    const input = inputOf(specOf('production', { platform: { monitoring: 'none' } }));
    expect(valuesOf('loki', input)).toMatchObject({ monitoring: { serviceMonitor: { enabled: false } } });
    expect(valuesOf('velero', input)).toMatchObject({ metrics: { serviceMonitor: { enabled: false }, prometheusRule: { enabled: false } } });
  });
});

describe('values without workload identity', () => {
  const spec = specOf('production', { network: { workloadIdentity: false } });
  const input = { ...inputOf(spec), infrastructure: { ...inputOf(spec).infrastructure, addonIdentities: {} } };

  it('leave the cloud controller the control plane\'s own identity', () => {
    const values = valuesOf('aws-cloud-controller-manager', input);
    expect(values).toMatchObject({ hostNetworking: true, extraVolumes: [], extraVolumeMounts: [] });
    expect(JSON.stringify(values)).not.toContain('AWS_ROLE_ARN');
  });

  it.each(['aws-ebs-csi-driver', 'loki', 'velero'] as const)('refuse %s, which has no other way to rights in the cloud', (name) => {
    expect(() => valuesOf(name, input)).toThrow(expect.objectContaining({ code: 'invalid-spec', faults: [expect.objectContaining({ pointer: '/network/workloadIdentity' })] }));
  });
});
