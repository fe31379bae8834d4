import { describe, expect, it } from 'vitest';
import type { ClusterNode, Workload } from '../../../worker/kubernetes/client.js';
import { healthOf, unreachable } from '../../../worker/kubernetes/health.js';
import { currentReleases } from '../../../worker/kubernetes/releases.js';
import { missingNodes } from '../../../worker/operation/phases/nodes.js';
import { someSpec } from '../../support/records.js';

const at = new Date('2026-11-21T12:00:00.000Z');
const node = (name: string, role: 'cp' | 'worker', ready = true): ClusterNode => ({ name, ready, changedAt: undefined, controlPlane: role === 'cp', providerId: `aws:///eu-west-1a/i-${name}` });
const cilium = { name: 'cilium', namespace: 'kube-system', status: 'deployed', revision: 1, chartVersion: '1.19.6' };
const agent: Workload = { kind: 'DaemonSet', name: 'cilium', namespace: 'kube-system', release: 'cilium', ready: 2, desired: 2 };

describe('the health of a cluster', () => {
  it('is well when nodes, releases and workloads are', () => {
    const { observation, missing } = healthOf({ nodes: [node('a', 'cp'), node('b', 'worker')], releases: [cilium], workloads: [agent], announced: [], entrances: [] }, at);
    expect(missing).toEqual([]);
    expect(observation.conditions.map(({ type, status }) => [type, status])).toEqual([['Reachable', 'True'], ['NodesReady', 'True'], ['AddonsHealthy', 'True']]);
    expect(observation.nodes).toEqual({ controlPlane: 1, workers: 1 });
    expect(observation.addons).toEqual([{ name: 'cilium', version: '1.19.6', state: 'deployed', url: null }]);
  });

  it('names what is missing', () => {
    const { observation, missing } = healthOf({
      nodes: [node('a', 'cp'), node('b', 'worker', false)], releases: [cilium, { ...cilium, name: 'loki', status: 'pending-install' }], workloads: [{ ...agent, ready: 1 }], announced: [], entrances: [],
    }, at);
    expect(missing).toEqual(['node b is not Ready', 'release loki is pending-install', 'DaemonSet kube-system/cilium has 1 of 2 ready']);
    expect(observation.conditions.map(({ type, status }) => [type, status])).toEqual([['Reachable', 'True'], ['NodesReady', 'False'], ['AddonsHealthy', 'False']]);
    expect(observation.addons.map(({ name, state }) => [name, state])).toEqual([['cilium', 'degraded'], ['loki', 'pending']]);
  });

  it('names what Helm does not run, and is well all the same', () => {
    const announced = [{ name: 'velero', namespace: 'velero', version: '12.1.0', state: 'skipped' as const, reason: 'no chart source' }, { name: 'aws', namespace: 'kube-system', version: '1.0.0', state: 'stand-in' as const, reason: 'a script' }];
    const { observation, missing } = healthOf({ nodes: [node('a', 'cp')], releases: [cilium], workloads: [agent], announced, entrances: [] }, at);
    expect(missing).toEqual([]);
    expect(observation.conditions.find(({ type }) => type === 'AddonsHealthy')).toMatchObject({ status: 'True', message: 'velero: skipped (no chart source), aws: stand-in (a script)' });
    expect(observation.addons.map(({ name, state, reason }) => [name, state, reason])).toEqual([['aws', 'stand-in', 'a script'], ['cilium', 'deployed', undefined], ['velero', 'skipped', 'no chart source']]);
  });

  it('has Helm\'s word for an add-on that is told of twice', () => {
    const announced = [{ name: 'cilium', namespace: 'kube-system', version: '1.19.6', state: 'stand-in' as const, reason: 'no chart source' }];
    expect(healthOf({ nodes: [node('a', 'cp')], releases: [cilium], workloads: [agent], announced, entrances: [] }, at).observation.addons).toEqual([{ name: 'cilium', version: '1.19.6', state: 'deployed', url: null }]);
  });

  it('says where an add-on is reached, by its own entrance only', () => {
    const entrances = [{ namespace: 'elsewhere', release: 'cilium', url: 'https://not.example.com/' }, { namespace: 'kube-system', release: 'cilium', url: 'https://hubble.example.com/' }];
    expect(healthOf({ nodes: [node('a', 'cp')], releases: [cilium], workloads: [agent], announced: [], entrances }, at).observation.addons[0]?.url).toBe('https://hubble.example.com/');
  });

  it('is unknown when the API server does not answer, and what was seen before stands', () => {
    const before = healthOf({ nodes: [node('a', 'cp')], releases: [cilium], workloads: [agent], announced: [], entrances: [] }, at).observation;
    const now = unreachable(before, 'ECONNREFUSED', at);
    expect(now.conditions.map(({ type, status }) => [type, status])).toEqual([['Reachable', 'False'], ['NodesReady', 'Unknown'], ['AddonsHealthy', 'Unknown']]);
    expect(now.addons).toEqual(before.addons);
  });
});

describe('helm releases', () => {
  const secret = (name: string, version: number, status: string) => ({ metadata: { namespace: 'kube-system', labels: { name, status, version: String(version) } } });

  it('count by their newest revision', () => {
    expect(currentReleases([secret('cilium', 9, 'failed'), secret('cilium', 10, 'deployed'), secret('a', 1, 'deployed')])).toEqual([
      { name: 'a', namespace: 'kube-system', status: 'deployed', revision: 1, chartVersion: 'unknown' },
      { name: 'cilium', namespace: 'kube-system', status: 'deployed', revision: 10, chartVersion: 'unknown' },
    ]);
  });
});

describe('nodes that have not joined', () => {
  const spec = someSpec('demo');
  const step = (name: string, pool: string | null) => ({ node: name, role: 'worker', pool, index: null, step: 'joined', at: at.toISOString(), message: null }) as const;
  const controlPlanes = [node('c1', 'cp'), node('c2', 'cp'), node('c3', 'cp')];
  const machines = ['i-c1', 'i-c2', 'i-c3'];

  it('are counted for the control plane and for each pool', () => {
    expect(missingNodes(spec, machines, [node('c1', 'cp'), node('w1', 'worker')], [step('w1', 'general')])).toEqual(['control plane: 1 of 3 nodes have joined', 'pool general: 1 of 3 nodes have joined']);
  });

  it('are none when each pool has at least its smallest number, Ready or not', () => {
    const workers = ['w1', 'w2', 'w3', 'w4'];
    expect(missingNodes(spec, machines, [...controlPlanes, ...workers.map((name) => node(name, 'worker', false))], workers.map((name) => step(name, 'general')))).toEqual([]);
  });

  it('are not those whose control-plane machine is another by now', () => {
    const workers = ['w1', 'w2', 'w3'];
    const joined = [...controlPlanes, ...workers.map((name) => node(name, 'worker'))];
    expect(missingNodes(spec, ['i-c1', 'i-c2', 'i-new'], joined, workers.map((name) => step(name, 'general')))).toEqual(['control plane: 2 of 3 nodes have joined']);
  });
});
