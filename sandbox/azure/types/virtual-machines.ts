import { randomBytes, randomUUID } from 'node:crypto';
import type { Item } from '../../inventory/item.js';
import type { PropertyMap } from '../../protocol/values.js';
import { length, oneOf, pattern, rule } from '../../provider/checks.js';
import { object, objects, select, text, texts } from '../../provider/properties.js';
import { sameValue } from '../../protocol/differences.js';
import { arm } from '../arm.js';
import { lookUp, type Cloud } from '../cloud.js';
import { AzureError } from '../errors.js';
import { groupId, groupOf, nameOf } from '../ids.js';
import { shownImage } from '../images.js';
import type { Request, ResourceType } from '../resource-type.js';
import { holderOf } from './disks.js';
import { requireWrapping } from './encryption.js';
import { identityShown, requireIdentities } from './identity.js';
import { profileChecks, shownOsProfile, vmSizeForm } from './machine-profile.js';
import { refers, usersOf } from './references.js';
import * as tokens from './tokens.js';

/** What Azure never changes of a machine that is there. https://learn.microsoft.com/rest/api/compute/virtual-machines/create-or-update */
const fixed = [
  'zones', 'osProfile.customData', 'osProfile.computerName', 'osProfile.adminUsername', 'osProfile.linuxConfiguration.ssh.publicKeys',
  'storageProfile.imageReference', 'storageProfile.osDisk.name', 'securityProfile.securityType', 'availabilitySet',
];

export const virtualMachine: ResourceType = arm({
  token: tokens.virtualMachine,
  path: 'Microsoft.Compute/virtualMachines/{vmName}',
  name: { least: 1, most: 64, form: /^[a-zA-Z0-9]([a-zA-Z0-9.-]*[a-zA-Z0-9])?$/, meaning: 'contain letters, digits, hyphens and periods, and begin and end with a letter or digit' },
  latency: { create: 45, update: 15, delete: 45 },
  replaces: ['location'],
  checks: [
    pattern('hardwareProfile.vmSize', vmSizeForm.form, vmSizeForm.meaning),
    length('zones', 0, 1),
    oneOf('zones[]', ['1', '2', '3']),
    length('osProfile.computerName', 1, 64),
    oneOf('networkProfile.networkInterfaces[].deleteOption', ['Delete', 'Detach']),
    ...profileChecks(''),
    rule(['networkProfile'], (inputs) => {
      const interfaces = objects(object(inputs, 'networkProfile'), 'networkInterfaces');
      if (interfaces.length === 0) return 'the sandbox imitates machines with networkInterfaces only';
      return interfaces.length > 1 && interfaces.filter(({ primary }) => primary === true).length !== 1 ? 'exactly one of several network interfaces is primary' : undefined;
    }),
    rule(['hardwareProfile'], (inputs) => (inputs['hardwareProfile'] === undefined ? 'a hardwareProfile with a vmSize is required' : undefined)),
  ],
  references: [
    refers('networkProfile.networkInterfaces[].id', tokens.networkInterface),
    refers('storageProfile.dataDisks[].managedDisk.id', tokens.disk),
    refers('storageProfile.osDisk.managedDisk.diskEncryptionSet.id', tokens.diskEncryptionSet),
    refers('storageProfile.dataDisks[].managedDisk.diskEncryptionSet.id', tokens.diskEncryptionSet),
  ],
  admit(request) {
    requireIdentities(request);
    requireUnchanged(request);
    requireInterfaces(request);
    requireDisks(request);
  },
  computed: (request, id) => ({ ...identityShown(request), ...shown(request, osDiskOf(request, id)), vmId: randomUUID(), timeCreated: request.cloud.clock.timestamp(), resources: [] }),
  recomputed: (request, existing) => ({ ...identityShown(request), ...shown(request, object(object(existing.outputs, 'storageProfile'), 'osDisk')) }),
  volatile: ['storageProfile'],
  afterCreate: makeOsDisk,
  afterDelete: takeAlong,
});

function requireUnchanged({ inputs, existing }: Request): void {
  if (existing === undefined) return;
  const changed = fixed.find((path) => !sameValue(select(existing.inputs, path)[0]?.value, select(inputs, path)[0]?.value));
  if (changed !== undefined) throw new AzureError('PropertyChangeNotAllowed', `Changing property '${changed}' is not allowed.`, 409);
}

function requireInterfaces({ inputs, cloud, existing }: Request): void {
  for (const nic of objects(object(inputs, 'networkProfile'), 'networkInterfaces').flatMap((one) => text(one, 'id') ?? [])) {
    const user = usersOf(nic, cloud, tokens.virtualMachine, 'networkProfile.networkInterfaces[].id').find(({ id }) => id !== existing?.id);
    if (user !== undefined) throw new AzureError('NicInUse', `Network Interface ${nic} is used by existing resource ${user.id}.`);
  }
}

function requireDisks({ inputs, cloud, existing }: Request): void {
  const storage = object(inputs, 'storageProfile');
  requireWrapping(cloud, text(object(object(object(storage, 'osDisk'), 'managedDisk'), 'diskEncryptionSet'), 'id'));
  const name = text(object(storage, 'osDisk'), 'name');
  if (existing === undefined && name !== undefined && lookUp(cloud, tokens.disk, diskId(text(inputs, 'resourceGroupName') ?? '', name)) !== undefined) {
    throw new AzureError('ConflictingUserInput', `Disk ${name} already exists in resource group ${text(inputs, 'resourceGroupName') ?? ''}. Only CreateOption.Attach is supported.`, 409);
  }
  for (const given of objects(storage, 'dataDisks')) {
    const item = lookUp(cloud, tokens.disk, text(object(given, 'managedDisk'), 'id') ?? '');
    if (item === undefined) continue;
    const holder = holderOf(cloud, item.id);
    if (holder !== undefined && holder.id !== existing?.id) {
      throw new AzureError('ConflictingUserInput', `Disk '${nameOf(item.id)}' cannot be attached as the disk is already owned by VM '${holder.id}'.`, 409);
    }
    const [zone, diskZone] = [texts(inputs, 'zones')[0], texts(item.outputs, 'zones')[0]];
    if (zone !== diskZone) throw new AzureError('BadRequest', `Disk ${item.id} cannot be attached to the VM because it is not in zone '${zone ?? 'none'}'.`);
  }
}

function diskId(group: string, name: string): string {
  return `${groupId(group)}/providers/Microsoft.Compute/disks/${name}`;
}

/** The OS disk that Azure makes with the machine. */
function osDiskOf({ inputs }: Request, id: string): PropertyMap {
  const given = object(object(inputs, 'storageProfile'), 'osDisk');
  const name = text(given, 'name') ?? `${nameOf(id)}_OsDisk_1_${randomBytes(16).toString('hex')}`;
  return { deleteOption: 'Detach', osType: 'Linux', ...given, name, managedDisk: { ...object(given, 'managedDisk'), id: diskId(groupOf(id) ?? '', name) } };
}

function shown({ inputs, cloud, existing }: Request, before: PropertyMap): PropertyMap {
  const storage = object(inputs, 'storageProfile');
  const given = object(storage, 'osDisk');
  const dataDisks: PropertyMap[] = objects(storage, 'dataDisks').map((one) => {
    const item = lookUp(cloud, tokens.disk, text(object(one, 'managedDisk'), 'id') ?? '');
    return { deleteOption: 'Detach', ...one, ...(item === undefined ? {} : { name: nameOf(item.id), diskSizeGB: item.outputs['diskSizeGB'] ?? 0 }) };
  });
  const osDisk: PropertyMap = { ...before, ...given, name: before['name'] ?? '', managedDisk: { ...object(before, 'managedDisk'), ...object(given, 'managedDisk') } };
  return { osProfile: shownOsProfile(object(inputs, 'osProfile')), storageProfile: { ...storage, ...(storage['imageReference'] === undefined ? {} : { imageReference: shownImage(object(storage, 'imageReference'), cloud.ubuntu, object(object(existing?.outputs ?? {}, 'storageProfile'), 'imageReference')) }), osDisk, dataDisks } };
}

function makeOsDisk(machine: Item, cloud: Cloud): void {
  const osDisk = object(object(machine.outputs, 'storageProfile'), 'osDisk');
  const managed = object(osDisk, 'managedDisk');
  const set = text(object(managed, 'diskEncryptionSet'), 'id');
  cloud.inventory.create({
    ...machine,
    type: tokens.disk,
    id: text(managed, 'id') ?? '',
    inputs: {},
    outputs: {
      name: text(osDisk, 'name') ?? '',
      type: 'Microsoft.Compute/disks',
      location: machine.region ?? '',
      zones: texts(machine.outputs, 'zones'),
      tags: object(machine.outputs, 'tags'),
      sku: { name: text(managed, 'storageAccountType') ?? 'Standard_LRS' },
      osType: 'Linux',
      hyperVGeneration: 'V2',
      creationData: { createOption: 'FromImage' },
      diskSizeGB: osDisk['diskSizeGB'] ?? 30,
      diskState: 'Attached',
      managedBy: machine.id,
      provisioningState: 'Succeeded',
      timeCreated: cloud.clock.timestamp(),
      uniqueId: randomUUID(),
      ...(set === undefined ? {} : { encryption: { type: 'EncryptionAtRestWithCustomerKey', diskEncryptionSetId: set } }),
    },
  });
}

/** What goes with a machine: interfaces and disks whose deleteOption says so. */
function takeAlong(machine: Item, cloud: Cloud): void {
  const storage = object(machine.outputs, 'storageProfile');
  const going = (part: PropertyMap): boolean => part['deleteOption'] === 'Delete';
  const interfaces = objects(object(machine.outputs, 'networkProfile'), 'networkInterfaces').filter(going).map((one) => ({ type: tokens.networkInterface, id: text(one, 'id') ?? '' }));
  const disks = [object(storage, 'osDisk'), ...objects(storage, 'dataDisks')].filter(going).map((one) => ({ type: tokens.disk, id: text(object(one, 'managedDisk'), 'id') ?? '' }));
  for (const { type, id } of [...interfaces, ...disks]) {
    const item = lookUp(cloud, type, id);
    if (item !== undefined) cloud.inventory.delete(item);
  }
}
