import { describe, expect, it } from 'vitest';
import { kubernetesVersions } from '../../../model/spec.js';
import { valuesOf } from '../../../programs/platform/values/index.js';
import { azureInputOf, inputOf as awsInputOf } from '../../support/infrastructure-input.js';
import { declaredBy as declaredOnAws, inputsOf as awsInputsOf } from '../programs/aws/declared.js';
import { declaredBy as declaredOnAzure, inputsOf as azureInputsOf, physicalNameIn } from '../programs/azure/declared.js';
import { inputOf, specOf } from './clusters.js';

const pools = ['general', 'memory'].map((name) => ({ name, machineType: 'm7i.xlarge', minNodes: 0, maxNodes: 9, diskGiB: 100 }));

describe('cluster autoscaler', () => {
  it('finds every pool of its cluster on aws, by the id that no other cluster has', async () => {
    const spec = specOf('production', { nodePools: pools });
    const { autoDiscovery } = valuesOf('cluster-autoscaler', inputOf(spec)) as { autoDiscovery: { tags: string[] } };
    expect(autoDiscovery.tags).toEqual(['k8s.io/cluster-autoscaler/enabled', 'clusterwright:uid=abc123def456']);

    const groups = Object.values(awsInputsOf(await declaredOnAws(awsInputOf(spec, { uid: 'abc123def456' })), 'aws:autoscaling/group:Group'));
    expect(groups).toHaveLength(pools.length);
    for (const group of groups) {
      const tags = (group['tags'] as { key: string; value: string }[]).flatMap(({ key, value }) => [key, `${key}=${value}`]);
      expect(tags).toEqual(expect.arrayContaining(autoDiscovery.tags));
    }
  }, 30_000);

  it('finds every pool of its cluster on azure, in the resource group that is the cluster\'s alone', async () => {
    const spec = specOf('production', { nodePools: pools.map((pool) => ({ ...pool, machineType: 'Standard_D4s_v5' })) }, 'azure');
    const declared = await declaredOnAzure(azureInputOf(spec, { uid: 'abc123def456' }));
    const group = physicalNameIn(Object.values(azureInputsOf(declared, 'azure-native:resources:ResourceGroup'))[0] ?? {});
    const values = valuesOf('cluster-autoscaler', inputOf(spec));
    expect(values).toMatchObject({ cloudProvider: 'azure', azureResourceGroup: group, azureVMType: 'vmss', autoDiscovery: { clusterName: 'payments-prod' } });
    expect(values['autoDiscovery']).not.toHaveProperty('tags');

    // What the chart looks for on Azure.
    const sets = Object.values(azureInputsOf(declared, 'azure-native:compute:VirtualMachineScaleSet'));
    expect(sets).toHaveLength(pools.length);
    for (const set of sets) expect(set['tags']).toMatchObject({ 'cluster-autoscaler-enabled': 'true', 'cluster-autoscaler-name': 'payments-prod', min: '0', max: '9' });
  }, 30_000);

  it.each(kubernetesVersions)('is of the minor of a cluster of Kubernetes %s', (kubernetesVersion) => {
    const { image } = valuesOf('cluster-autoscaler', inputOf(specOf('production', { kubernetesVersion }))) as { image: { tag: string } };
    expect(image.tag).toMatch(new RegExp(`^v${kubernetesVersion.replace('.', '\\.')}\\.\\d+$`));
  });

  it('signs in with the token of its service account, and with no key', () => {
    for (const provider of ['aws', 'azure'] as const) {
      const values = valuesOf('cluster-autoscaler', inputOf(specOf('production', {}, provider)));
      expect(Object.keys(values['extraEnv'] as object)).toContain({ aws: 'AWS_WEB_IDENTITY_TOKEN_FILE', azure: 'AZURE_FEDERATED_TOKEN_FILE' }[provider]);
      expect(Object.keys(values).filter((key) => /secret|accesskey|clientid/i.test(key))).toEqual([]);
    }
  });
});
