import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as types from '../../../sandbox/azure/types/tokens.js';
import type { PropertyMap } from '../../../sandbox/protocol/index.js';
import { group, machine, networkInterface, openGround, place, scaleSet, tags } from './azure-ground.js';

let azure: Awaited<ReturnType<typeof openGround>>;
beforeEach(async () => {
  azure = await openGround();
});
afterEach(() => azure.close());

const inventory = () => azure.sandbox.inventory;
const nic = async (name: string) => (await azure.create(types.networkInterface, networkInterface(name, azure.subnetId))).id;
const disk = async (diskName: string, more: PropertyMap = {}) => (await azure.create(types.disk, { ...place, diskName, sku: { name: 'Premium_LRS' }, zones: ['1'], diskSizeGB: 32, creationData: { createOption: 'Empty' }, ...more })).id;
const attached = (id: string, deleteOption = 'Detach'): PropertyMap => ({ ...machine('x', '')['storageProfile'] as PropertyMap, osDisk: { createOption: 'FromImage', deleteOption: 'Delete', name: 'cp-1-os' }, dataDisks: [{ lun: 0, createOption: 'Attach', deleteOption, managedDisk: { id } }] });

describe('azure virtual machine', () => {
  it('takes its OS disk and interface along, and leaves a disk that is to be detached', async () => {
    const [interfaceId, diskId] = [await nic('cp-1'), await disk('etcd')];
    const { id } = await azure.create(types.virtualMachine, machine('cp-1', interfaceId, {}, attached(diskId)));
    const osDisk = `${group}/providers/Microsoft.Compute/disks/cp-1-os`;
    expect(inventory().get(types.disk, osDisk)).toMatchObject({ cluster: 'demo', outputs: { managedBy: id } });
    await expect(azure.delete(types.networkInterface, interfaceId)).rejects.toThrow(/Code="NicInUse"/);
    await expect(azure.delete(types.disk, diskId)).rejects.toThrow(/Status=409 Code="OperationNotAllowed".*is attached to VM/);
    await azure.delete(types.virtualMachine, id);
    expect([osDisk, diskId].map((one) => inventory().get(types.disk, one)?.id)).toEqual([undefined, diskId]);
    expect(inventory().get(types.networkInterface, interfaceId)).toBeUndefined();
    // What the machine took along is gone already when the engine comes to it.
    await azure.delete(types.networkInterface, interfaceId);
  });

  it('shows nothing that could hold secrets', async () => {
    const { outputs } = await azure.create(types.virtualMachine, machine('cp-1', await nic('cp-1')));
    expect(outputs['osProfile']).not.toHaveProperty('customData');
    expect(outputs).toMatchObject({ vmId: expect.any(String) as string, zones: ['1'], osProfile: { computerName: 'cp-1' } });
  });

  it('says which version it was made from where it asked for the latest, and goes on saying so', async () => {
    const inputs = machine('cp-1', await nic('cp-1'));
    const { id } = await azure.create(types.virtualMachine, inputs);
    azure.sandbox.ubuntu.publish();
    await azure.update(types.virtualMachine, id, { ...inputs, hardwareProfile: { vmSize: 'Standard_D8s_v5' } });
    const { id: later } = await azure.create(types.virtualMachine, machine('cp-2', await nic('cp-2')));

    const version = (one: string) => ((inventory().get(types.virtualMachine, one)?.outputs['storageProfile'] as PropertyMap)['imageReference'] as PropertyMap)['exactVersion'];
    expect(version(id)).toBe('24.04.202611030');
    expect(version(later)).toMatch(/^24\.04\.2\d{8}$/);
    expect(version(later)).not.toBe(version(id));
  });

  it('refuses an interface and a disk that another machine has, and a disk of another zone', async () => {
    const [interfaceId, diskId, far] = [await nic('cp-1'), await disk('etcd'), await disk('far', { zones: ['2'] })];
    await azure.create(types.virtualMachine, machine('cp-1', interfaceId, {}, attached(diskId)));
    await expect(azure.create(types.virtualMachine, machine('cp-2', interfaceId))).rejects.toThrow(/NicInUse/);
    const second = (id: string) => machine('cp-2', '', { networkProfile: { networkInterfaces: [{ id: `${group}/providers/Microsoft.Network/networkInterfaces/cp-2` }] } }, { ...attached(id), osDisk: { createOption: 'FromImage' } });
    await nic('cp-2');
    await expect(azure.create(types.virtualMachine, second(diskId))).rejects.toThrow(/ConflictingUserInput.*already owned by VM/);
    await expect(azure.create(types.virtualMachine, second(far))).rejects.toThrow(/not in zone '1'/);
  });

  it.each<[string, PropertyMap, PropertyMap, RegExp]>([
    ['a size that is none', { hardwareProfile: { vmSize: 'm7i.large' } }, {}, /be a VM size such as Standard_D4s_v5/],
    ['two zones', { zones: ['1', '2'] }, {}, /0 to 1 members/],
    ['an administrator named root', { osProfile: { computerName: 'x', adminUsername: 'root', adminPassword: 'x' } }, {}, /Admin Username root is not allowed/],
    ['no way to sign in', { osProfile: { computerName: 'x', adminUsername: 'clusterwright', linuxConfiguration: { disablePasswordAuthentication: true } } }, {}, /either SSH or by user name and password/],
    ['custom data that is no Base64', { osProfile: { computerName: 'x', adminUsername: 'clusterwright', adminPassword: 'x', customData: '#cloud-config' } }, {}, /Custom data must be Base64/],
    ['custom data that is too long', { osProfile: { computerName: 'x', adminUsername: 'clusterwright', adminPassword: 'x', customData: Buffer.alloc(65_536).toString('base64') } }, {}, /limited to 65535 bytes, has 65536/],
    ['half an image', {}, { imageReference: { publisher: 'Canonical' } }, /publisher, offer, sku and version/],
    ['two disks at one lun', {}, { dataDisks: [{ lun: 0, createOption: 'Empty' }, { lun: 0, createOption: 'Empty' }] }, /cannot share a lun/],
  ])('refuses %s', async (_what, more, storage, reason) => {
    await expect(azure.create(types.virtualMachine, machine('x', await nic('x'), more, storage))).rejects.toThrow(reason);
  });

  it('can be resized, but neither moved to another zone nor given other custom data', async () => {
    const given = machine('cp-1', await nic('cp-1'));
    const { id } = await azure.create(types.virtualMachine, given);
    await azure.update(types.virtualMachine, id, { ...given, hardwareProfile: { vmSize: 'Standard_D8s_v5' } });
    await expect(azure.update(types.virtualMachine, id, { ...given, zones: ['2'] })).rejects.toThrow(/PropertyChangeNotAllowed.*'zones'/);
    const osProfile = { ...given['osProfile'] as PropertyMap, customData: Buffer.from('other').toString('base64') };
    await expect(azure.update(types.virtualMachine, id, { ...given, osProfile })).rejects.toThrow(/Status=409 Code="PropertyChangeNotAllowed" Message="Changing property 'osProfile.customData' is not allowed/);
  });

  it('has only identities that exist, and shows their principals', async () => {
    const identityId = `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/control-plane`;
    const given = machine('cp-1', await nic('cp-1'), { identity: { type: 'UserAssigned', userAssignedIdentities: [identityId] } });
    await expect(azure.create(types.virtualMachine, given)).rejects.toThrow(/FailedIdentityOperation/);
    const { outputs: identity } = await azure.create(types.userAssignedIdentity, { ...place, resourceName: 'control-plane' });
    const { outputs } = await azure.create(types.virtualMachine, given);
    expect(outputs['identity']).toEqual({ type: 'UserAssigned', userAssignedIdentities: { [identityId]: { clientId: identity['clientId'], principalId: identity['principalId'] } } });
  });
});

describe('azure scale set', () => {
  const instances = () => inventory().ofType(types.virtualMachineScaleSetVm).map(({ outputs }) => outputs);

  it('holds as many instances as its capacity says, over its zones, and takes them along', async () => {
    const { id } = await azure.create(types.virtualMachineScaleSet, scaleSet('general', azure.subnetId, 3));
    expect(instances()).toMatchObject([
      { instanceId: '0', name: 'general_0', zones: ['1'], osProfile: { computerName: 'demo-general-000000' } },
      { instanceId: '1', name: 'general_1', zones: ['2'], osProfile: { computerName: 'demo-general-000001' } },
      { instanceId: '2', name: 'general_2', zones: ['3'], osProfile: { computerName: 'demo-general-000002' } },
    ]);
    expect(inventory().get(types.virtualMachineScaleSetVm, `${id}/virtualMachines/0`)).toMatchObject({ cluster: 'demo', resource: 'pool-general', parent: { id } });
    await expect(azure.delete(types.subnet, azure.subnetId)).rejects.toThrow(/InUseSubnetCannotBeDeleted/);
    await azure.delete(types.virtualMachineScaleSet, id);
    expect(inventory().list('demo').map(({ type }) => type).sort()).toEqual([types.subnet, types.virtualNetwork, types.resourceGroup]);
  });

  it('follows its capacity, keeps it where nothing is said, and makes none in place of a deleted one', async () => {
    const { id } = await azure.create(types.virtualMachineScaleSet, scaleSet('general', azure.subnetId, 2));
    await azure.update(types.virtualMachineScaleSet, id, scaleSet('general', azure.subnetId, 4));
    expect(instances()).toHaveLength(4);
    await azure.delete(types.virtualMachineScaleSetVm, `${id}/virtualMachines/3`);
    expect(inventory().get(types.virtualMachineScaleSet, id)?.outputs['sku']).toMatchObject({ capacity: 3 });
    await azure.update(types.virtualMachineScaleSet, id, scaleSet('general', azure.subnetId, undefined));
    expect(instances().map(({ instanceId }) => instanceId)).toEqual(['0', '1', '2']);
    await azure.update(types.virtualMachineScaleSet, id, scaleSet('general', azure.subnetId, 4));
    expect(instances().map(({ instanceId }) => instanceId)).toEqual(['0', '1', '2', '4']);
  });

  it('leaves running instances as they are when its model changes', async () => {
    const { id } = await azure.create(types.virtualMachineScaleSet, scaleSet('general', azure.subnetId, 1));
    await azure.update(types.virtualMachineScaleSet, id, { ...scaleSet('general', azure.subnetId, 2), sku: { name: 'Standard_D8s_v5', capacity: 2 } });
    expect(instances().map(({ hardwareProfile }) => hardwareProfile)).toEqual([{ vmSize: 'Standard_D4s_v5' }, { vmSize: 'Standard_D8s_v5' }]);
  });

  it.each<[string, PropertyMap, RegExp]>([
    ['more instances than a placement group holds', { sku: { name: 'Standard_D4s_v5', capacity: 101 } }, /at most 100 instances/],
    ['two fault domains over zones', { platformFaultDomainCount: 2 }, /1 or 5 fault domains/],
    ['what is not imitated', { orchestrationMode: 'Flexible' }, /Uniform only/],
  ])('refuses %s', (_what, more, reason) => expect(azure.create(types.virtualMachineScaleSet, scaleSet('general', azure.subnetId, 1, more))).rejects.toThrow(reason));

  it('never loses a zone', async () => {
    const { id } = await azure.create(types.virtualMachineScaleSet, scaleSet('general', azure.subnetId, 1));
    await expect(azure.update(types.virtualMachineScaleSet, id, scaleSet('general', azure.subnetId, 1, { zones: ['1', '2'] }))).rejects.toThrow(/zones can be added only/);
  });
});

describe('azure disk', () => {
  it('grows, and never shrinks', async () => {
    const id = await disk('etcd');
    const given = { ...place, diskName: 'etcd', sku: { name: 'Premium_LRS' }, zones: ['1'], creationData: { createOption: 'Empty' } };
    await azure.update(types.disk, id, { ...given, diskSizeGB: 64 });
    await expect(azure.update(types.disk, id, { ...given, diskSizeGB: 32 })).rejects.toThrow(/Disk size reduction is not supported/);
  });

  it('needs a size, and no zone where it is in all', async () => {
    await expect(azure.create(types.disk, { ...place, diskName: 'x', creationData: { createOption: 'Empty' } })).rejects.toThrow(/needs diskSizeGB/);
    await expect(disk('x', { sku: { name: 'Premium_ZRS' } })).rejects.toThrow(/is in no zone/);
  });
});

describe('azure disk encryption set', () => {
  const properties = { tenantId: '7e4a4700-0000-4000-8000-000000000001', sku: { family: 'A', name: 'standard' }, enablePurgeProtection: true };
  const encryptionUser = '/subscriptions/5ab5c0de-0000-4000-8000-000000000001/providers/Microsoft.Authorization/roleDefinitions/e147488a-f6f5-4113-8e2d-b22465e65bf6';

  it('encrypts disks once its identity may use the key, and stays while they are there', async () => {
    const { id: vaultId } = await azure.create(types.vault, { ...place, vaultName: 'demo-cp', properties });
    const { id: keyId, outputs: key } = await azure.create(types.key, { resourceGroupName: place.resourceGroupName, vaultName: 'demo-cp', keyName: 'disks', properties: { kty: 'RSA', keySize: 3072 } });
    const set: PropertyMap = { ...place, diskEncryptionSetName: 'key', encryptionType: 'EncryptionAtRestWithCustomerKey', identity: { type: 'SystemAssigned' }, activeKey: { keyUrl: key['keyUriWithVersion'] ?? '', sourceVault: { id: vaultId } } };
    const { id, outputs } = await azure.create(types.diskEncryptionSet, set);
    const encryption = { type: 'EncryptionAtRestWithCustomerKey', diskEncryptionSetId: id };
    await expect(disk('etcd', { encryption })).rejects.toThrow(/Status=403 Code="KeyVaultAccessForbidden"/);
    const { principalId } = outputs['identity'] as { principalId: string };
    await azure.create(types.roleAssignment, { scope: keyId, principalId, principalType: 'ServicePrincipal', roleDefinitionId: encryptionUser, roleAssignmentName: '00000000-0000-4000-8000-000000000001' });
    await disk('etcd', { encryption, tags });
    await expect(azure.delete(types.diskEncryptionSet, id)).rejects.toThrow(/cannot be deleted since it is in use/);
  });

  it('needs a key of a vault with purge protection', async () => {
    const { enablePurgeProtection: _none, ...unprotected } = properties;
    const { id: vaultId } = await azure.create(types.vault, { ...place, vaultName: 'demo-cp', properties: unprotected });
    const { outputs: key } = await azure.create(types.key, { resourceGroupName: place.resourceGroupName, vaultName: 'demo-cp', keyName: 'disks', properties: { kty: 'RSA' } });
    const set = (keyUrl: string) => azure.create(types.diskEncryptionSet, { ...place, diskEncryptionSetName: 'key', identity: { type: 'SystemAssigned' }, activeKey: { keyUrl, sourceVault: { id: vaultId } } });
    await expect(set(typeof key['keyUriWithVersion'] === 'string' ? key['keyUriWithVersion'] : '')).rejects.toThrow(/purge protection/);
    await expect(set(`https://demo-cp.vault.azure.net/keys/none/${'0'.repeat(32)}`)).rejects.toThrow(/KeyVaultKeyNotFound/);
  });
});
