import { describe, expect, it } from 'vitest';
import { familyUsage, vcpusByUsage } from '../../../worker/cloud/azure/quotas.js';
import { specOf } from '../../support/infrastructure-input.js';

describe('the vCPUs of a cluster on Azure', () => {
  it.each([
    ['Standard_D4s_v5', 'standarddsv5family'],
    ['Standard_D4ads_v5', 'standarddadsv5family'],
    ['Standard_F8s_v2', 'standardfsv2family'],
    ['Standard_B2ms', 'standardbsfamily'],
    ['Standard_B2as_v2', 'standardbasv2family'],
  ])('of the size %s count for %s', (size, usage) => {
    expect(familyUsage(size)).toBe(usage);
  });

  it('are those of the control plane and of each pool\'s first machines, for the region and for each family', async () => {
    const spec = await specOf('production', {
      provider: 'azure', region: 'westeurope', controlPlane: { replicas: 3, machineType: 'Standard_D4s_v5' },
      nodePools: [{ name: 'general', machineType: 'Standard_D8s_v5', minNodes: 3, maxNodes: 9 }, { name: 'memory', machineType: 'Standard_E4s_v5', minNodes: 1, maxNodes: 3 }],
    });
    expect(Object.fromEntries(vcpusByUsage(spec))).toEqual({ cores: 12 + 24 + 4, standarddsv5family: 36, standardesv5family: 4 });
  });
});
