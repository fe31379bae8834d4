import * as pulumi from '@pulumi/pulumi';
import type { AzureAccount } from '../../../../model/accounts.js';
import { infrastructure } from '../../../../programs/azure/index.js';
import type { InfrastructureInput } from '../../../../programs/provider.js';

/** A resource as the program declared it. */
export interface Declared {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** Runs the program without an engine and gives what it declares. Ids are `NAME-id`, principals `NAME-principal`, client ids `NAME-client`. */
export async function declaredBy(input: InfrastructureInput<AzureAccount>): Promise<Declared[]> {
  const declared: Declared[] = [];
  // The SDK keeps a stack trace for every promise; half of the time goes into them.
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 1;
  await pulumi.runtime.setMocks({
    newResource: (resource) => {
      const { type, name } = resource;
      const inputs = resource.inputs as Record<string, unknown>;
      declared.push({ type, name, inputs });
      return { id: `${name}-id`, state: { name: physicalNameIn(inputs), principalId: `${name}-principal`, clientId: `${name}-client`, keyUriWithVersion: `https://${name}/1`, ...inputs, ...computed(type, inputs) } };
    },
    // The program's one call: who the service is.
    call: () => ({ clientId: 'service-client', objectId: 'service-principal', subscriptionId: input.account.subscriptionId, tenantId: input.account.tenantId }),
  }, 'clusterwright', `${input.spec.name}-infrastructure`, false);
  const outputs = pulumi.output(await infrastructure(input)());
  await new Promise((resolve) => { outputs.apply(resolve); });
  await pulumi.runtime.disconnect();
  Error.stackTraceLimit = limit;
  return declared;
}

/** The inputs of the resources of a type, by name. */
export function inputsOf(declared: readonly Declared[], type: string): Record<string, Readonly<Record<string, unknown>>> {
  return Object.fromEntries(declared.filter((resource) => resource.type === type).map(({ name, inputs }) => [name, inputs]));
}

/** Inputs that hold the name that a resource is given, by which its property `name` comes back. */
const nameInputs = [
  'virtualNetworkPeeringName', 'virtualNetworkLinkName', 'privateDnsZoneGroupName', 'securityRuleName', 'federatedIdentityCredentialResourceName', 'containerName', 'keyName', 'subnetName',
  'relativeRecordSetName', 'flowLogName', 'managementPolicyName', 'blobServicesName', 'roleAssignmentName', 'roleName', 'vmName', 'vmScaleSetName', 'diskName', 'diskEncryptionSetName',
  'networkInterfaceName', 'loadBalancerName', 'publicIpAddressName', 'natGatewayName', 'networkSecurityGroupName', 'privateEndpointName', 'privateZoneName', 'virtualNetworkName', 'vaultName',
  'accountName', 'resourceName', 'resourceGroupName',
];

/** The name that a resource is given: the first of its inputs that is one; those of what it lies in come later. */
export function physicalNameIn(inputs: Readonly<Record<string, unknown>>): string | undefined {
  const property = nameInputs.find((name) => inputs[name] !== undefined);
  return property === undefined ? undefined : String(inputs[property]);
}

/** What the cloud adds to a resource, as far as the program reads it. */
function computed(type: string, inputs: Readonly<Record<string, unknown>>): Record<string, unknown> {
  switch (type) {
    case 'azure-native:network:LoadBalancer':
      return { frontendIPConfigurations: (inputs['frontendIPConfigurations'] as object[]).map((frontend) => ({ ...frontend, privateIPAddress: '10.20.128.4' })) };
    case 'azure-native:network:PublicIPAddress':
      return { ipAddress: '198.51.100.7' };
    case 'azure-native:compute:DiskEncryptionSet':
      return { identity: { type: 'SystemAssigned', principalId: 'disk-encryption-principal' } };
    default:
      return {};
  }
}
