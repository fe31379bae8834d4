import { describe, expect, it } from 'vitest';
import { obstaclesIn, type Obstacles } from '../../../../worker/kubernetes/obstacles.js';
import { factsIn } from '../../../../worker/kubernetes/server-metrics.js';
import { readinessOf, type BeforeUpgrade } from '../../../../worker/operation/upgrade/readiness.js';

const now = new Date('2026-11-29T12:00:00Z');
const node = (name: string, ready = true, controlPlane = false) => ({ name, ready, changedAt: undefined, controlPlane, providerId: undefined });
const well: Obstacles = { nodes: [node('a')], budgets: [], webhooks: [] };
const backup = (at: string) => ({ id: 'etcd/x', of: 'etcd' as const, at, sizeBytes: 1, sha256: '', kubernetesRelease: '1.34.4', members: [] });
const quiet = { deprecated: [], etcdBytes: 2 ** 30 };
const zones = ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'];
const machines = { provider: 'aws', region: 'eu-west-1', controlPlane: { machineType: 'm7i.large' }, nodePools: [{ machineType: 'm7i.xlarge' }] } as unknown as BeforeUpgrade['machines'];
const offers = (controlPlane: readonly string[], pool: readonly string[]) => new Map([['m7i.large', new Set(controlPlane)], ['m7i.xlarge', new Set(pool)]]);
const before: BeforeUpgrade = {
  machines, offers: offers(zones, zones), obstacles: well, servers: quiet, releases: [], authorityUntil: new Date('2036-11-29T12:00:00Z'), rollout: { controlPlane: '1.34', pools: '1.34', surge: false }, withinMinor: false, inPlace: false, backups: [backup('2026-11-29T11:30:00Z')] };
const states = (given: BeforeUpgrade, wanted: '1.34' | '1.35' | '1.36' = '1.35') => Object.fromEntries(readinessOf(given, wanted, now).checks.map(({ check, state }) => [check, state]));

describe('the readiness for an upgrade', () => {
  it('is there where nothing is in its way', () => {
    expect(new Set(Object.values(states(before)))).toEqual(new Set(['ok']));
  });

  it('is not there for a minor that machines cannot reach in one step, or not any more', () => {
    expect(states(before, '1.36')['version']).toBe('stop');
    expect(states({ ...before, rollout: { controlPlane: '1.35', pools: '1.34', surge: true } })['version']).toBe('ok');
    expect(states({ ...before, rollout: { controlPlane: '1.35', pools: '1.34', surge: true } }, '1.36')['version']).toBe('stop');
    expect(states({ ...before, rollout: { controlPlane: '1.35', pools: '1.35', surge: false } }, '1.34')['version']).toBe('stop');
  });

  it('is there within a minor once an upgrade to it has come to its end, and while machines are replaced within it', () => {
    const within = (rollout: BeforeUpgrade['rollout']) => states({ ...before, withinMinor: true, rollout })['version'];
    expect([within({ controlPlane: '1.35', pools: '1.35', surge: false }), within({ controlPlane: '1.35', pools: '1.35', surge: true })]).toEqual(['ok', 'ok']);
    expect([within({ controlPlane: '1.35', pools: '1.34', surge: false }), within({ controlPlane: '1.34', pools: '1.34', surge: false })]).toEqual(['stop', 'stop']);
  });

  it('wants machines to be had: of control planes in every zone, of a pool in any', () => {
    const given = (controlPlane: readonly string[], pool: readonly string[]) => states({ ...before, offers: offers(controlPlane, pool) })['machines'];
    expect([given(zones, zones), given(zones, zones.slice(1)), given(zones, []), given(zones.slice(1), zones)]).toEqual(['ok', 'warn', 'stop', 'stop']);
    expect(states({ ...before, offers: new Error('refused') })['machines']).toBe('warn');
    expect(states({ ...before, inPlace: true, offers: offers([], []) })['machines']).toBe('warn');
    expect(readinessOf({ ...before, offers: offers(zones, zones.slice(1)) }, '1.35', now).checks.find(({ check }) => check === 'machines')?.detail).toBe('The cloud does not offer the machines everywhere: m7i.xlarge not in eu-west-1a.');
  });

  it('wants every control plane Ready, and tells of workers that are not', () => {
    expect(states({ ...before, obstacles: { ...well, nodes: [node('a', false, true)] } })['nodes']).toBe('stop');
    expect(states({ ...before, obstacles: { ...well, nodes: [node('a', false)] } })['nodes']).toBe('warn');
    expect(states({ ...before, obstacles: undefined })['nodes']).toBe('stop');
  });

  it('tells of budgets and backups, and does not begin where a webhook would refuse every pod', () => {
    expect(states({ ...before, obstacles: { ...well, budgets: ['default/web'], webhooks: ['a of b'] } })).toMatchObject({ 'disruption-budgets': 'warn', webhooks: 'stop' });
    expect(states({ ...before, backups: [] })['backups']).toBe('warn');
    expect(states({ ...before, backups: [backup('2026-11-27T11:30:00Z')] })['backups']).toBe('warn');
  });
});

describe('what API servers tell before an upgrade', () => {
  it('stops it where somebody uses what the new minor has not, and tells of what a later one has not', () => {
    const text = (removed: string) => `apiserver_requested_deprecated_apis{group="flowcontrol.apiserver.k8s.io",removed_release="${removed}",resource="flowschemas",subresource="",version="v1beta3"} 1\n`;
    expect(states({ ...before, servers: factsIn(['', text('1.35')]) })['deprecated-apis']).toBe('stop');
    expect(states({ ...before, servers: factsIn([text('1.36'), '']) })['deprecated-apis']).toBe('warn');
    expect(readinessOf({ ...before, servers: factsIn([text('1.35')]) }, '1.35', now).checks.find(({ check }) => check === 'deprecated-apis')?.detail).toContain('flowcontrol.apiserver.k8s.io/v1beta3/flowschemas');
  });

  it('is about how full etcd is, where they say so, and how long the authority lasts', () => {
    const full = (bytes: number) => states({ ...before, servers: factsIn([`apiserver_storage_size_bytes{storage_cluster_id="etcd-0"} ${bytes}`]) })['etcd'];
    expect([1e6, 5e9, 8.5e9].map(full)).toEqual(['ok', 'warn', 'stop']);
    for (const check of ['etcd', 'deprecated-apis']) expect(states({ ...before, servers: factsIn(['']) })).not.toHaveProperty(check);
    expect(states({ ...before, servers: factsIn(['up 1']) })['deprecated-apis']).toBe('ok');
    const until = (time: string) => states({ ...before, authorityUntil: new Date(time) })['certificates'];
    expect([until('2027-03-01T00:00:00Z'), until('2026-12-01T00:00:00Z')]).toEqual(['warn', 'stop']);
  });
});

describe('the add-ons of a cluster that is to be upgraded', () => {
  const release = (name: string, kubernetes?: string) => ({ name, namespace: 'tools', revision: 1, status: 'deployed', chartVersion: '1.0.0', ...(kubernetes === undefined ? {} : { kubernetes }) });
  const check = (...releases: readonly ReturnType<typeof release>[]) => readinessOf({ ...before, releases }, '1.35', now).checks.find((one) => one.check === 'add-ons');

  it.each(['>=1.25.0-0', '>= 1.22.0-0, < 1.40.0', '^1.30.0-0', '1.34.x || 1.35.x', '*'])('are for the new minor where the chart says %s', (range) => {
    expect(check(release('a', range), release('b'))).toMatchObject({ state: 'ok', detail: expect.stringContaining('Of 2 Helm releases, 1 say') as string });
  });

  it.each(['<1.35.0-0', '>=1.25.0, <1.35', '~1.34.0', '>=1.36.0-0'])('are told of where it says %s', (range) => {
    expect(check(release('a', range))).toMatchObject({ state: 'warn', detail: expect.stringContaining(`tools/a 1.0.0 (for ${range})`) as string });
  });

  it('are told of where nobody can read what it says, and nothing is said where the API server does not answer', () => {
    expect(check(release('a', '!=1.30.0'))).toMatchObject({ state: 'warn', detail: expect.stringContaining('cannot be read') as string });
    expect(readinessOf({ ...before, releases: undefined }, '1.35', now).checks.some((one) => one.check === 'add-ons')).toBe(false);
  });
});

describe('what may hold up an upgrade in a cluster', () => {
  it('are budgets that allow nothing and webhooks without anybody who answers', async () => {
    const webhook = (name: string, service: string, failurePolicy?: string) => ({ name, ...(failurePolicy === undefined ? {} : { failurePolicy }), clientConfig: { service: { name: service, namespace: 'policy' } } });
    const lists: Record<string, unknown[]> = {
      poddisruptionbudgets: [
        { metadata: { name: 'held', namespace: 'web' }, status: { disruptionsAllowed: 0, expectedPods: 2 } },
        { metadata: { name: 'free', namespace: 'web' }, status: { disruptionsAllowed: 1, expectedPods: 2 } }, { metadata: { name: 'none', namespace: 'web' }, status: { disruptionsAllowed: 0, expectedPods: 0 } },
      ],
      validatingwebhookconfigurations: [{ metadata: { name: 'checks' }, webhooks: [webhook('lost.example', 'gone'), webhook('lenient.example', 'gone', 'Ignore'), webhook('there.example', 'there')] }],
      mutatingwebhookconfigurations: [], endpointslices: [
        { metadata: { name: 'there-1', namespace: 'policy', labels: { 'kubernetes.io/service-name': 'there' } }, endpoints: [{ conditions: { ready: true } }] },
        { metadata: { name: 'gone-1', namespace: 'policy', labels: { 'kubernetes.io/service-name': 'gone' } }, endpoints: [{ conditions: { ready: false } }] },
      ],
    };
    const client: Parameters<typeof obstaclesIn>[0] = {
      nodes: () => Promise.resolve([]),
      objects: (path, item) => Promise.resolve((lists[path.slice(path.lastIndexOf('/') + 1)] ?? []).map((one) => item.parse(one))),
    };

    expect(await obstaclesIn(client)).toEqual({ nodes: [], budgets: ['web/held'], webhooks: ['lost.example of checks'] });
  });
});
