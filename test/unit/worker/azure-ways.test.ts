import { beforeAll, describe, expect, it } from 'vitest';
import { ways } from '../../../worker/cloud/azure/finding/ways.js';
import { apiVersionOf, armId, azureTypes, kindOfId } from '../../../worker/cloud/azure/types.js';
import { azureInputOf, azureSandboxAccount, specOf } from '../../support/infrastructure-input.js';
import { declaredBy, type Declared } from '../programs/azure/declared.js';

const { subscriptionId } = azureSandboxAccount;
/** What a program declares that has everything that a spec can ask for. */
let everything: readonly Declared[];
beforeAll(async () => {
  everything = await declaredBy(azureInputOf(await specOf('hardened', { provider: 'azure', region: 'westeurope', network: { apiServer: { public: true, allowedCidrs: ['203.0.113.0/24'] } } })));
}, 60_000);
const group = `/subscriptions/${subscriptionId}/resourceGroups/demo-abc123-group`;

describe('the ways to find on Azure what a state does not know', () => {
  it('are there for every type that the program uses, and for no other', () => {
    const used = new Set(everything.map(({ type }) => type).filter((type) => type.startsWith('azure-native:')));
    expect(Object.keys(ways).sort()).toEqual([...used].sort());
  });

  it('make of every declaration an id of its own, from names that are all given', () => {
    const declared = everything.filter(({ type }) => ways[type]?.by === 'id');
    const ids = declared.map((resource) => armId(subscriptionId, resource));
    expect(declared.filter((_, index) => ids[index] === undefined).map(({ type, name }) => `${type} ${name}`)).toEqual([]);
    expect(new Set(ids.map((id) => id?.toLowerCase())).size).toBe(ids.length);
    expect(ids.map((id) => kindOfId(id ?? ''))).toEqual(declared.map(({ type }) => type));
  });

  it('know nothing of what hangs on something that is not there yet', () => {
    expect(armId(subscriptionId, { type: 'azure-native:authorization:RoleAssignment', inputs: { roleAssignmentName: 'a' } })).toBeUndefined();
    expect(armId(subscriptionId, { type: 'azure-native:unknown:Thing', inputs: {} })).toBeUndefined();
  });
});

describe('the kind of an id', () => {
  it.each([
    [group, 'azure-native:resources:ResourceGroup'],
    [`${group}/providers/Microsoft.Network/virtualNetworks/n`, 'azure-native:network:VirtualNetwork'],
    [`${group.toLowerCase()}/providers/microsoft.network/virtualnetworks/n/subnets/s`, 'azure-native:network:Subnet'],
    [`${group}/providers/Microsoft.KeyVault/vaults/v/providers/Microsoft.Authorization/roleAssignments/a`, 'azure-native:authorization:RoleAssignment'],
    [`/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/d`, 'azure-native:authorization:RoleDefinition'],
    [`${group}/providers/Microsoft.Compute/snapshots/s`, 'Microsoft.Compute/snapshots'],
  ])('%s is %s', (id, kind) => {
    expect(kindOfId(id)).toBe(kind);
  });

  it('tells how it is read', () => {
    expect(apiVersionOf(`${group}/providers/Microsoft.Compute/disks/d`)).toBe(azureTypes['azure-native:compute:Disk']?.apiVersion);
    expect(apiVersionOf(`${group}/providers/Microsoft.Compute/snapshots/s`)).toBeUndefined();
  });
});
