import { describe, expect, it } from 'vitest';
import { loadCatalogue } from '../../../bin/catalogue.js';
import type { Accounts } from '../../../model/accounts.js';
import { clusterDrillOf } from '../../../model/cluster-drill.js';
import type { Json } from '../../../model/merge-patch.js';
import type { ObjectsBackup } from '../../../model/report.js';
import type { ClusterSpec } from '../../../model/spec.js';
import { throwAwaySpec } from '../../../model/throw-away.js';
import { someCluster, someSpec } from '../../support/records.js';

const accounts: Accounts = { default: { aws: { provider: 'aws', accountId: '123456789012', reach: { type: 'peering', vpcId: 'vpc-1', cidr: '10.0.0.0/16', routeTableIds: ['rtb-1'] } } } };
const context = { catalogue: await loadCatalogue(), accounts };
const now = new Date('2026-11-30T12:00:00Z');
const nightly = (day: number, change: Partial<ObjectsBackup> = {}): ObjectsBackup => ({
  id: `velero/velero-daily-202611${day}021700`, of: 'objects', at: `2026-11-${day}T02:17:00Z`, state: 'completed', errors: 0, sizeBytes: 1, includedNamespaces: ['*'], excludedNamespaces: [], items: 9, files: true, expiresAt: '2026-12-29T02:17:00Z', ...change,
});
const drill = (patch: Json = {}, backups = [nightly(29)], changes: Partial<ClusterSpec> = {}) => clusterDrillOf({ source: someCluster('shop', changes).cluster, backups, uid: 'abcdefgh1234', patch, now }, context);

describe('the cluster that a drill is made in', () => {
  it('is what its cluster is, as small as that may be, and without what acts on others', () => {
    const spec = throwAwaySpec(someSpec('shop', {
      platform: { ...someSpec('shop').platform, gitops: 'flux', dns: 'external-dns', ingress: 'traefik', gateway: 'traefik', hostedMonitoring: 'datadog', scanning: 'snyk' },
      dns: { zones: ['Z1'] }, protect: true, webhooks: [{ url: 'https://portal.example.com/told', events: ['job.failed'] }] as unknown as ClusterSpec['webhooks'],
      recovery: { drills: { schedule: '0 4 * * *', timeZone: 'UTC' }, targets: { rpoMinutes: 1, rtoMinutes: 2, cluster: { rpoMinutes: 3, rtoMinutes: 4 } } },
      drift: { accepted: {} } as unknown as ClusterSpec['drift'],
    }), 'drill-1');

    expect(spec).toMatchObject({
      name: 'drill-1', owner: 'payments', region: 'eu-west-1', labels: { 'cost-centre': '4711', 'drill-of': 'shop' }, nodePools: [{ name: 'general', minNodes: 3, maxNodes: 3 }],
      platform: { cni: 'cilium', monitoring: 'prometheus', backup: 'velero', gitops: 'none', dns: 'none', ingress: 'none', gateway: 'none', hostedMonitoring: 'none', scanning: 'none' },
      dns: { zones: [] }, alerting: { receivers: [] }, webhooks: [], protect: false, deletion: { retain: 'none' },
      recovery: { targets: { cluster: { rpoMinutes: 3, rtoMinutes: 4 } } },
    });
    expect(spec).not.toHaveProperty('drift');
    expect(spec).not.toHaveProperty('recovery.drills');
  });

  it('is made where the wish says, of what the newest backup with files has', () => {
    const hourly = nightly(30, { files: false });
    const failed = nightly(30, { state: 'failed' });
    expect(drill({ region: 'eu-central-1', nodePools: [{ name: 'general', minNodes: 1 }] }, [failed, hourly, nightly(28), nightly(29)])).toMatchObject({
      spec: { name: 'drill-abcdefgh', region: 'eu-central-1', nodePools: [{ minNodes: 1, maxNodes: 3, machineType: 'm7i.xlarge' }] },
      request: { kind: 'cluster-drill', backup: 'velero-daily-20261129021700', at: '2026-11-29T02:17:00.000Z', source: { name: 'shop', provider: 'aws' } },
    });
  });

  it('has every fault of the wish told at once, each in its place', () => {
    const pointers = (of: ReturnType<typeof drill>): string[] => ('faults' in of ? of.faults.map(({ pointer }) => pointer) : []);
    expect(pointers(drill({ region: 'nowhere', network: { cidr: '10.244.0.0/16' }, colour: 'red' }, [])).sort()).toEqual(['/in/colour', '/in/network/podCidr', '/in/region', '/of']);
    expect(pointers(drill({ name: 'mine', owner: 'search', platform: { backup: 'none' } }))).toEqual(['/in/name', '/in/owner', '/in/platform/backup']);
    expect(pointers(drill({}, [nightly(29)], { platform: { ...someSpec('shop').platform, backup: 'none' } }))).toEqual(['/of']);
    expect(pointers(drill({}, [nightly(29, { expiresAt: '2026-11-30T00:00:00Z' })]))).toEqual(['/of']);
  });
});
