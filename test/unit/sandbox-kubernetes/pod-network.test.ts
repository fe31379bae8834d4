import { describe, expect, it } from 'vitest';
import { standIns } from '../../../sandbox/kubernetes/provider/stand-ins/index.js';
import { valuesOf } from '../../../programs/platform/values/index.js';
import { inputOf, specOf } from '../platform/clusters.js';

const objectsFor = (name: 'cilium' | 'tigera-operator') => standIns.get(name)?.objects({
  name, namespace: 'default', version: '1.0.0', values: valuesOf(name, inputOf(specOf('production'))), endpoint: { host: 'api.test.clusterwright.internal', port: '6443' }, kubernetes: 'v1.35.4',
}) ?? [];
const kindsOf = (name: Parameters<typeof objectsFor>[0]) => objectsFor(name).filter(({ kind }) => kind === 'CustomResourceDefinition').map(({ metadata }) => metadata.name);

describe('stand-ins for pod networks', () => {
  it.each(['cilium', 'tigera-operator'] as const)('take the pod network from the values that %s gets', (name) => {
    expect(objectsFor(name).find(({ metadata }) => metadata.name === 'sandbox-pod-networks')).toMatchObject({ data: { _all: specOf('production').network.podCidr } });
  });

  it('bring the kinds that policies of the platform are of', () => {
    expect(kindsOf('cilium')).toEqual(['ciliumclusterwidenetworkpolicies.cilium.io']);
    expect(kindsOf('tigera-operator')).toEqual(['tiers.crd.projectcalico.org', 'globalnetworkpolicies.crd.projectcalico.org']);
  });
});
