import { describe, expect, it } from 'vitest';
import { standIns } from '../../../sandbox/kubernetes/provider/stand-ins/index.js';
import { valuesOf } from '../../../programs/platform/values/index.js';
import { inputOf, specOf } from '../platform/clusters.js';

const networks = ['cilium', 'tigera-operator', 'flannel'] as const;
const objectsFor = (name: (typeof networks)[number] | 'aws-vpc-cni') => standIns.get(name)?.objects({
  name, namespace: 'default', version: '1.0.0', values: valuesOf(name, inputOf(specOf('production'))), endpoint: { host: 'api.test.clusterwright.internal', port: '6443' }, kubernetes: 'v1.35.4',
}) ?? [];
const kindsOf = (name: Parameters<typeof objectsFor>[0]) => objectsFor(name).filter(({ kind }) => kind === 'CustomResourceDefinition').map(({ metadata }) => metadata.name);

describe('stand-ins for pod networks', () => {
  it.each(networks)('take the pod network from the values that %s gets', (name) => {
    expect(objectsFor(name).find(({ metadata }) => metadata.name === 'sandbox-pod-networks')).toMatchObject({ data: { _all: specOf('production').network.podCidr } });
  });

  it('give pods a network of their own in the place of Amazon\'s, which would take addresses of the machines', () => {
    expect(objectsFor('aws-vpc-cni').find(({ metadata }) => metadata.name === 'sandbox-pod-networks')).toMatchObject({ data: { _all: '100.64.0.0/16' } });
  });

  it('bring the kinds that policies of the platform are of', () => {
    expect(kindsOf('cilium')).toEqual(['ciliumclusterwidenetworkpolicies.cilium.io']);
    expect(kindsOf('tigera-operator')).toEqual(['tiers.crd.projectcalico.org', 'globalnetworkpolicies.crd.projectcalico.org']);
    expect(kindsOf('flannel')).toEqual([]);
  });

  it('bring kube-proxy where the platform does not', () => {
    const withKubeProxy = ([...networks, 'aws-vpc-cni'] as const).filter((name) => JSON.stringify(objectsFor(name)).includes('kube-proxy'));
    expect(withKubeProxy).toEqual(['cilium', 'tigera-operator']);
  });
});
