import { describe, expect, it } from 'vitest';
import type { StackFinding } from '../../../bin/rebuild/finding.js';
import { clustersOf, isEmpty, recordOf, restoredCluster, type ClusterFinding } from '../../../bin/rebuild/restored-cluster.js';
import type { StackRecord } from '../../../programs/record.js';
import { someSpec } from '../../support/records.js';

const record: StackRecord = { schema: 1, uid: 'abcdefghijkl', slot: 7, installation: 'installation-1', spec: someSpec('alpha') };
const outputs = {
  apiServerAddress: '127.1.2.3', zones: ['eu-west-1a', 'eu-west-1b'], networkId: 'vpc-1', nodeSubnets: {}, backupStore: 'b', keyId: 'k', controlPlane: [], nodePools: {}, addonIdentities: {},
};
const succeeded = { kind: 'update', result: 'succeeded', endedAt: '2026-01-02T00:00:00.000Z' };
const pending = [{ operation: 'creating', urn: 'urn:pulumi:a::b::c::vpc', type: 'aws:ec2/vpc:Vpc', name: 'vpc' }];

type Change = Partial<Omit<StackFinding, 'state'>> & { readonly state?: Partial<StackFinding['state']> };

function stack({ state, ...rest }: Change = {}): StackFinding {
  return {
    state: { resources: [], urns: [], outputs: {}, pending: [], encryption: undefined, record, ...state },
    lastUpdate: succeeded, lock: undefined, certificateAuthority: undefined, createdAt: '2026-01-01T00:00:00.000Z', writtenAt: '2026-01-02T00:00:00.500Z',
    ...rest,
  };
}
const infrastructure = (change: Change = {}): StackFinding => stack({ ...change, state: { outputs, ...change.state } });

function restored(finding: ClusterFinding, published = true) {
  return restoredCluster(finding, record, { simulated: true, certificateAuthority: published ? 'PEM' : undefined, now: new Date('2026-06-01T00:00:00Z') });
}

describe('a cluster out of its stacks', () => {
  it('is ready when both are as their spec asks for', () => {
    const { cluster, reason } = restored({ infrastructure: infrastructure(), platform: stack() });
    expect(reason).toBeNull();
    expect(cluster).toEqual({
      name: 'alpha', uid: 'abcdefghijkl', slot: 7, spec: record.spec, state: 'ready', simulated: true, zones: ['eu-west-1a', 'eu-west-1b'], conditions: [],
      connection: { endpoint: 'https://api.alpha.clusterwright.internal:6443', address: '127.1.2.3', certificateAuthority: 'PEM' },
      version: 1_780_272_000, createdAt: '2026-01-01T00:00:00.000Z', updatedAt: '2026-01-02T00:00:00.500Z', activeJob: null, nextJob: null, lastJob: null,
    });
  });

  it('is ready without a history, which rules may have removed, when both programs came to their ends', () => {
    const platform = stack({ lastUpdate: undefined, state: { outputs: { addons: [] } } });
    expect(restored({ infrastructure: infrastructure({ lastUpdate: undefined }), platform }).cluster.state).toBe('ready');
  });

  const failedUpdate = { ...succeeded, result: 'failed' };
  const cases: Record<string, { finding: ClusterFinding; published?: false; state: string; reason: RegExp; deletion?: true }> = {
    'with an operation in doubt': { finding: { infrastructure: infrastructure({ state: { pending } }), platform: stack() }, state: 'needs-repair', reason: /infrastructure: interrupted at creating vpc/ },
    'with a platform in doubt': { finding: { infrastructure: infrastructure(), platform: stack({ state: { pending } }) }, state: 'needs-repair', reason: /platform: interrupted/ },
    'with a lock': { finding: { infrastructure: infrastructure({ lock: 'the process 1 on host-1' }), platform: stack() }, state: 'needs-repair', reason: /locked by the process 1 on host-1/ },
    'at which an engine is at work': { finding: { infrastructure: infrastructure({ lastUpdate: { ...succeeded, result: 'in-progress', endedAt: undefined } }), platform: stack() }, state: 'needs-repair', reason: /has not ended/ },
    'whose last update failed': { finding: { infrastructure: infrastructure({ lastUpdate: failedUpdate }), platform: stack() }, state: 'failed', reason: /infrastructure: the last update ended as failed/ },
    'whose platform failed': { finding: { infrastructure: infrastructure(), platform: stack({ lastUpdate: failedUpdate }) }, state: 'failed', reason: /platform: the last update/ },
    'whose platform never came up': { finding: { infrastructure: infrastructure(), platform: stack({ lastUpdate: undefined, state: { record: undefined } }) }, state: 'failed', reason: /platform: never brought up/ },
    'whose platform is of another spec': { finding: { infrastructure: infrastructure(), platform: stack({ state: { record: { ...record, spec: someSpec('alpha', { owner: 'others' }) } } }) }, state: 'failed', reason: /not of the same spec/ },
    'whose platform was dropped': { finding: { infrastructure: infrastructure(), platform: undefined }, state: 'failed', reason: /deletion has begun/, deletion: true },
    'whose destruction was interrupted in order': { finding: { infrastructure: infrastructure({ lastUpdate: { ...succeeded, kind: 'destroy', result: 'failed' } }), platform: undefined }, state: 'failed', reason: /deletion has begun/, deletion: true },
    'whose destruction was killed': { finding: { infrastructure: infrastructure({ state: { pending } }), platform: undefined }, state: 'needs-repair', reason: /interrupted/, deletion: true },
    'that never had a platform': { finding: { infrastructure: stack({ lastUpdate: failedUpdate }), platform: undefined }, published: false, state: 'failed', reason: /no platform/ },
    'that published no CA': { finding: { infrastructure: infrastructure(), platform: stack() }, published: false, state: 'failed', reason: /CA or address/ },
  };

  it.each(Object.entries(cases))('%s is told as such', (_, { finding, published, state, reason, deletion }) => {
    const { cluster, reason: told } = restored(finding, published);
    expect(cluster.state).toBe(state);
    expect(told).toMatch(reason);
    expect(cluster.conditions.map(({ type }) => type)).toEqual(deletion ? ['DeletionIncomplete'] : []);
  });

  it('that came to no outputs has the zones of its region and no connection', () => {
    const { cluster } = restored({ infrastructure: stack({ lastUpdate: { ...succeeded, result: 'failed' } }), platform: stack() });
    expect(cluster).toMatchObject({ connection: null, zones: ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'], state: 'failed' });
  });
});

describe('the stacks of a project', () => {
  it('are told by their clusters, each once in each of its stacks', () => {
    expect(clustersOf(['a-infrastructure', 'a-platform', 'b-platform', '-platform', 'other', 'c-platform-infrastructure'])).toEqual(['a', 'a', 'b', 'c-platform']);
  });

  it('that hold nothing are no cluster', () => {
    const nothing = stack({ state: { record: undefined }, lastUpdate: undefined });
    expect(isEmpty({ infrastructure: nothing, platform: nothing })).toBe(true);
    expect(isEmpty({ infrastructure: undefined, platform: undefined })).toBe(true);
    expect(isEmpty({ infrastructure: stack({ state: { record: undefined, pending } }), platform: undefined })).toBe(false);
    expect(recordOf({ infrastructure: nothing, platform: stack() })).toEqual(record);
  });
});
