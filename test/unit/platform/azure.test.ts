import { describe, expect, it } from 'vitest';
import { azureInputOf } from '../../support/infrastructure-input.js';
import { azureCloudConfig, cloudConfigSecrets, tokenFiles } from '../../../programs/platform/cloud-config.js';
import { valuesOf } from '../../../programs/platform/values/index.js';
import { identityParts } from '../../../programs/platform/workload-identity.js';
import { declaredBy, inputsOf, physicalNameIn } from '../programs/azure/declared.js';
import { inputOf, specOf } from './clusters.js';

const spec = specOf('production', {}, 'azure');
const input = inputOf(spec);

describe('configuration of azure controllers', () => {
  it('names what the infrastructure program makes', async () => {
    const declared = await declaredBy(azureInputOf(spec));
    const nameOf = (type: string, name: string) => physicalNameIn(inputsOf(declared, `azure-native:${type}`)[name] ?? {});
    expect(azureCloudConfig('cloud-provider-azure', input)).toMatchObject({
      resourceGroup: nameOf('resources:ResourceGroup', 'group'),
      vnetName: nameOf('network:VirtualNetwork', 'network'),
      subnetName: nameOf('network:Subnet', 'subnet-workers'),
      securityGroupName: nameOf('network:NetworkSecurityGroup', 'security-group-workers'),
      location: 'westeurope',
    });
  }, 30_000);

  it('signs each controller in as itself, with the token that its pods get, and with no secret', () => {
    for (const [addon, identity] of [['cloud-provider-azure', 'cloud-controller-manager'], ['azuredisk-csi-driver', 'disk-csi']] as const) {
      const config = azureCloudConfig(addon, input);
      expect(config).toMatchObject({ useFederatedWorkloadIdentityExtension: true, aadClientId: input.infrastructure.addonIdentities[identity], aadFederatedTokenFile: tokenFiles[addon] });
      expect(Object.keys(config).filter((key) => /secret|password|useManagedIdentity/i.test(key))).toEqual([]);
      expect(JSON.stringify(valuesOf(addon, input))).toContain(`"cloudConfigSecretName":"${cloudConfigSecrets[addon]}"`);
    }
    const driver = valuesOf('azuredisk-csi-driver', input) as { controller: { extraVolumeMounts: { mountPath: string }[] } };
    expect(driver.controller.extraVolumeMounts.map(({ mountPath }) => `${mountPath}/token`)).toEqual([tokenFiles['azuredisk-csi-driver']]);
  });

  it('asks for rights on no machine: backends are addresses', () => {
    expect(azureCloudConfig('cloud-provider-azure', input)).toMatchObject({ loadBalancerBackendPoolConfigurationType: 'nodeIP', loadBalancerSku: 'standard', disableOutboundSNAT: true });
  });
});

describe('workload identity on azure', () => {
  it('projects a token for Microsoft Entra ID and says who the pod is', () => {
    expect(identityParts('velero', input)).toEqual({
      env: [
        { name: 'AZURE_CLIENT_ID', value: input.infrastructure.addonIdentities.velero },
        { name: 'AZURE_TENANT_ID', value: '7e4a4700-0000-4000-8000-000000000001' },
        { name: 'AZURE_FEDERATED_TOKEN_FILE', value: '/var/run/secrets/clusterwright/identity/token' },
        { name: 'AZURE_AUTHORITY_HOST', value: 'https://login.microsoftonline.com/' },
      ],
      volumes: [{ name: 'cloud-identity', projected: { sources: [{ serviceAccountToken: { audience: 'api://AzureADTokenExchange', expirationSeconds: 3600, path: 'token' } }] } }],
      mounts: [{ name: 'cloud-identity', mountPath: '/var/run/secrets/clusterwright/identity', readOnly: true }],
    });
  });

  it('keeps backups and logs in the private container, without the account\'s keys', () => {
    expect(valuesOf('velero', input)).toMatchObject({
      initContainers: [{ name: 'velero-plugin-for-microsoft-azure' }],
      credentials: { useSecret: false },
      configuration: {
        backupStorageLocation: [{
          provider: 'azure', bucket: 'cluster',
          config: { storageAccount: 'paymentsprabc123backups', storageAccountURI: 'https://paymentsprabc123backups.blob.core.windows.net', useAAD: 'true' },
        }],
      },
    });
    expect(valuesOf('loki', input)).toMatchObject({
      loki: { storage: { type: 'azure', bucketNames: { chunks: 'cluster' }, object_store: { type: 'azure', azure: { account_name: 'paymentsprabc123backups' } } }, compactor: { delete_request_store: 'azure' } },
    });
  });
});
