import { describe, expect, it } from 'vitest';
import { loadCatalogue } from '../../../bin/catalogue.js';
import { specOf } from '../../support/infrastructure-input.js';

describe('catalogue of cluster templates', () => {
  it('holds the three templates under their names', async () => {
    expect([...(await loadCatalogue()).keys()]).toEqual(['development', 'hardened', 'production']);
  });

  it('makes a complete spec out of name, provider and access', async () => {
    for (const template of (await loadCatalogue()).keys()) {
      await expect(specOf(template), template).resolves.toMatchObject({ name: 'payments-prod', template, region: 'eu-west-1' });
    }
  });

  it('gives production three control planes, 3 to 10 workers and what the contract shows', async () => {
    const spec = await specOf('production');
    expect(spec).toMatchObject({
      region: 'eu-west-1',
      kubernetesVersion: '1.35',
      network: { cidr: '10.20.0.0/16', podCidr: '10.244.0.0/16', serviceCidr: '10.96.0.0/12', domain: 'clusterwright.internal', natGateways: 'per-zone', apiServer: { public: false, allowedCidrs: [] } },
      controlPlane: { replicas: 3, machineType: 'm7i.large', etcdDiskGiB: 64 },
      nodePools: [{ name: 'general', machineType: 'm7i.xlarge', minNodes: 3, maxNodes: 10, diskGiB: 100, labels: {}, taints: [] }],
      platform: { cni: 'cilium', policy: 'kyverno', monitoring: 'prometheus', logging: 'loki', backup: 'velero', gitops: 'argocd' },
      policies: { mode: 'audit' },
      deletion: { retain: 'backups' },
    });
  });

  it('keeps development small and cheap', async () => {
    const spec = await specOf('development');
    expect(spec).toMatchObject({ network: { natGateways: 'single' }, controlPlane: { replicas: 1 }, nodePools: [{ minNodes: 1, maxNodes: 3 }], deletion: { retain: 'none' } });
    expect([spec.controlPlane.machineType, ...spec.nodePools.map((pool) => pool.machineType)].every((type) => type.startsWith('t3.'))).toBe(true);
  });

  it('turns every compliance option on in hardened', async () => {
    const spec = await specOf('hardened');
    expect(spec).toMatchObject({
      controlPlane: { replicas: 5 },
      network: { apiServer: { public: false } },
      compliance: { flowLogs: 'all', logRetentionDays: 365, detailedMonitoring: true },
      platform: { policy: 'kyverno' },
      policies: { mode: 'enforce', trustedRegistries: [] },
      deletion: { retain: 'backups' },
    });
    expect(spec.namespaces.length).toBeGreaterThan(0);
    expect(spec.namespaces.every((namespace) => namespace.podSecurity === 'restricted')).toBe(true);
  });
});
